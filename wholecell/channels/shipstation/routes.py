"""Where ShipStation calls us as a Custom Store: one address, told apart by `action`.

See custom-store in ShipStation's "Custom Store development guide" and this folder's README.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

import structlog
from flask import Blueprint, Response, current_app, request, url_for

from wholecell.channels.shipstation import checks, custom_values, export, hooks, notice
from wholecell.db import db, utcnow
from wholecell.models import ShippingSettings
from wholecell.services import incoming_shipments, order_exports, shipment_notices, shipping_login
from wholecell.services.incoming_shipments import Outcome
from wholecell.services.throttle import Attempt, seconds_until
from wholecell.services.vault import Vault

KIND = "shipstation"
PUBLIC = ("custom_store", "shipped")
ADDRESSES = (
    (
        "Address of the Custom Store",
        "custom_store",
        "Enter it in ShipStation under Settings, Selling Channels, Store Setup, Connect a Store, Custom Store. It must"
        " be reached from the internet by https.",
    ),
)
# Without dates, as somebody may try the address in a browser.
FIRST_SPAN = timedelta(days=1)
MOST_PAGES = 30_000
TRIAL = "wholecell.trial"
SECRETS = ("SS-UserName", "SS-Password")
SECRETS_FOLDED = {name.casefold() for name in SECRETS}
ANSWERS = {Outcome.UNKNOWN: 404, Outcome.REFUSED: 422, Outcome.LATER: 503}
bp = Blueprint(KIND, __name__, url_prefix=f"/channels/{KIND}")
log = structlog.get_logger(__name__)


@bp.route("/custom-store", methods=["GET", "POST"])
def custom_store() -> Response:
    """Give orders, take ship notices. 401 for wrong credentials, 400 for what is not understood."""
    given = _credentials()
    _forget_credentials()
    integration_id = shipping_login.let_in(KIND, *given, Vault(current_app.extensions["wholecell"].credentials_keys))
    if integration_id is None:
        return _refuse(given[0])
    if not _is_trial():
        shipping_login.note_call(integration_id)
    action = (request.method, request.args.get("action", "").lower())
    if action == ("GET", "export"):
        return _export(integration_id)
    if action == ("POST", "shipnotify"):
        return _notice(integration_id)
    return _says("This address knows GET with action=export and POST with action=shipnotify.", 400)


@bp.post("/shipped/<secret>")
def shipped(secret: str) -> Response:
    """Look for shipments soon: ShipStation says that there are new ones. What its hint names is never called."""
    if not hooks.is_of_shipments(request.get_data()):
        return _says("This is no notice of shipments.", 400)
    if not shipment_notices.hint(KIND, secret):
        return _says("There is nothing at this address.", 404)
    return _says("Thank you.", 200)


def _is_trial() -> bool:
    """Whether we call ourselves: no call from outside can carry this, for headers come in under other names."""
    return request.environ.get(TRIAL) is True


def _credentials() -> tuple[str, str]:
    """What the caller says of itself: Basic authentication, else two parameters, as ShipStation has sent them too."""
    basic = request.authorization
    if basic is not None and basic.type == "basic":
        return basic.username or "", basic.password or ""
    name, password = (request.args.get(each, "") for each in SECRETS)
    return name, password


def _forget_credentials() -> None:
    """Take a password in the address away, so that nothing that writes addresses down afterwards sees it."""
    pairs = parse_qsl(request.environ.get("QUERY_STRING", ""), keep_blank_values=True)
    kept = [pair for pair in pairs if pair[0].casefold() not in SECRETS_FOLDED]
    if len(kept) < len(pairs):
        request.environ["QUERY_STRING"] = urlencode(kept)
        for name in ("REQUEST_URI", "RAW_URI"):
            request.environ.pop(name, None)


def _refuse(user_name: str) -> Response:
    """Right credentials always get in, so that a stranger who guesses cannot shut the seller's store out."""
    attempt = Attempt("custom store", user_name, request.remote_addr or "")
    if (again := attempt.again_at()) is not None:
        answer = _says("That was tried too often with wrong credentials.", 429)
        answer.headers["Retry-After"] = str(seconds_until(again))
        return answer
    if not _is_trial():
        attempt.failed()
        log.warning("custom store called with wrong credentials")
    answer = _says("The user name or the password is wrong.", 401)
    answer.headers["WWW-Authenticate"] = 'Basic realm="WholeCell"'
    return answer


