"""Orders: what they come to in our words, and how they are asked for."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.channels.ebay.adapter import ORDERS_URL, answer_token, asks, connect, problem_of
from tests.channels.ebay.payloads import errors, example, line, order, orders, ship_to, shipment, shipments
from tests.oas import needs_spec
from wholecell.channels.contract import OrderWindow, RemoteAddress, RemoteLine
from wholecell.channels.ebay import orders as reading
from wholecell.channels.ebay.statuses import WORDS, word
from wholecell.channels.ebay.values import UnreadableError

NOW = datetime(2026, 1, 10, tzinfo=UTC)
SHIPMENTS = f"{ORDERS_URL}/7/shipping_fulfillment"


def read(row, found=None, now=NOW):
    return reading.order(row, now, found)


def start(**fields):
    step = {"shipTo": ship_to(), **fields.pop("step", {})}
    return {"fulfillmentStartInstructions": [{"shippingStep": step, **fields}]}


def query(call):
    return {name: value for name, (value,) in parse_qs(urlsplit(call.request.url).query).items()}


@needs_spec("ebay/examples")
class TestExamples:
    def test_pages(self, answers):
        answer_token(answers)
        answers.get(ORDERS_URL, json=example("orders_page_2_last"), match=[asks(offset="2")])
        answers.get(ORDERS_URL, json=example("orders_page_1_with_next"), match=[asks(offset="0")])
        first, second = connect().orders(OrderWindow(changed_since=datetime(2025, 10, 14, tzinfo=UTC)))
        single, varied = first.orders
        assert (first.total, [each.external_id for each in second.orders]) == (3, ["14-13750-10003"])
        assert (single.number, single.status, single.is_final) == ("4127", "NOT_STARTED", False)
        assert single.placed_at == datetime(2025, 10, 14, 17, 21, 8, tzinfo=UTC)
        assert single.changed_at == datetime(2025, 10, 14, 17, 21, 19, tzinfo=UTC)
        assert single.ship_by == datetime(2025, 10, 16, 6, 59, 59, tzinfo=UTC)
        assert (single.currency, single.total_cents, single.shipping_cents) == ("USD", 23999, 0)
        assert (single.buyer, single.email) == ("buyer_4711", "00aa11bb22cc@members.example.com")
        assert single.service == "USPSGroundAdvantage"
        assert single.lines == [
            RemoteLine(
                external_id="10077700000001",
                sku="IP12-64-BLK-A",
                listing_ids={"listing": "176500000001"},
                title="Apple iPhone 12 64GB Black Unlocked - Excellent",
                ordered=1,
                cancelled=0,
                refunded_before_shipping=0,
                shipped=0,
                price_cents=23999,
                status="NOT_STARTED",
            )
        ]
        assert varied.lines[0].listing_ids == {"listing": "176500000002:IP13-128-MID"}
        assert varied.lines[0].title == "Apple iPhone 13 128GB Unlocked [Midnight, 128 GB]"
        assert varied.notes == ("The buyer's note: Please leave with the neighbour.",)
        assert (second.orders[0].lines[0].ordered, second.orders[0].lines[0].price_cents) == (2, 24900)

    def test_an_address_while_it_is_told(self):
        found = read(example("order_fulfilled"), now=datetime(2025, 10, 20, tzinfo=UTC))
        assert found.ship_to == RemoteAddress(
            "Dana Whitfield", "", "418 Alder Ct", "Apt 6", "Portland", "OR", "97205-1234", "US", "5035550142"
        )
        assert (found.status, found.is_final, found.lines[0].shipped) == ("FULFILLED", True, 1)
        assert found.tracking_number == "9400111899560012345678"

    def test_a_cancellation_that_was_asked_for(self):
        found = read(example("order_cancel_requested"))
        assert (found.status, found.is_cancel_asked, found.lines[0].cancelled) == ("CANCEL_IN_PROGRESS", True, 0)
        assert "The buyer asked to cancel it (buyer asked cancel)" in found.notes[0]

    def test_nothing_and_a_refused_filter(self, answers):
        answer_token(answers)
        answers.get(ORDERS_URL, json=example("orders_empty"))
        (page,) = connect().orders(OrderWindow(is_open_only=True))
        assert page.orders == []
        answers.reset()
        answer_token(answers)
        answers.get(ORDERS_URL, json=example("orders_bad_filter"), status=400)
        assert "in the future" in problem_of(lambda: list(connect().orders(OrderWindow(is_open_only=True)))).message


@pytest.mark.parametrize(
    ("cancel", "paid", "shipped", "expected"),
    [
        ("CANCELED", "FULLY_REFUNDED", "FULFILLED", "CANCELED"),
        ("IN_PROGRESS", "PENDING", "NOT_STARTED", "CANCEL_IN_PROGRESS"),
        ("NONE_REQUESTED", "PENDING", "NOT_STARTED", "PAYMENT_PENDING"),
        ("NONE_REQUESTED", "FAILED", "NOT_STARTED", "PAYMENT_FAILED"),
        ("NONE_REQUESTED", "FULLY_REFUNDED", "FULFILLED", "FULLY_REFUNDED"),
        ("NONE_REQUESTED", "PARTIALLY_REFUNDED", "NOT_STARTED", "NOT_STARTED"),
        ("NONE_REQUESTED", "PAID", "IN_PROGRESS", "IN_PROGRESS"),
        ("", "PAID", "FULFILLED", "FULFILLED"),
        ("", "", "", "NOT_TOLD"),
        ("", "", "SOMETHING_NEW", "SOMETHING_NEW"),
    ],
)
def test_three_fields_make_one_word(cancel, paid, shipped, expected):
    row = {
        "cancelStatus": {"cancelState": cancel},
        "orderPaymentStatus": paid,
        "orderFulfillmentStatus": shipped,
    }
    assert word(row) == expected
    assert expected in {each.word for each in WORDS} or expected == "SOMETHING_NEW"


class TestUnits:
    def fulfilled(self, quantity=3, **fields):
        items = [line(quantity=quantity, lineItemFulfillmentStatus="FULFILLED")]
        return order(7, orderFulfillmentStatus="FULFILLED", lineItems=items, **fields)

    def test_fulfilled_before_all_units_left_is_partly_shipped(self):
        assert reading.needs_shipments(self.fulfilled()) and not reading.needs_shipments(self.fulfilled(1))
        found = read(self.fulfilled(), [shipment(quantity=2)])
        assert (found.status, found.is_final, found.lines[0].shipped) == ("IN_PROGRESS", False, 2)
        found = read(self.fulfilled(), [shipment(quantity=2), shipment("2", quantity=1)])
        assert (found.status, found.is_final, found.lines[0].shipped) == ("FULFILLED", True, 3)

    def test_shipments_that_do_not_say_what_is_in_them_are_believed_to_hold_all(self):
        assert read(self.fulfilled(), [{"fulfillmentId": "9"}]).status == "FULFILLED"
        assert read(self.fulfilled(), []).lines[0].shipped == 3

    def test_they_are_asked_for_only_where_they_tell_more(self, answers):
        answer_token(answers)
        found = {"orders": [order(1, orderFulfillmentStatus="FULFILLED"), self.fulfilled()]}
        answers.get(ORDERS_URL, json=found)
        answers.get(SHIPMENTS, json=shipments(shipment(quantity=1)))
        (page,) = connect().orders(OrderWindow(changed_since=NOW))
        assert [each.lines[0].shipped for each in page.orders] == [1, 1]
        assert [each.status for each in page.orders] == ["FULFILLED", "IN_PROGRESS"]
        assert page.orders[1].tracking_number == "1Z999AA10123456784"

    def test_cancelled_and_refunded(self):
        found = read(order(7, 2, cancelStatus={"cancelState": "CANCELED"}))
        assert (found.lines[0].cancelled, found.is_cancel_asked, found.is_final) == (2, False, True)
        found = read(order(7, 2, orderPaymentStatus="FULLY_REFUNDED"))
        assert (found.lines[0].refunded_before_shipping, found.lines[0].cancelled) == (2, 0)
        found = read(self.fulfilled(2, orderPaymentStatus="FULLY_REFUNDED"), [shipment(quantity=2)])
        assert (found.status, found.lines[0].shipped, found.lines[0].refunded_before_shipping) == (
            "FULLY_REFUNDED",
            2,
            0,
        )

    @pytest.mark.parametrize(("back", "units"), [("99.90", 1), ("99.89", 0), ("no price", 0)])
    def test_a_line_that_was_paid_back_whole_is_not_to_leave(self, back, units):
        paid_back = line(refunds=[{"amount": {"value": back, "currency": "USD"}}])
        row = order(7, orderPaymentStatus="PARTIALLY_REFUNDED", lineItems=[paid_back, line(lineItemId="10")])
        assert [each.refunded_before_shipping for each in read(row).lines] == [units, 0]


class TestLines:
    @pytest.mark.parametrize(
        ("fields", "ids"),
        [
            ({"sku": None}, {"listing": "1"}),
            ({"sku": "  A  B "}, {"listing": "1"}),
            ({"legacyVariationId": "4", "sku": "A:B"}, {"listing": "1:A:B"}),
            ({"legacyVariationId": "4", "sku": None}, {}),
            ({"legacyItemId": None, "sku": 7}, {}),
            ({"sku": "\ud800", "legacyVariationId": "4"}, {}),
        ],
    )
    def test_without_sku_the_listing_is_still_known(self, fields, ids):
        found = read(order(7, lineItems=[line(**fields)])).lines[0]
        sku = fields["sku"]
        assert found.listing_ids == ids
        assert found.sku == (sku.strip() if isinstance(sku, str) and sku.isascii() else ""), "letter for letter"

    def test_a_variation_without_sku_is_found_by_its_specifics(self):
        aspects = [{"name": "Storage", "value": "64 GB"}, {"name": "Color", "value": "Blue"}]
        found = read(order(7, lineItems=[line(sku=None, variationAspects=aspects)])).lines[0]
        named = reading.external_id("1", "", [("Color", "Blue"), ("Storage", "64 GB")], is_variation=True)
        assert found.listing_ids == {"listing": named}

    @pytest.mark.parametrize("odd", [None, [], {}, {"value": "NaN"}, {"value": "1e400"}, {"value": True}])
    def test_prices_that_are_none(self, odd):
        assert read(order(7, lineItems=[line(lineItemCost=odd)])).lines[0].price_cents is None

    @pytest.mark.parametrize("row", [{}, {"orderId": True}, {"orderId": "7"}, {"orderId": "7", "lineItems": {}}])
    def test_what_is_no_order(self, row):
        with pytest.raises(UnreadableError):
            read(row)
        assert reading.unreadable(row, UnreadableError("x")).reason == "x"


class TestAddresses:
    def blank(self, days, **contact):
        placed = (NOW - timedelta(days=days)).isoformat()
        return read(order(7, creationDate=placed, **start(step={"shipTo": ship_to(**contact)}))).ship_to

    def test_what_is_masked_after_90_days_is_left_out_whole(self):
        assert self.blank(91, fullName="") == RemoteAddress()
        assert self.blank(91, fullName="D*** W***") == RemoteAddress()
        assert self.blank(91, contactAddress={"city": "Portland"}) == RemoteAddress()
        assert self.blank(91).name == "Dana Whitfield"
        assert self.blank(1, fullName="").city == "Portland"

    def test_an_international_hub(self):
        row = order(7, **start(step={"shipToReferenceId": "REF 12"}, finalDestinationAddress={"countryCode": "FR"}))
        found = read(row)
        assert (found.ship_to.country, found.ship_to.street2) == ("US", "Reference REF 12")
        assert "not to the buyer" in found.notes[0] and "REF 12" in found.notes[0]
        address = {**ship_to()["contactAddress"], "addressLine2": "Dock 4"}
        row["fulfillmentStartInstructions"][0]["shippingStep"]["shipTo"]["contactAddress"] = address
        assert read(row).ship_to.street2 == "Dock 4, Reference REF 12"
        row["fulfillmentStartInstructions"][0]["shippingStep"]["shipTo"]["fullName"] = "Hub, REF 12"
        address["addressLine2"] = "Reference REF 12"
        assert read(row).ship_to.street2 == "Reference REF 12", "not twice"

    def test_what_ebay_ships_itself_has_no_address(self):
        kind = "FULFILLED_BY_EBAY"
        row = order(7, fulfillmentStartInstructions=[{"fulfillmentInstructionsType": kind}])
        assert read(row).is_fulfilled_by_channel and read(row).ship_to == RemoteAddress()
        assert read(order(7, program={"fulfillmentProgram": {"fulfilledBy": "EBAY"}})).is_fulfilled_by_channel
        assert not read(order(7)).is_fulfilled_by_channel

    def test_flags(self):
        found = read(
            order(
                7,
                orderPaymentStatus="PARTIALLY_REFUNDED",
                program={"ebayShipping": {"shippingLabelProvidedBy": "EBAY"}},
            )
        )
        assert found.status == "NOT_STARTED"
        assert found.notes == (
            "Partly refunded on eBay.",
            "eBay provides the label: download it from the order on eBay.",
        )


class TestWindows:
    def ask(self, answers, window):
        answer_token(answers)
        answers.get(ORDERS_URL, json=orders())
        (page,) = connect().orders(window)
        return query(answers.calls[-1]), page

    def test_changes_end_two_minutes_ago_and_the_page_says_so(self, answers):
        since = datetime.now(UTC) - timedelta(hours=1)
        before = datetime.now(UTC)
        asked, page = self.ask(answers, OrderWindow(changed_since=since))
        start, end = asked["filter"].removeprefix("lastmodifieddate:[").removesuffix("]").split("..")
        assert abs(datetime.fromisoformat(start) - since) < timedelta(milliseconds=2)
        assert abs(before - datetime.fromisoformat(end) - timedelta(minutes=2)) < timedelta(seconds=5)
        assert abs(page.reading_began_at - datetime.fromisoformat(end)) < timedelta(milliseconds=2)
        assert (asked["limit"], asked["offset"]) == ("200", "0")
        assert "lastmodifieddate%3A%5B" in answers.calls[-1].request.url, "brackets are encoded"

    def test_no_time_is_in_the_future_or_older_than_two_years(self, answers):
        asked, _ = self.ask(answers, OrderWindow(changed_since=datetime.now(UTC) + timedelta(days=1)))
        start, end = asked["filter"].removeprefix("lastmodifieddate:[").removesuffix("]").split("..")
        assert start < end < datetime.now(UTC).isoformat()
        asked, _ = self.ask(answers, OrderWindow(placed_since=datetime(2010, 1, 1, tzinfo=UTC)))
        since = datetime.fromisoformat(asked["filter"].removeprefix("creationdate:[").removesuffix("..]"))
        assert datetime.now(UTC) - since < timedelta(days=730)

    def test_open_ones_leave_out_what_is_over_and_what_ebay_ships(self, answers):
        answer_token(answers)
        by_ebay = {"program": {"fulfillmentProgram": {"fulfilledBy": "EBAY"}}}
        cancelled = order(2, cancelStatus={"cancelState": "CANCELED"})
        answers.get(ORDERS_URL, json=orders(order(1), cancelled, order(3, **by_ebay)))
        (page,) = connect().orders(OrderWindow(is_open_only=True))
        assert [each.external_id for each in page.orders] == ["1"]
        assert query(answers.calls[-1])["filter"] == "orderfulfillmentstatus:{NOT_STARTED|IN_PROGRESS}"
        (page,) = connect().orders(OrderWindow(changed_since=NOW, with_channel_fulfilled=True))
        assert [each.external_id for each in page.orders] == ["1", "2", "3"]

    def test_a_link_that_leads_elsewhere_or_round_is_not_followed_there(self, answers):
        answer_token(answers)
        first = orders(order(1), following="https://evil.example/steal?offset=200")
        answers.get(ORDERS_URL, json=first)
        assert len(list(connect().orders(OrderWindow(changed_since=NOW)))) == 2
        assert {urlsplit(call.request.url).netloc for call in answers.calls} == {"api.ebay.com"}

    @pytest.mark.parametrize("odd", [{}, {"orders": 7}, []])
    def test_an_answer_that_is_none(self, answers, odd):
        answer_token(answers)
        answers.get(ORDERS_URL, json=odd)
        assert "understood" in problem_of(lambda: list(connect().orders(OrderWindow(changed_since=NOW)))).message


class TestSingleOnes:
    def test_requests_to_cancel_are_read_of_the_order_itself(self, answers):
        answer_token(answers)
        asked = {"cancelState": "IN_PROGRESS", "cancelRequests": []}
        request = {"cancelRequestState": "REQUESTED", "cancelInitiator": "BUYER", "cancelReason": "FOUND_CHEAPER"}
        answers.get(ORDERS_URL, json=orders(order(1, cancelStatus=asked), order(2, cancelStatus=asked)))
        full = order(1, cancelStatus=asked | {"cancelRequests": [request]})
        answers.get(f"{ORDERS_URL}/1", json=full)
        answers.get(f"{ORDERS_URL}/2", json=errors(32100), status=404)
        (page,) = connect().orders_by_id(["1", "2"])
        assert [each.is_cancel_asked for each in page.orders] == [True, True]
        assert [len(each.notes) for each in page.orders] == [1, 0]

    def test_fifty_at_once_and_each_alone_where_the_call_is_refused(self, answers):
        answer_token(answers)
        answers.get(ORDERS_URL, json=orders(order(1)), match=[asks(orderIds=",".join(map(str, range(50))))])
        answers.get(ORDERS_URL, json=errors(30800, "Invalid"), status=400, match=[asks(orderIds="50,51,52")])
        answers.get(f"{ORDERS_URL}/50", json=order(50))
        answers.get(f"{ORDERS_URL}/51", json=errors(32100, "Invalid order"), status=404)
        answers.get(f"{ORDERS_URL}/52", json=errors(32100, "Odd"), status=400)
        pages = list(connect().orders_by_id([str(number) for number in range(53)]))
        assert [each.external_id for page in pages for each in page.orders] == ["1", "50"]
        ((unreadable,),) = [page.unreadable for page in pages if page.unreadable]
        assert (unreadable.external_id, unreadable.reason) == ("52", "eBay could not be asked for it: Odd.")
