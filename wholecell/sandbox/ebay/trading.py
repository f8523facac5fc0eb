"""The Trading API: POST /ws/api.dll. Its answers have status 200 whatever happened; Ack says what did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from werkzeug.wrappers import Request, Response

from ..faults import Via
from ..paging import Page, page_of
from ..shop import Shop
from ..wire import via_of
from . import access
from .account import EbayAccount
from .limits import BURST
from .trading_errors import TradingError
from .trading_xml import document, node, read, text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

T = TypeVar("T")
NAME, SITE, LEVEL, TOKEN = (
    "X-EBAY-API-CALL-NAME",
    "X-EBAY-API-SITEID",
    "X-EBAY-API-COMPATIBILITY-LEVEL",
    "X-EBAY-API-IAF-TOKEN",
)
SITES = ("0", "2", "3", "15", "71", "77", "101", "186")
VERSION = "1423"


@dataclass
class Trade:
    """One call that may pass. A handler adds `errors` and answers the nodes of its result."""

    shop: Shop
    account: EbayAccount
    via: Via
    body: Element
    site: str
    errors: list[TradingError] = field(default_factory=list)
    is_partial: bool = False

    @property
    def now(self) -> datetime:
        """The shop's time."""
        return self.shop.clock()

    def setting(self, name: str) -> Any:
        """How the account is set."""
        return self.account.settings[name]

    def page(self, rows: Sequence[T], number: int, size: int) -> Page[T]:
        """A numbered page of the rows, through the faults that strike lists."""
        return page_of(self.shop, self.account, self.via, rows, number, size)

    def number(self, path: str, usual: int, most: int) -> int:
        """A whole number from 1. Raises TradingError for anything else."""
        found = text(self.body, path)
        if not found:
            return usual
        if not (found.isascii() and found.isdecimal() and len(found) < 10) or not 1 <= int(found) <= most:
            raise TradingError("37", f"{path} must be a number from 1 to {most}.", (("0", path),))
        return int(found)

    @property
    def ack(self) -> str:
        """PartialFailure where something was done in spite of errors."""
        if any(not error.is_warning for error in self.errors):
            return "PartialFailure" if self.is_partial else "Failure"
        return "Warning" if self.errors else "Success"


Handler = Callable[[Trade], "list[Element]"]


def name_of(request: Request) -> str:
    """The call, for the log and the faults; blank for a REST call."""
    return request.headers.get(NAME, "") if request.path == "/ws/api.dll" else ""


def serve(shop: Shop, account: EbayAccount, request: Request, calls: dict[str, Handler]) -> Response:
    """Answer one call."""
    name, sent = name_of(request), None
    try:
        sent = _body(request, name, calls)
        _admit(account, request, name)
        own = via_of(request)
        trade = Trade(shop, account, Via(own.method, f"{own.path}/{name}"), sent, request.headers[SITE])
        if forced := trade.setting("call_errors").get(name):
            raise TradingError(str(forced))
        nodes = calls[name](trade)
        ack, errors = trade.ack, trade.errors
    except TradingError as error:
        ack, errors, nodes = "Failure", [error], []
    echo = text(sent, "MessageID")
    head = [
        node("Timestamp", shop.clock()),
        node("Ack", ack),
        *([node("CorrelationID", echo)] if echo else []),
        *(error.node() for error in errors),
        node("Version", VERSION),
        node("Build", "SANDBOX_BUILD"),
    ]
    return Response(document(f"{name or 'Error'}Response", [*head, *nodes]), 200, mimetype="text/xml")


def _body(request: Request, name: str, calls: dict[str, Handler]) -> Element:
    if name not in calls:
        raise TradingError("2", f"There is no call {name!r} here.")
    level = request.headers.get(LEVEL, "")
    if request.headers.get(SITE) not in SITES or not level.isdecimal():
        wrong = LEVEL if request.headers.get(SITE) in SITES else SITE
        raise TradingError("10012", f'Invalid value for header "{wrong}".', (("0", wrong),))
    try:
        sent = read(request.get_data())
    except ValueError as problem:
        raise TradingError("5", str(problem)) from None
    if sent.tag != f"{name}Request":
        raise TradingError("5", f"The document must be a {name}Request.")
    return sent


def _admit(account: EbayAccount, request: Request, name: str) -> None:
    """Raises TradingError unless a seller's token is good and calls are left."""
    given = request.headers.get(TOKEN, "")
    if not given:
        raise TradingError("931")
    found, is_old = access.find(account, given)
    if is_old:
        raise TradingError("21917053", "IAF token supplied is expired.")
    if found is None or not found.refresh:
        raise TradingError("21916984", "IAF token supplied is invalid.")
    now, burst = account.clock(), account.limits.get(name)
    if burst is not None and not burst.spend(now):
        words = f"You have exceeded your maximum call limit of {burst.most} for {BURST:.0f} seconds."
        raise TradingError("21919144", f"{words} Try again after {BURST:.0f} seconds.")
    if not account.limits["trading"].spend(now):
        raise TradingError("518", "Your application has exceeded its daily call limit.")