def _export(integration_id: int) -> Response:
    now = utcnow()
    asked = [request.args.get(name, "").strip() for name in ("start_date", "end_date")]
    since, until = (custom_values.read_time(each) for each in asked)
    if any(text and at is None for text, at in zip(asked, (since, until), strict=True)):
        return _says("Dates are written MM/dd/yyyy HH:mm, in UTC.", 400)
    page = request.args.get("page", "1").strip()
    if not (page.isascii() and page.isdigit() and len(page) < 6 and 0 < int(page) <= MOST_PAGES):
        return _says("The page is a whole number from 1.", 400)
    until = until or now.replace(second=0, microsecond=0)
    give = order_exports.look if _is_trial() else order_exports.page
    found = give(integration_id, since or until - FIRST_SPAN, until, int(page), now)
    return Response(export.orders_xml(found.orders, found.pages), 200, content_type="application/xml; charset=utf-8")


def _notice(integration_id: int) -> Response:
    try:
        came = notice.read(request.get_data(parse_form_data=False), request.args)
    except notice.NoticeError as error:
        return _says(str(error), 400)
    take = incoming_shipments.would_take if _is_trial() else incoming_shipments.take
    taken = take(integration_id, came)
    if taken.is_stored:
        return _says("Stored.", 200)
    return _says(taken.words, ANSWERS.get(taken.outcome, 422))


@dataclass(frozen=True, slots=True)
class Trial:
    """One thing that was tried, and how it went; `words` say what to do where it went wrong."""

    title: str
    is_good: bool
    words: str = ""


def try_out(integration_id: int, user_name: str, password: str) -> list[Trial]:
    """Call ourselves as ShipStation would, from the address on; nothing is told, stored or changed."""
    address, settings = url_for(f"{KIND}.custom_store"), current_app.extensions["wholecell"]
    client = current_app.test_client(use_cookies=False)
    wrong, right = ((user_name, each) for each in (f"not {password}", password))

    def call(way: str, auth: tuple[str, str], query: dict[str, str], body: bytes = b"") -> Any:
        options: dict[str, Any] = {"method": way, "query_string": query, "auth": auth, "data": body}
        return client.open(address, base_url=settings.public_url, environ_overrides={TRIAL: True}, **options)

    answer = call("GET", right, {"action": "export", "page": "1"})
    wrong_there = checks.problems(answer.data) if answer.status_code == 200 else [f"It answered {answer.status_code}."]
    bomb = b'<!DOCTYPE a [<!ENTITY b "c">]><ShipNotice><OrderNumber>&b;</OrderNumber></ShipNotice>'
    return [
        _reached(settings.public_url),
        Trial("A wrong password is refused", call("GET", wrong, {"action": "export"}).status_code in (401, 429)),
        Trial("Another action is refused", call("GET", right, {"action": "delete"}).status_code == 400),
        Trial("Orders are given as ShipStation reads them", not wrong_there, " ".join(wrong_there[:3])),
        *_next(integration_id, lambda body: call("POST", right, {"action": "shipnotify"}, body)),
        Trial("A harmful notice is refused", call("POST", right, {"action": "shipnotify"}, bomb).status_code == 400),
    ]


def _reached(public_url: str) -> Trial:
    is_good = public_url.startswith("https://")
    words = f"WHOLECELL_PUBLIC_URL is {public_url}. ShipStation calls from the internet, and wants https."
    return Trial("The address can be one that ShipStation reaches", is_good, "" if is_good else words)


def _next(integration_id: int, tell: Callable[[bytes], Any]) -> list[Trial]:
    """The orders that go next, as they would be written, and a notice that would come for the newest of them."""
    session = db.session()
    orders = order_exports.next_orders(session, session.get_one(ShippingSettings, integration_id))
    db.session.commit()
    if not orders:
        return [Trial("No order waits to go now", True)]
    wrong = checks.problems(export.orders_xml(orders, 1))
    going = "1 order goes next, written as ShipStation reads it"
    if len(orders) > 1:
        going = f"{len(orders)} orders go next, written as ShipStation reads them"
    number, reference = orders[0].number, orders[0].reference
    answer = tell(
        f"<ShipNotice><OrderID>{reference}</OrderID><TrackingNumber>TEST</TrackingNumber></ShipNotice>".encode()
    )
    is_stored = answer.status_code == 200
    return [
        Trial(going, not wrong, " ".join(wrong[:3])),
        Trial(f"A notice for order {number} would be stored", is_stored, "" if is_stored else answer.text.strip()),
    ]


def _says(text: str, status: int) -> Response:
    return Response(f"{text}\n", status, mimetype="text/plain")
