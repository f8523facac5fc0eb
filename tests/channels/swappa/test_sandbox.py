"""The connector against the pretend Swappa, each call of both held against the proposal."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.swappa_proposal import checked_sandbox
from wholecell.channels.contract import (
    CredentialsError,
    ListingState,
    OrderWindow,
    Outcome,
    QuantityChange,
    RejectedError,
    RemoteShipment,
    RemoteUnit,
    TemporaryError,
)
from wholecell.channels.own_state import OwnState
from wholecell.channels.swappa import CHANNEL
from wholecell.channels.swappa.access import REFRESH

FIXED = {"mode": "rest", "way": "token", "token": "sandbox-swappa-token"}
APP = {"client_id": "sandbox-swappa-client", "client_secret": "sandbox-swappa-secret"}
BACK, IMEI = "https://shop.example/back", "352099001761481"


class World:
    """The sandbox with its shop, and connectors to it."""

    def __init__(self, sandbox):
        self.shop, self.base = sandbox.shop, sandbox.base_url("swappa")
        self.account = self.shop.account("swappa")
        self.urls = {"authorize_url": f"{self.base}/oauth/authorize", "token_url": f"{self.base}/oauth/token"}
        self.link = self.connect(FIXED)

    def connect(self, login, state=None):
        return CHANNEL.connect({**login, **self.urls}, self.base, state or OwnState())

    def seed(self, *skus, **fields):
        row = {"title": "iPhone 13", "price": "289.00", "currency": "USD", "quantity": 5} | fields
        return self.shop.seed("swappa", [row | {"sku": sku} for sku in skus])

    def sell(self, sku, **options):
        return self.shop.sell("swappa", sku=sku, **options)

    def sign_in(self):
        """Through the page, as a person does; gives the login that comes of it."""
        login = {"mode": "rest", **APP, **self.urls}
        page = CHANNEL.sign_in.page(login, "state&1", BACK, self.base)
        asked = dict(parse_qs(urlsplit(page).query).items())
        done = requests.post(page.partition("?")[0], data=asked | {"answer": "Authorize"}, allow_redirects=False)
        back = parse_qs(urlsplit(done.headers["Location"]).query)
        assert back["state"] == ["state&1"]
        return login | CHANNEL.sign_in.redeem(login, back["code"][0], BACK, self.base)

    def orders(self, **window):
        return [order for page in self.link.orders(OrderWindow(**window)) for order in page.orders]

    def shipment(self, order, *esns, number="1Z1"):
        (line,) = next(each for each in self.orders() if each.external_id == str(order.id)).lines
        units = [RemoteUnit(line.external_id, esn) for esn in esns]
        placed = datetime.now(UTC)
        return RemoteShipment(
            str(order.id), "UPS", "", number, "", placed, {line.external_id: line.ordered}, units, number=1
        )


@pytest.fixture(scope="module")
def running():
    with checked_sandbox() as running:
        yield running


@pytest.fixture
def world(running):
    """Fails the test at its end when a call of ours departed from the proposal, or an answer did."""
    sandbox, checker = running
    sandbox.shop.reset(empty=True)
    yield World(sandbox)
    complaints, checker.complaints = checker.complaints, []
    assert complaints == []


def test_listings_and_readings_over_pages(world):
    world.account.limits["requests"].most = None
    world.seed(*(f"SKU-{number}" for number in range(205)))
    pages = list(world.link.listings(online_only=True))
    assert [len(page.listings) for page in pages] == [100, 100, 5]
    first, last = pages[0].listings[0].external_id, pages[2].listings[4].external_id
    world.shop.change("swappa", first, status="removed")
    found = {each.external_id: (each.quantity, each.state) for each in world.link.quantities([last, first, "L0"])}
    assert found == {
        last: (5, ListingState.ACTIVE),
        first: (None, ListingState.ENDED),
        "L0": (None, ListingState.ENDED),
    }


def test_quantities_go_out_and_what_is_kept_counts_as_a_reading(world):
    (listing, gone) = world.seed("A", "B")
    world.sell("A", quantity=2, state="pending")
    world.shop.change("swappa", gone.id, status="removed")

    def push(code, quantity):
        (result,) = world.link.push_quantities([QuantityChange(code, "", quantity, is_fall=True)])
        return result

    assert (push(listing.id, 4).outcome, push(listing.id, 4).stored) == (Outcome.ACCEPTED, 4)
    kept = push(listing.id, 1)
    assert (kept.outcome, kept.stored, listing.quantity) == (Outcome.ACCEPTED, 4, 4)
    assert "wait for their payment" in kept.answer
    refused = push(gone.id, 1)
    assert (refused.outcome, refused.gone, bool(refused.advice)) == (Outcome.REJECTED, True, True)
    world.shop.faults.add("cut_after", method="PATCH")
    with pytest.raises(TemporaryError) as cut:
        push(listing.id, 3)
    assert cut.value.maybe_applied


def test_orders_of_each_window(world):
    world.seed("A", quantity=9)
    shipped, paid, pending, odd = (world.sell("A", state=state) for state in ("paid", "paid", "pending", "paid"))
    world.link.confirm_shipment(world.shipment(shipped, IMEI))
    world.shop.happen("swappa", odd.id, "word", word="in dispute")
    assert {(each.external_id, each.status) for each in world.orders(is_open_only=True)} == {
        (str(paid.id), "paid"),
        (str(pending.id), "pending"),
        (str(odd.id), "in dispute"),
    }
    later = datetime.now(UTC) + timedelta(hours=1)
    assert world.orders(changed_since=later) == []
    paid.changed = later
    assert [each.external_id for each in world.orders(changed_since=later - timedelta(minutes=1))] == [str(paid.id)]
    assert world.orders(placed_since=later - timedelta(minutes=1)) == []
    wanted = [str(pending.id), "1"]
    assert [each.external_id for page in world.link.orders_by_id(wanted) for each in page.orders] == wanted[:1]


def test_imeis_go_with_a_shipment_and_repeating_it_changes_nothing(world):
    world.seed("A")
    order = world.sell("A", quantity=2)
    shipment = world.shipment(order, IMEI, "SERIAL9")
    result = world.link.confirm_shipment(shipment)
    assert (result.was_there, list(result.taken_units), list(result.refused_units)) == (False, [IMEI], ["SERIAL9"])
    assert world.link.confirm_shipment(shipment).was_there
    assert [told["items"][0]["imeis"] for told in order.shipments.values()] == [[IMEI]]


def test_a_number_that_is_refused_does_not_hold_the_shipment(world):
    world.seed("A")
    order = world.sell("A")
    result = world.link.confirm_shipment(world.shipment(order, "352099001761482"))
    assert list(result.refused_units) == ["352099001761482"]
    assert order.status == "shipped"


def test_shipments_that_cannot_be_told(world):
    world.seed("A")
    order = world.sell("A", state="pending")
    for shipment, said in (
        (world.shipment(order, IMEI), "The order is pending"),
        (world.shipment(order, number=""), "tracking number"),
    ):
        with pytest.raises(RejectedError, match=said) as refused:
            world.link.confirm_shipment(shipment)
        assert refused.value.advice
    lost = RemoteShipment(str(order.id), "UPS", "", "1Z1", "", datetime.now(UTC), {"7": 1}, [])
    with pytest.raises(RejectedError, match="which Swappa listing"):
        world.link.confirm_shipment(lost)


def test_signing_in_once_keeps_it_open(world):
    login, state = world.sign_in(), OwnState()
    world.account.settings["renews"] = 1
    link = world.connect(login, state)
    assert all(sentence.endswith(".") for sentence in link.check())
    assert state.recall(REFRESH) == "", "signing in gave an access token, too"
    world.account.access.clear()
    link.check()
    renewed = state.recall(REFRESH)
    assert renewed not in {"", login["refresh_token"]}
    world.account.access.clear()  # 401: it is renewed with the new refresh token, for the old one is used up
    link.check()
    assert state.recall(REFRESH) not in {"", renewed}
    world.shop.set_tokens("swappa", [])
    with pytest.raises(CredentialsError) as ended:
        link.check()
    assert ended.value.advice == "Sign in on Swappa's pages again."


def test_without_the_renewed_refresh_token_the_sign_in_would_be_lost(world):
    login = {**world.sign_in(), "access_token": ""}
    world.account.settings["renews"] = 1
    world.connect(login).check()
    with pytest.raises(CredentialsError):
        world.connect(login).check()  # another state, which remembers nothing


def test_a_code_is_good_once(world):
    login = {"mode": "rest", **APP, **world.urls}
    with pytest.raises(CredentialsError, match="sign-in"):
        CHANNEL.sign_in.redeem(login, "guessed", BACK, world.base)
    with pytest.raises(CredentialsError, match="client id"):
        CHANNEL.sign_in.redeem(login | {"client_secret": "x"}, "guessed", BACK, world.base)


def test_a_limit_that_names_no_wait_is_a_minute(world):
    world.account.limits["requests"].most = 0
    for seconds, waits in ((7, 7), (0, 60)):
        world.account.settings["retry_after"] = seconds
        with pytest.raises(TemporaryError) as slowed:
            world.link.check()
        assert slowed.value.retry_after == waits
