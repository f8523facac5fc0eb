"""Walmart's orders in our words."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.channels.walmart.payloads import MS, charge, line, order, orders, status
from wholecell.channels.http import parse_json
from wholecell.channels.walmart import orders as mapping
from wholecell.channels.walmart.statuses import FINAL, WORDS, derived, units_of
from wholecell.channels.walmart.values import UnreadableError

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def read(*lines, **fields):
    """An order as the client parses it: numbers with a point are Decimal."""
    return mapping.order(parse_json(json.dumps(order(7, *lines, **fields), default=str)))


def only(*statuses, **fields):
    (found,) = read(line("1", *statuses, **fields)).lines
    return found


class TestOrder:
    def test_what_is_told(self):
        found = read()
        assert (found.external_id, found.number) == ("7", "57")
        assert (found.placed_at, found.changed_at) == (NOW, NOW)
        assert found.ship_by == NOW + timedelta(seconds=100_000)
        assert (found.currency, found.total_cents) == ("USD", 35586)
        assert (found.status, found.is_final, found.is_to_accept) == ("Acknowledged", False, False)
        assert found.notes == ()
        address = found.ship_to
        assert (address.name, address.street, address.street2) == ("Jamie Fox", "522 Example Ave", "Unit 2")
        assert (address.city, address.state, address.postal_code) == ("Sunnyvale", "CA", "94086")
        assert (address.country, address.phone) == ("US", "5550109621")

    def test_times_as_text(self):
        found = read(orderDate="2026-03-01T09:30:00Z", shippingInfo={"estimatedShipDate": "2026-03-02T10:30:00+01:00"})
        assert (found.placed_at, found.ship_by) == (NOW, NOW + timedelta(days=1))

    def test_what_changed_last_is_when_a_line_last_did(self):
        found = read(line("1", statusDate=MS), line("2", statusDate=str(MS + 60_000)), line("3", statusDate=None))
        assert found.changed_at == NOW + timedelta(minutes=1)

    @pytest.mark.parametrize("name", ["customerOrderId", "shippingInfo", "shipNode", "orderDate", "customerEmailId"])
    @pytest.mark.parametrize("value", [None, "", [], "x"])
    def test_optional_blocks_may_be_missing_or_odd(self, name, value):
        found = read(**{name: value})
        assert found.external_id == "7"
        assert not found.is_fulfilled_by_channel
        if name == "customerOrderId":
            assert found.number == (value if value == "x" else "7")

    @pytest.mark.parametrize("country", ["USA", "usa", "US"])
    def test_country_is_two_letters(self, country):
        assert read(shippingInfo={"postalAddress": {"country": country}}).ship_to.country == "US"

    def test_country_unknown_here_is_left_out(self):
        assert read(shippingInfo={"postalAddress": {"country": "ATLANTIS"}}).ship_to.country == ""

    @pytest.mark.parametrize("node_type", ["WFSFulfilled", "3PLFulfilled"])
    def test_what_we_do_not_ship(self, node_type):
        found = read(line("1", status("Created")), shipNode={"type": node_type})
        assert found.is_fulfilled_by_channel
        assert not found.is_to_accept

    def test_the_type_it_was_asked_for_by_counts_where_it_tells_none(self):
        row = order(7) | {"shipNode": {}}
        assert mapping.order(row, "WFSFulfilled").is_fulfilled_by_channel
        assert not mapping.order(row, "SellerFulfilled").is_fulfilled_by_channel
        assert not mapping.order(order(7), "WFSFulfilled").is_fulfilled_by_channel

    def test_notes_for_people(self):
        info = order(7)["shippingInfo"] | {"methodCode": "OneDay"}
        found = read(shippingInfo=info, orderType="REPLACEMENT", originalCustomerOrderID="123")
        assert found.notes == (
            "Walmart promised the buyer OneDay shipping.",
            "It replaces what was sent for order 123.",
        )

    @pytest.mark.parametrize(
        "row",
        [
            None,
            "x",
            {},
            {"purchaseOrderId": None},
            {"purchaseOrderId": ""},
            order(7) | {"orderLines": None},
            order(7) | {"orderLines": {"orderLine": []}},
            order(7, line("1", orderLineStatuses=None)),
        ],
    )
    def test_what_is_no_order(self, row):
        with pytest.raises(UnreadableError):
            mapping.order(row)

    def test_one_that_cannot_be_read_keeps_no_others_back(self):
        answer = orders(order(1), {"purchaseOrderId": "9", "x": Decimal("1.5")}, order(2), "odd")
        found = mapping.page(answer, 1, NOW, "SellerFulfilled").page
        assert [each.external_id for each in found.orders] == ["1", "2"]
        (unreadable,) = found.unreadable
        assert (unreadable.external_id, json.loads(unreadable.payload)["x"]) == ("9", "1.5")

    @pytest.mark.parametrize("answer", [None, [], {}, {"list": None}, {"list": {}}, "x"])
    def test_an_answer_that_is_no_list(self, answer):
        with pytest.raises(UnreadableError):
            mapping.page(answer, 1, NOW, "")

    @pytest.mark.parametrize("elements", [None, {}, {"order": None}, {"order": []}])
    def test_an_empty_list(self, elements):
        answer = {"list": {"meta": {"totalCount": 0}, "elements": elements}}
        assert mapping.page(answer, 1, NOW, "").page.orders == []

    @pytest.mark.parametrize("cursor", ["limit=200&x=1", "https://evil.example/?a", "/v3/x?a", 5])
    def test_only_a_query_string_is_a_way_to_the_next_page(self, cursor):
        with pytest.raises(UnreadableError):
            mapping.page(orders(order(1), cursor=cursor), 1, NOW, "")


class TestLines:
    def test_what_is_told(self):
        found = only(sku="IP13  BLK/A", quantity="2", serialNumbers=["352099001761481"])
        assert (found.external_id, found.sku, found.title) == ("1", "IP13  BLK/A", "Apple iPhone 13")
        assert (found.ordered, found.cancelled, found.shipped, found.status) == (2, 0, 0, "Acknowledged")
        assert found.imei == ""

    @pytest.mark.parametrize("sku", ["IP13  BLK/A", "IP13\u00a0BLK", 'IP13 6.1" %2F+#'])
    def test_a_sku_is_kept_letter_for_letter_so_that_its_listing_is_found(self, sku):
        assert only(sku=sku).sku == sku

    def test_a_serial_number_of_one_unit(self):
        assert only(status("Shipped"), serialNumbers=["352099001761481"]).imei == "352099001761481"

    @pytest.mark.parametrize(
        ("statuses", "quantity", "ordered", "cancelled", "shipped", "word"),
        [
            ([("Created", "2")], "2", 2, 0, 0, "Created"),
            ([("Shipped", "1"), ("Acknowledged", "2")], "3", 3, 0, 1, "PartiallyShipped"),
            ([("Shipped", "1"), ("Cancelled", "1")], "2", 2, 1, 1, "Shipped"),
            ([("Acknowledged", "1"), ("Cancelled", "1")], "2", 2, 1, 0, "Acknowledged"),
            ([("Shipped", "1"), ("Delivered", "1")], "2", 2, 0, 2, "Shipped"),
            ([("Shipped", "1"), ("Shipped", "1")], "2", 2, 0, 2, "Shipped"),
            ([("Cancelled", "1")], "0", 1, 1, 0, "Cancelled"),
            ([("Cancelled", "1")], "1", 1, 1, 0, "Cancelled"),
            ([("Shipped", "1"), ("Refund", "1")], "1", 1, 0, 1, "Shipped"),
            ([("Delivered", "2"), ("Refund", "1")], "2", 2, 0, 2, "Delivered"),
            ([("Refund", "1")], "1", 1, 0, 1, "Refund"),
            ([("Refund", "5")], "1", 1, 0, 1, "Refund"),
            ([("Acknowledged", "0"), ("Shipped", "1")], "1", 1, 0, 1, "Shipped"),
            ([("Purple", "1")], "1", 1, 0, 0, "Purple"),
            ([("Shipped", "1"), ("Purple", "1")], "2", 2, 0, 1, "Purple"),
            ([("SHIPPED", "1")], "1", 1, 0, 1, "Shipped"),
            ([("Shipped", None)], "2", 2, 0, 2, "Shipped"),
            ([("Shipped", 1)], 1, 1, 0, 1, "Shipped"),
            ([("Acknowledged", "1")], None, 1, 0, 0, "Acknowledged"),
            ([("Acknowledged", "1.0")], "many", 1, 0, 0, "Acknowledged"),
        ],
    )
    def test_units_by_what_became_of_them(self, statuses, quantity, ordered, cancelled, shipped, word):
        found = only(*(status(*each) for each in statuses), quantity=quantity)
        assert (found.ordered, found.cancelled, found.shipped, found.status) == (ordered, cancelled, shipped, word)
        assert found.refunded_before_shipping == 0

    @pytest.mark.parametrize("lines", [{"orderLine": line("1")}, [line("1")], {"orderLine": [None, line("1"), "x"]}])
    def test_lists_of_other_shapes(self, lines):
        assert len(mapping.order(order(7) | {"orderLines": lines}).lines) == 1


class TestWord:
    @pytest.mark.parametrize(
        ("words", "word"),
        [
            (["Created", "Acknowledged"], "Created"),
            (["Acknowledged", "Cancelled"], "Acknowledged"),
            (["Cancelled", "Cancelled"], "Cancelled"),
            (["Shipped", "Created"], "PartiallyShipped"),
            (["Delivered", "Acknowledged"], "PartiallyShipped"),
            (["Shipped", "Delivered"], "Shipped"),
            (["Delivered", "Cancelled"], "Delivered"),
            (["Refund", "Cancelled"], "Refund"),
            (["Refund", "Shipped"], "Shipped"),
            (["Refund", "Acknowledged"], "Acknowledged"),
            (["Purple", "Shipped"], "Purple"),
        ],
    )
    def test_of_several_lines(self, words, word):
        found = read(*(line(str(number), status(each)) for number, each in enumerate(words)))
        assert found.status == word
        assert found.is_final == (word in FINAL)

    def test_none(self):
        assert derived([units_of({}), units_of({"orderLineStatuses": {"orderLineStatus": [{"status": ""}]}})]) == ""

    def test_all_of_the_documents_words_and_ours_are_explained(self):
        known = {"Created", "Acknowledged", "Shipped", "Delivered", "Cancelled", "Refund", "PartiallyShipped"}
        assert {each.word for each in WORDS} == known

    @pytest.mark.parametrize(
        ("statuses", "is_to_accept"),
        [
            ([status("Created")], True),
            ([status("Shipped"), status("Created")], True),
            ([status("Acknowledged")], False),
            ([status("Created", "0"), status("Acknowledged")], False),
        ],
    )
    def test_to_accept_while_any_unit_is_only_created(self, statuses, is_to_accept):
        assert read(line("1", *statuses, quantity="1")).is_to_accept is is_to_accept


class TestWishToCancel:
    @pytest.mark.parametrize(
        ("value", "is_asked"),
        [("true", True), ("CUSTOMER_REQUESTED", True), (True, True), ("", False), (None, False), (False, False)]
        + [(word, False) for word in ("false", "No", "N", "0")],
    )
    def test_it_is_text(self, value, is_asked):
        assert read(line("1", intentToCancel=value)).is_cancel_asked is is_asked

    @pytest.mark.parametrize("word", ["Shipped", "Cancelled"])
    def test_it_is_over_when_the_line_is(self, word):
        assert not read(line("1", status(word), intentToCancel="true")).is_cancel_asked


class TestMoney:
    @pytest.mark.parametrize("amount", [329.5, "329.5", "329.50"])
    def test_amounts_as_numbers_and_text(self, amount):
        assert only(charges=[charge("PRODUCT", amount)]).price_cents == 32950

    @pytest.mark.parametrize(
        "charges",
        [
            {"charge": [charge("PRODUCT", 10)]},
            {"charge": charge("PRODUCT", 10)},
            [charge("PRODUCT", 10)],
            {"charge": [charge("PRODUCT", 10), None, {}, {"chargeType": "PRODUCT"}]},
            {"charge": [{"chargeType": "product", "chargeAmount": 10}]},
            {"charge": [{"chargeType": "PRODUCT", "chargeAmount": "10.00", "tax": None}]},
            {"charge": [charge("PRODUCT", 12), charge("PRODUCT", -2)]},
        ],
    )
    def test_charges_in_several_shapes(self, charges):
        row = order(7, line("1") | {"charges": charges})
        assert mapping.order(row).lines[0].price_cents == 1000

    @pytest.mark.parametrize("charges", [None, {}, [], "x", {"charge": None}])
    def test_no_charges(self, charges):
        found = mapping.order(order(7, line("1") | {"charges": charges}))
        assert (found.total_cents, found.shipping_cents, found.lines[0].price_cents) == (None, None, None)

    def test_shipping_and_taxes(self):
        found = read(line("1", charges=[charge("PRODUCT", 99, 7.92), charge("SHIPPING", 60, 1)]))
        assert (found.total_cents, found.shipping_cents) == (16792, 6000)

    @pytest.mark.parametrize("summary", [None, {}, "", [], {"totalAmount": None}, {"totalAmount": {}}])
    def test_a_blank_summary_leaves_the_sum_of_the_charges(self, summary):
        assert read(orderSummary=summary).total_cents == 35586

    def test_the_summary_counts_before_the_sum(self):
        assert read(orderSummary={"totalAmount": {"currencyAmount": "40.10"}}).total_cents == 4010

    TWO = line("1", charges=[charge("PRODUCT", 100, 8), charge("SHIPPING", 5, 1)], quantity="2")
    ONE = line("2", charges=[charge("PRODUCT", 30)])

    @pytest.mark.parametrize(
        ("total", "unit_price", "shipping"),
        [(258, 10000, 1000), (240, 10000, 1000), (144, 5000, 500), (135, 5000, 500), (999, None, None)],
    )
    def test_the_total_tells_what_the_charge_of_several_units_is_of(self, total, unit_price, shipping):
        found = read(self.TWO, self.ONE, orderSummary={"totalAmount": {"currencyAmount": total}})
        assert [each.price_cents for each in found.lines] == [unit_price, 3000]
        assert (found.total_cents, found.shipping_cents) == (total * 100, shipping)

    def test_without_a_total_no_price_of_several_units_is_told(self):
        found = read(self.TWO, self.ONE)
        assert [each.price_cents for each in found.lines] == [None, 3000]
        (note,) = found.notes
        assert note.endswith("for line 1 and does not say if that is for each unit.")
        assert (found.total_cents, found.shipping_cents) == (None, None)

    def test_cancelled_lines_cost_nothing_however_many(self):
        found = read(line("1", status("Cancelled", "2"), charges=[charge("PRODUCT", 0)], quantity="2"))
        assert (found.total_cents, found.lines[0].price_cents) == (0, 0)


def test_single_answers_are_wrapped_or_not():
    wrapped, plain = (mapping.single(each, "7", NOW) for each in ({"order": order(7)}, order(7)))
    assert wrapped == plain
    assert [each.external_id for each in plain.orders] == ["7"]


def test_a_single_answer_that_is_no_order_keeps_the_id_that_was_asked_for():
    found = mapping.single({"order": {"x": 1}}, "7", NOW)
    assert found == replace(found, orders=[])
    assert (found.unreadable[0].external_id, found.unreadable[0].payload) == ("7", '{"x": 1}')
