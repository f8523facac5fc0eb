"""eBay: one seller's login."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wholecell.channels.contract import ChannelError, CredentialsError, SharedState
from wholecell.channels.ebay import budget, sign_in
from wholecell.channels.ebay.limits import SINGLE_LISTINGS
from wholecell.channels.ebay.listing_reading import ReadsListings
from wholecell.channels.ebay.order_reading import ReadsOrders
from wholecell.channels.ebay.pushing import SendsQuantities
from wholecell.channels.ebay.shipping import TellsOfShipments
from wholecell.channels.ebay.trading import Access
from wholecell.channels.ebay.trading_xml import inner
from wholecell.channels.ebay.values import block, money
from wholecell.channels.values import whole

NOT_REGISTERED = "This eBay account is not registered as a seller's yet."
REGISTER = "Finish the registration on eBay, then try again."
NO_CONTROL = (
    "Out-of-stock control is off in this eBay account: a listing at 0 is refused, and a variation at 0 is removed."
    " Turn it on in eBay under Site Preferences, Multi-quantity listings."
)


class Ebay(ReadsListings, ReadsOrders, SendsQuantities, TellsOfShipments):
    """One seller's login."""

    def __init__(self, settings: Mapping[str, str], base_url: str, state: SharedState) -> None:
        """`settings` are the values of the app and of the login."""
        self._access = Access(settings, base_url, state)

    def check(self) -> Sequence[str]:
        """Prove that the login works and is of the seller it was of. Raises CredentialsError or TemporaryError."""
        access = self._access
        response = access.call("GET", "/sell/account/v1/privilege")
        if access.found(response, "sellerRegistrationCompleted") is not True:
            raise CredentialsError(NOT_REGISTERED, advice=REGISTER)
        user = sign_in.user_of(access.identity(sign_in.USER_PATH))
        sign_in.check_same(access.settings, user)
        budget.learn(access)
        told = (*_account(access.settings, user), *_limit(response.json), *self._control())
        return tuple(told)

    def _control(self) -> Sequence[str]:
        """What to know of out-of-stock control; nothing where eBay does not say, which is no fault of the login."""
        try:
            asked = [("ShowOutOfStockControlPreference", "true")]
            answer = self._access.trading("GetUserPreferences", [*asked], SINGLE_LISTINGS)
        except CredentialsError:
            raise
        except ChannelError:
            return ()
        return (NO_CONTROL,) if inner(answer.root, "OutOfStockControlPreference") == "false" else ()


def _account(settings: Mapping[str, str], user: Mapping[str, str]) -> Sequence[str]:
    before, now = settings.get("user_name", ""), user["user_name"]
    if before and now and before != now:
        return (f"eBay now knows this account as {now}; it was {before}.",)
    return (f"The account at eBay is {now}.",) if now else ()


def _limit(privilege: object) -> Sequence[str]:
    limit = block(privilege, "sellingLimit") if isinstance(privilege, dict) else {}
    amount, units = block(limit, "amount"), whole(limit.get("quantity"))
    cents, currency = money(amount)
    worth = "" if cents is None else f"{cents / 100:,.2f} {currency}".strip()
    if units is None and not worth:
        return ()
    parts = ([f"{units:,} units"] if units is not None else []) + ([worth] if worth else [])
    return (f"eBay's selling limit of this account is {' and '.join(parts)} a month.",)
