"""Both sides over a real socket, each call checked against eBay's own documents."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from tests.channels.ebay.adapter import a_shipment, problem_of
from tests.channels.ebay.conftest import KEYS
from tests.channels.ebay.test_push import change
from wholecell.channels.contract import (
    CredentialsError,
    ListingState,
    OrderWindow,
    Outcome,
    RejectedError,
    TemporaryError,
    WaitingError,
)
from wholecell.channels.ebay import CHANNEL, listing_reading, order_reading
from wholecell.channels.own_state import OwnState

ODD = 'A&B <1> "2" é/%:'
VARIED = [
    {"sku": f"V-{color}", "group": "g", "item": "176500000009", "specifics": {"Color": color}}
    for color in ("Red", "Blue")
]


def ids(pages):
    return {listing.sku: listing.external_id for page in pages for listing in page.listings}


def imported(world):
    return ids(world.link.listings(online_only=False))


def shown(world, sku):
    return world.shop.shown("ebay", sku=sku).quantity


class TestLogin:
    def test_a_seller_signs_in_and_comes_back(self, world):
        base = world.sandbox.base_url("ebay")
        page = requests.get(CHANNEL.sign_in.page(KEYS, "s t", "http://x", base), timeout=5)
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text)) | {"answer": "agree"}
        back = requests.post(page.url, fields, timeout=5, allow_redirects=False).headers["Location"]
        given = dict(parse_qsl(urlsplit(back).query))
        assert given["state"] == "s t"
        login = CHANNEL.sign_in.redeem(KEYS, given["code"], "http://x", base)
        assert world.connect(**login).check()
        again = problem_of(lambda: CHANNEL.sign_in.redeem(KEYS, given["code"], "http://x", base), CredentialsError)
        assert "once" in again.advice

    def test_what_the_check_tells(self, world):
        assert "selling limit" in " ".join(world.link.check())
        world.set(out_of_stock_control=0)
        assert any("Out-of-stock control is off" in told for told in world.link.check())
        world.set(registered=0)
        assert "registered" in problem_of(world.link.check, CredentialsError).message

    def test_another_account_and_one_that_has_another_name(self, world):
        assert "belongs to" in problem_of(world.connect(user_id="0ther").check, CredentialsError).message
        assert any("now knows this account" in told for told in world.connect(user_name="old").check())
        world.set(username="renamed")  # ends the refresh token
        assert "Sign in" in problem_of(world.connect().check, CredentialsError).advice

    def test_a_token_that_ends_in_the_middle_is_renewed(self, world):
        world.link.check()
        world.account.access.clear()
        assert imported(world) == {}
        world.account.access.clear()
        world.link.check()


class TestListings:
    def test_all_kinds(self, world):
        world.seed("A", ODD, {"sku": "", "type": "Chinese", "item": "176500000001"}, *VARIED)
        world.seed({"sku": "Z", "quantity": 0, "sold": 3}, {"sku": "M", "inventory_api": True})
        found = {each.external_id: each for page in world.link.listings(online_only=False) for each in page.listings}
        assert len(found) == 7
        assert {each.sku for each in found.values()} == {"A", ODD, "", "V-Red", "V-Blue", "Z", "M"}
        assert found["176500000001"].pushable is False
        assert found["176500000009:V-Red"].group_id == "176500000009"
        (sold_out,) = [each for each in found.values() if each.sku == "Z"]
        assert (sold_out.quantity, sold_out.state) == (0, ListingState.OUT_OF_STOCK)

    def test_pages_and_the_sellers_list(self, world, monkeypatch):
        monkeypatch.setattr(listing_reading, "PAGE_SIZE", 2)
        world.seed(*"ABCDE")
        assert set(imported(world)) == set("ABCDE")
        monkeypatch.setattr(listing_reading, "STUCK_AT", 3)
        world.seed("F", *VARIED)
        assert set(imported(world)) == {*"ABCDEF", "V-Red", "V-Blue"}
        assert world.calls("GetSellerList")

    def test_variations_whose_sold_units_are_not_told(self, world):
        world.set(variation_sold=0)
        world.seed(*({**row, "sold": 2} for row in VARIED))
        (page,) = world.link.listings(online_only=False)
        assert [each.quantity for each in page.listings] == [5, 5]

    def test_readings(self, world):
        world.seed(*"ABCDEFGHIJK", {"sku": "E1", "state": "Ended"}, *VARIED)
        known = imported(world)
        ended = world.shop.shown("ebay", sku="E1").id
        asked = [known["A"], known["V-Blue"], ended, "176000000000"]
        for more in ([], [known[sku] for sku in "BCDEFGHIJK"]):
            found = {each.external_id: each for each in world.link.quantities([*asked, *more])}
            assert set(found) == {*asked, *more}
            assert [found[each].quantity for each in asked] == [5, 5, None, None]
            assert [found[each].state for each in asked[2:]] == [ListingState.ENDED] * 2


class TestQuantities:
    def test_four_in_a_call(self, world):
        world.seed("A", ODD, "C", *VARIED)
        known = imported(world)
        changes = [change(known[sku], 7) for sku in ("A", ODD, "C", "V-Red")]
        (group,) = world.link.plan([*changes])
        assert {each.outcome for each in world.link.push_quantities(group)} == {Outcome.ACCEPTED}
        assert [shown(world, sku) for sku in ("A", ODD, "C", "V-Red", "V-Blue")] == [7, 7, 7, 7, 5]
        (again,) = world.link.push_quantities([change(known["A"], 7)])
        assert again.outcome is Outcome.ACCEPTED, "it was so already"
        assert len(world.calls("ReviseInventoryStatus")) == 2

    @pytest.mark.parametrize("partial", [0, 1])
    def test_one_that_ended_and_one_of_the_inventory_api(self, world, partial):
        world.set(partial=partial, echo="total")
        world.seed({"sku": "A", "sold": 4}, "B", {"sku": "M", "inventory_api": True}, {"sku": "E1", "state": "Ended"})
        known = imported(world)
        changes = [change(known["A"], 2), change(known["M"], 3, sku="M"), change(known["B"], 0, is_fall=True)]
        changes.append(change(world.shop.shown("ebay", sku="E1").id, 1))
        state = OwnState()
        link = world.connect(state)
        (group,) = link.plan(changes)
        found = {each.external_id: each for each in link.push_quantities(group)}
        assert [found[each.external_id].outcome.value for each in changes] == ["accepted"] * 3 + ["rejected"]
        assert found[changes[3].external_id].gone
        assert [shown(world, sku) for sku in "AMB"] == [2, 3, 0]
        assert [len(each) for each in world.connect(state).plan(changes[:2])] == [1, 1]
        (result,) = world.connect(state).push_quantities([change(known["M"], 1, sku="M")])
        assert (result.outcome, shown(world, "M")) == (Outcome.ACCEPTED, 1)

    def test_0_without_out_of_stock_control(self, world):
        world.seed("A", *VARIED)
        world.set(out_of_stock_control=0)
        known = imported(world)
        (single,) = world.link.push_quantities([change(known["A"], 0, is_fall=True)])
        assert single.outcome is Outcome.REJECTED and "out-of-stock control" in single.advice
        red = known["V-Red"]
        assert next(world.link.push_quantities([change(red, 0)])).outcome is Outcome.ACCEPTED
        later = next(world.link.push_quantities([change(red, 4)]))
        assert "removed the variation" in later.advice
        assert next(world.link.quantities([red])).state is ListingState.ENDED

    def test_a_fault_of_ebays_and_a_day_that_is_used_up(self, world):
        world.seed("A", "B")
        known = imported(world)
        world.shop.faults.add("partial_bulk", number=1)
        results = world.link.push_quantities([change(known["A"], 1), change(known["B"], 1)])
        assert {each.outcome for each in results} == {Outcome.ACCEPTED}
        world.account.limits["trading"].most = 0
        problem_of(lambda: list(world.link.push_quantities([change(known["A"], 0)])), WaitingError)


class TestOrders:
    def read(self, world, **window):
        pages = world.link.orders(OrderWindow(**window or {"changed_since": world.shop.clock() - timedelta(hours=1)}))
        return {order.external_id: order for page in pages for order in page.orders}

    @pytest.fixture(autouse=True)
    def _at_once(self, monkeypatch):
        monkeypatch.setattr(order_reading, "LAG", timedelta(0))

    def test_a_sale_of_each_kind_is_found_again_by_its_listing(self, world):
        world.seed("A", *VARIED, {"sku": "", "item": "176500000003"})
        known = imported(world)
        row = world.shop.shown("ebay", listing="176500000003")
        sales = [
            world.shop.sell("ebay", sku="A", quantity=2),
            world.shop.sell("ebay", sku="V-Red"),
            world.shop.sell("ebay", listing=row.id),
        ]
        found = self.read(world)
        lines = [found[sale.number].lines[0] for sale in sales]
        wanted = [known["A"], known["V-Red"], "176500000003"]
        assert [each.listing_ids["listing"] for each in lines] == wanted
        assert [(each.ordered, each.price_cents) for each in lines] == [(2, 28900), (1, 28900), (1, 28900)]
        assert set(self.read(world, is_open_only=True)) == set(found)
        assert set(self.read(world, placed_since=world.shop.clock() - timedelta(days=1))) == set(found)

    def test_pages(self, world, monkeypatch):
        monkeypatch.setattr(order_reading, "PAGE_SIZE", 2)
        world.seed({"sku": "A", "quantity": 50})
        sales = {world.shop.sell("ebay", sku="A").number for _ in range(5)}
        assert set(self.read(world)) == sales

    def test_a_life(self, world):
        world.seed({"sku": "A", "quantity": 9})
        sale = world.shop.sell("ebay", sku="A", quantity=2, paid=False)
        assert world.order(sale).status == "PAYMENT_PENDING"
        world.shop.pay("ebay", sale.id)
        assert world.order(sale).status == "NOT_STARTED"
        world.shop.happen("ebay", sale.id, "ask_cancel")
        asked = world.order(sale)
        assert (asked.status, asked.is_cancel_asked) == ("CANCEL_IN_PROGRESS", True) and asked.notes
        world.shop.happen("ebay", sale.id, "cancel")
        gone = world.order(sale)
        assert (gone.status, gone.lines[0].cancelled, gone.is_final) == ("CANCELED", 2, True)
        assert sale.number not in self.read(world, is_open_only=True)

    def test_hubs_and_ebays_own(self, world):
        world.seed({"sku": "A", "quantity": 9})
        hub = world.order(world.shop.sell("ebay", sku="A", hub="EIS"))
        assert hub.ship_to.country == "US" and "Reference" in hub.ship_to.street2 + hub.ship_to.street
        kept = world.shop.sell("ebay", sku="A", by_ebay=True)
        assert world.order(kept).is_fulfilled_by_channel
        assert kept.number not in self.read(world)

    def test_old_names_are_left_out_whole(self, world):
        world.seed({"sku": "A", "quantity": 9})
        sale = world.shop.sell("ebay", sku="A")
        assert world.order(sale).ship_to.name
        world.set(mask_days=0)
        row = world.order(sale)
        assert row.ship_to.name == "" and row.status == "NOT_STARTED"

    def test_one_that_nobody_placed(self, world):
        assert [order for page in world.link.orders_by_id(["14-13750-99999", "odd"]) for order in page.orders] == []


class TestShipments:
    @pytest.fixture(autouse=True)
    def _seeded(self, world):
        world.seed({"sku": "A", "quantity": 9})

    def parcel(self, sale, **fields):
        lines = {str(line.id): line.quantity for line in sale.lines}
        values = {"order_id": sale.number, "lines": lines, "shipped_at": datetime.now(UTC)}
        return a_shipment(**values | fields)

    def test_told_once_and_found_again(self, world):
        sale = world.shop.sell("ebay", sku="A")
        parcel = self.parcel(sale, tracking_number="1Z 999-AA 10123456784", carrier="Royal Mail")
        assert not world.link.confirm_shipment(parcel).was_there
        assert world.link.confirm_shipment(parcel).was_there
        found = world.order(sale)
        assert (found.status, found.tracking_number) == ("FULFILLED", "1Z999AA10123456784")
        assert (found.lines[0].shipped, found.is_final) == (1, True)

    def test_in_two_packages(self, world):
        sale = world.shop.sell("ebay", sku="A", quantity=2)
        line = str(sale.lines[0].id)
        for number, (status, units) in (("ONE1", ("IN_PROGRESS", 1)), ("TWO2", ("FULFILLED", 2))):
            world.link.confirm_shipment(self.parcel(sale, tracking_number=number, lines={line: 1}))
            found = world.order(sale)
            assert (found.status, found.lines[0].shipped) == (status, units)

    def test_cut_before_the_answer_it_is_found_there(self, world):
        sale = world.shop.sell("ebay", sku="A")
        world.shop.faults.add("cut_after", method="POST", path="shipping_fulfillment")
        assert problem_of(lambda: world.link.confirm_shipment(self.parcel(sale)), TemporaryError).maybe_applied
        assert world.link.confirm_shipment(self.parcel(sale, may_be_there=True)).was_there

    def test_an_order_of_nobody(self, world):
        parcel = a_shipment(order_id="14-13750-99999")
        assert problem_of(lambda: world.link.confirm_shipment(parcel), RejectedError).advice
