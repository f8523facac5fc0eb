"""The marketplaces of a torture, one login each: how each is set up, and what its orders say in its own terms."""

from collections.abc import Callable
from dataclasses import dataclass, field

from wholecell.sandbox.ebay.account import CERT_ID, CLIENT_ID, REFRESH_TOKEN, RU_NAME, USER_ID
from wholecell.sandbox.walmart.states import Status

CANCELLED, REFUNDED = 4, 5  # states of a Back Market line


@dataclass(frozen=True, eq=False)
class Stall:
    """One login. `settings` are the sandbox's, `unwanted` tells the units of a line that nobody wants any more."""

    name: str
    kind: str
    login: dict
    row: dict
    settings: dict
    unwanted: Callable
    order_id: Callable = lambda order: str(order.id)
    app: dict = field(default_factory=dict)  # the keys of the seller's own app

    @property
    def platform(self):
        return self.login["platform"]


def _backmarket(platform, market, currency):
    login = {"token": "sandbox-backmarket-token", "platform": platform, "market": market}
    return Stall(
        f"Back Market {platform}",
        "backmarket",
        login | {"company": "Torture", "email": "it@example.com"},
        {"grade": "GOOD", "currency": currency},
        {"platform": platform},
        lambda order, line: line.quantity if line.state in (CANCELLED, REFUNDED) else 0,
    )


AMAZON = Stall(
    "Amazon",
    "amazon",
    {
        "platform": "na",
        "marketplace": "ATVPDKIKX0DER",
        "client_id": "sandbox-amazon-client",
        "client_secret": "sandbox-amazon-secret",
        "refresh_token": "sandbox-amazon-refresh",
        "seller_id": "A1SANDBOXSELLER",
    },
    {"currency": "USD"},
    {"order_lag_seconds": 0.0, "report_seconds": 0.0, "feed_seconds": 1.0},
    lambda order, line: line.quantity if line.cancelled_by else 0,
    lambda order: order.number,
)
WALMART = Stall(
    "Walmart",
    "walmart",
    {"platform": "us", "client_id": "sandbox-walmart-client", "client_secret": "sandbox-walmart-secret"},
    {"currency": "USD"},
    {"holds_back": 0, "feed_seconds": 1.0},
    lambda order, line: line.units(Status.CANCELLED),
)
EBAY = Stall(
    "eBay",
    "ebay",
    {
        "platform": "production",
        "site": "us",
        "refresh_token": REFRESH_TOKEN,
        "user_id": USER_ID,
    },
    {"currency": "USD"},
    {},
    lambda order, line: line.quantity if order.cancel_state == "CANCELED" or order.refunded(line.id) else 0,
    lambda order: order.number,
    {"client_id": CLIENT_ID, "client_secret": CERT_ID, "ru_name": RU_NAME},
)
STALLS = (_backmarket("na", "en-us", "USD"), _backmarket("eu", "fr-fr", "EUR"), AMAZON, WALMART, EBAY)


def hosts_by_kind(hosts):
    """Kind -> platform -> address, from stall -> address."""
    found = {}
    for stall, address in hosts.items():
        found.setdefault(stall.kind, {})[stall.platform] = address
    return found
