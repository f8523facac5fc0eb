"""Both sides over a real socket, each call checked against Amazon's own documents."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.channels.amazon.adapter import a_shipment, problem_of
from tests.oas import needs_spec, specs_folder, validating
from wholecell.channels.amazon import CHANNEL, order_reading, pushing
from wholecell.channels.contract import (
    CredentialsError,
    ListingState,
    OrderWindow,
    Outcome,
    QuantityChange,
    RejectedError,
    WaitingError,
)
from wholecell.channels.own_state import OwnState
from wholecell.sandbox import Sandbox

pytestmark = needs_spec("amazon/openapi3")

LOGIN = {
    "marketplace": "ATVPDKIKX0DER",
    "platform": "na",
    "seller_id": "A1SANDBOXSELLER",
    "client_id": "sandbox-amazon-client",
    "client_secret": "sandbox-amazon-secret",
    "refresh_token": "sandbox-amazon-refresh",
    "secret_made_on": "",
}
ODD = 'A/1 #2+3%25"€,'


@pytest.fixture
def sandbox():
    """A sandbox whose every call is checked; a complaint fails the test at its end."""
    checkers = []

    def wrap(app):
        checkers.append(validating(app, specs_folder() / "amazon" / "openapi3", "/amazon"))
        return checkers[0]

    with Sandbox(wrap=wrap) as running:
        account = running.shop.account("amazon")
        for limit in account.limits.values():
            limit.most = None
        account.settings |= {"report_seconds": 0.0, "feed_seconds": 0.0, "order_lag_seconds": 0.0}
        rows = [
            {"sku": f"S{i}", "title": f'P{i} 6.1"', "price": "99.90", "currency": "USD", "quantity": 2}
            for i in range(60)
        ]
        running.shop.seed(
            "amazon", [*rows, {**rows[0], "sku": ODD}, {**rows[0], "sku": "FBA", "fulfillment": "AMAZON"}]
        )
        yield running
    assert checkers[0].complaints == []


@pytest.fixture
def shop(sandbox):
    return sandbox.shop


@pytest.fixture
def connect(sandbox):
    return lambda state=None, **login: CHANNEL.connect(LOGIN | login, sandbox.base_url("amazon"), state or OwnState())


def listings_of(pages):
    return {listing.sku: listing for page in pages for listing in page.listings}


def rise(sku, quantity):
    return QuantityChange(sku, sku, quantity, is_fall=False)


def push(connector, *changes):
    return list(connector.push_quantities(changes))


class TestLogin:
    def test_it_works(self, connect):
        connect().check()

    def test_a_seller_id_of_another(self, connect):
        assert "seller id" in problem_of(connect(seller_id="A9NOTTHESELLER").check, CredentialsError).advice

    def test_a_marketplace_it_does_not_sell_on(self, connect, shop):
        shop.account("amazon").settings["participating"] = False
        assert "does not sell" in problem_of(connect().check, CredentialsError).message

    def test_a_token_that_ends_in_the_middle_is_renewed(self, connect, shop):
        state = OwnState()
        connector = connect(state)
        connector.check()
        shop.account("amazon").access.clear()
        connector.check()

    def test_a_new_secret_ends_the_old_one(self, connect, shop):
        state = OwnState()
        connect(state).check()
        shop.account("amazon").settings["client_secret"] = "rotated"
        shop.account("amazon").access.clear()
        assert "180 days" in problem_of(connect(state).check, CredentialsError).advice

    def test_a_revoked_authorization(self, connect, shop):
        shop.set_tokens("amazon", [])
        assert "authorize the app again" in problem_of(connect().check, CredentialsError).advice

    @pytest.mark.parametrize("api", ["sellers", "listings"])
    def test_a_missing_role(self, connect, shop, api):
        shop.account("amazon").settings["denied"] = api
        assert "Product Listing" in problem_of(connect().check, CredentialsError).advice


class TestListings:
    @pytest.mark.parametrize("columns", ["", "business", "nostatus", "reversed"])
    @pytest.mark.parametrize("gzip", [True, False])
    def test_the_report(self, connect, shop, columns, gzip):
        shop.account("amazon").settings |= {"report_columns": columns, "report_gzip": gzip, "report_encoding": "utf-8"}
        found = listings_of(connect().listings(online_only=False))
        assert set(found) == {*(f"S{i}" for i in range(60)), ODD, "FBA"}
        assert (found["S1"].quantity, found["S1"].price_cents, found["S1"].title) == (2, 9990, 'P1 6.1"')
        assert (found["FBA"].pushable, found["FBA"].quantity) == (False, None)

    def test_one_that_takes_its_time(self, connect, shop):
        shop.account("amazon").settings["report_seconds"] = 90.0
        state = OwnState()
        problem_of(lambda: list(connect(state).listings(online_only=False)), WaitingError)
        shop.clock.advance(100)
        assert len(listings_of(connect(state).listings(online_only=False))) == 62

    @pytest.mark.parametrize("outcome", ["CANCELLED", "FATAL"])
    def test_one_that_does_not_come(self, connect, shop, outcome):
        shop.account("amazon").settings["report_outcome"] = outcome
        assert "report" in problem_of(lambda: list(connect().listings(online_only=False))).message

    def test_changes(self, connect):
        connector = connect()
        began = datetime.now(UTC) + timedelta(seconds=1)
        assert len(listings_of(connector.changed_listings(began - timedelta(hours=1)))) == 62
        assert listings_of(connector.changed_listings(began + timedelta(hours=1))) == {}

    def test_readings(self, connect, shop):
        shop.change("amazon", "S1", quantity=0)
        ids = [*(f"S{i}" for i in range(30)), ODD, "GONE", "FBA"]
        readings = {each.external_id: each for each in connect().quantities(ids)}
        assert list(readings) == ids
        assert (readings["S0"].quantity, readings[ODD].quantity, readings["FBA"].quantity) == (2, 2, None)
        assert (readings["S1"].quantity, readings["S1"].state) == (0, ListingState.OUT_OF_STOCK)
        assert readings["GONE"].state is ListingState.ENDED


class TestQuantities:
    @pytest.mark.parametrize("sku", ["S0", ODD])
    def test_one_by_one(self, connect, shop, sku):
        for quantity in (7, 0, 3):
            (result,) = push(connect(), rise(sku, quantity))
            assert result.outcome is Outcome.ACCEPTED
            assert shop.shown("amazon", sku=sku).quantity == quantity

    @pytest.mark.parametrize("gzip", [True, False])
    def test_as_a_feed(self, connect, shop, monkeypatch, gzip):
        monkeypatch.setattr(pushing, "FEED_FROM", 2)
        shop.account("amazon").settings |= {"feed_seconds": 60.0, "feed_gzip": gzip}
        connector = connect()
        (group,) = connector.plan([rise("S0", 5), rise(ODD, 6), rise("S2", 7)])
        (receipt,) = {result.receipt for result in push(connector, *group)}
        assert connector.push_outcomes(receipt, group) is None
        shop.clock.advance(70)
        assert [each.outcome for each in connector.push_outcomes(receipt, group)] == [Outcome.ACCEPTED] * 3
        assert [shop.shown("amazon", sku=each.sku).quantity for each in group] == [5, 6, 7]

    def test_a_feed_of_which_some_is_refused(self, connect, shop):
        shop.faults.add("partial_bulk", number=1)
        connector, group = connect(), [rise(f"S{i}", 9) for i in range(3)]
        (receipt,) = {result.receipt for result in push(connector, *group)}
        shop.clock.advance(1)
        first, *others = connector.push_outcomes(receipt, list(reversed(group[:1])) + group[1:])
        assert (first.outcome, bool(first.answer), bool(first.advice)) == (Outcome.REJECTED, True, True)
        assert {each.outcome for each in others} == {Outcome.ACCEPTED}

    def test_a_feed_broken_off(self, connect, shop):
        shop.faults.add("bulk_failed", number=1)
        connector, group = connect(), [rise(f"S{i}", 9) for i in range(3)]
        (receipt,) = {result.receipt for result in push(connector, *group)}
        shop.clock.advance(1)
        assert {each.outcome for each in connector.push_outcomes(receipt, group)} == {Outcome.UNKNOWN}

    def test_a_feed_whose_creation_got_no_answer_is_found(self, connect, shop):
        shop.faults.add("cut_after", method="POST", path="/feeds/2021-06-30/feeds$")
        connector, group = connect(), [rise(f"S{i}", 9) for i in range(3)]
        (receipt,) = {result.receipt for result in push(connector, *group)}
        shop.clock.advance(1)
        assert {each.outcome for each in connector.push_outcomes(receipt, group)} == {Outcome.ACCEPTED}


class TestOrders:
    def sell(self, shop, sku="S0", quantity=1, **options):
        order = shop.sell_lines("amazon", [(sku, quantity)], **options)
        shop.clock.advance(1)
        return order

    def test_all_windows_page_by_page(self, connect, shop, monkeypatch):
        monkeypatch.setattr(order_reading, "PAGE_SIZE", 3)
        shop.change("amazon", "S0", quantity=50)
        began = shop.clock() - timedelta(minutes=1)
        numbers = {self.sell(shop).number for _ in range(7)}
        for window in (
            OrderWindow(is_open_only=True),
            OrderWindow(placed_since=began),
            OrderWindow(changed_since=began),
        ):
            pages = list(connect().orders(window))
            assert {order.external_id for page in pages for order in page.orders} == numbers
            assert ([page.page for page in pages], sum(len(page.unreadable) for page in pages)) == ([1, 2, 3], 0)

    def test_an_order_in_our_words(self, connect, shop):
        sold = self.sell(shop, ODD, 2)
        (page,) = connect().orders_by_id([sold.number])
        (order,) = page.orders
        assert (order.status, order.lines[0].sku, order.lines[0].ordered) == ("UNSHIPPED", ODD, 2)
        assert order.ship_to.name and order.placed_at and order.ship_by and order.total_cents

    def test_names_may_be_missing(self, connect, shop):
        shop.account("amazon").settings["names"] = False
        sold = self.sell(shop)
        ((order,),) = [page.orders for page in connect().orders_by_id([sold.number])]
        assert (order.ship_to.name, bool(order.ship_to.country)) == ("", True)

    def test_pending_and_cancelled(self, connect, shop):
        sold = self.sell(shop, quantity=2, state="PENDING")
        ((order,),) = [page.orders for page in connect().orders_by_id([sold.number])]
        assert (order.status, order.lines[0].ordered, order.lines[0].cancelled) == ("PENDING", 2, 0)
        shop.cancel_line("amazon", sold.id, sold.lines[0].id)
        for kept, units in (("kept", (2, 2)), ("zero", (0, 0))):
            shop.account("amazon").settings["cancelled_quantity"] = kept
            ((order,),) = [page.orders for page in connect().orders_by_id([sold.number])]
            assert (order.status, order.is_final) == ("CANCELLED", True)
            assert (order.lines[0].ordered, order.lines[0].cancelled) == units

    def test_amazons_own_only_where_wanted(self, connect, shop):
        sold = self.sell(shop, "FBA")
        since = shop.clock() - timedelta(minutes=1)
        assert not [order for page in connect().orders(OrderWindow(changed_since=since)) for order in page.orders]
        window = OrderWindow(changed_since=since, with_channel_fulfilled=True)
        ((order,),) = [page.orders for page in connect().orders(window)]
        assert (order.external_id, order.is_fulfilled_by_channel) == (sold.number, True)

    def test_one_that_nobody_placed(self, connect):
        (page,) = connect().orders_by_id(["111-0000000-0000000"])
        assert page.orders == () or page.orders == []


class TestShipments:
    def parcel(self, sold, **fields):
        lines = {str(line.id): line.quantity for line in sold.lines}
        values = {"order_id": sold.number, "lines": lines, "may_be_there": False, "shipped_at": datetime.now(UTC)}
        return a_shipment(**(values | fields))

    def test_told_once_and_found_again(self, connect, shop):
        sold = shop.sell_lines("amazon", [("S0", 1), ("S1", 1)])
        assert not connect().confirm_shipment(self.parcel(sold)).was_there
        ((order,),) = [page.orders for page in connect().orders_by_id([sold.number])]
        assert (order.status, order.tracking_number) == ("SHIPPED", "1Z999AA10123456784")
        assert [line.shipped for line in order.lines] == [1, 1]
        assert connect().confirm_shipment(self.parcel(sold, may_be_there=True)).was_there

    def test_cut_before_the_answer_it_is_found_there(self, connect, shop):
        sold = shop.sell_lines("amazon", [("S0", 1)])
        shop.faults.add("cut_after", method="POST", path="shipmentConfirmation")
        assert problem_of(lambda: connect().confirm_shipment(self.parcel(sold))).maybe_applied
        assert connect().confirm_shipment(self.parcel(sold, may_be_there=True)).was_there

    def test_in_two_shipments(self, connect, shop):
        sold = shop.sell_lines("amazon", [("S0", 2)])
        line = str(sold.lines[0].id)
        for number in (1, 2):
            parcel = self.parcel(
                sold, number=number, tracking_number=f"1Z{number}", lines={line: 1}, carrier="Purolator"
            )
            assert not connect().confirm_shipment(parcel).was_there
        ((order,),) = [page.orders for page in connect().orders_by_id([sold.number])]
        assert (order.status, order.lines[0].shipped) == ("SHIPPED", 2)

    def test_what_was_shipped_already_is_refused(self, connect, shop):
        sold = shop.sell_lines("amazon", [("S0", 1)])
        connect().confirm_shipment(self.parcel(sold))
        again = self.parcel(sold, number=43, tracking_number="1ZOTHER")
        assert "shipped already" in problem_of(lambda: connect().confirm_shipment(again), RejectedError).advice
