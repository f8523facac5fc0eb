"""Orders over a real socket: read by window and by id, acknowledged, shipped and cancelled."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.channels.walmart.adapter import a_shipment
from wholecell.channels.contract import NotAcceptedError, OrderWindow, RejectedError, TemporaryError
from wholecell.channels.walmart import fulfilment, order_reading

OPEN = OrderWindow(is_open_only=True)


def since(**ago):
    return datetime.now(UTC) - timedelta(**ago)


def read(pages):
    return [each for page in pages for each in page.orders]


def ids(pages):
    return sorted({each.external_id for each in read(pages)})


def shipment(order, units, **fields):
    lines = {str(line.id): count for line, count in zip(order.lines, units, strict=True) if count}
    return a_shipment(order_id=str(order.id), lines=lines, **fields)


@pytest.fixture
def shop(world):
    world.seed("A", "B", quantity=1000)
    world.seed("W", quantity=50, wfs=True)
    return world


class TestReading:
    def test_all_windows_page_by_page(self, shop):
        orders = sorted(str(shop.sell("A").id) for _ in range(430))
        windows = (OPEN, OrderWindow(changed_since=since(hours=1)), OrderWindow(placed_since=since(hours=1)))
        for window in windows:
            assert ids(shop.link.orders(window)) == orders
        assert {page.total for page in shop.link.orders(windows[1])} == {430}
        assert ids(shop.link.orders(OrderWindow(changed_since=datetime.now(UTC) + timedelta(hours=1)))) == []

    @pytest.mark.parametrize("shape", ["wrapped", "list", "message", "gateway", "xml"])
    @pytest.mark.parametrize(("no_orders", "refusals"), [("empty", "status"), ("404", "status"), ("404", "200")])
    def test_none(self, shop, no_orders, refusals, shape):
        shop.set(no_orders=no_orders, refusals=refusals, errors=shape)
        for window in (OPEN, OrderWindow(changed_since=since(hours=1)), OrderWindow(placed_since=since(days=170))):
            assert read(shop.link.orders(window)) == []

    def test_a_late_change_to_an_old_order_is_seen(self, shop):
        shop.shop.clock.advance(-20 * 86400)
        order = shop.sell("A")
        shop.shop.clock.advance(20 * 86400)
        assert read(shop.link.orders(OrderWindow(changed_since=since(hours=1)))) == []
        shop.happen(order, "cancel")
        (found,) = read(shop.link.orders(OrderWindow(changed_since=since(hours=1))))
        assert (found.external_id, found.status) == (str(order.id), "Cancelled")

    def test_what_walmart_ships_comes_where_it_is_wanted(self, shop):
        mine, theirs = shop.sell("A"), shop.sell("W")
        assert ids(shop.link.orders(OPEN)) == [str(mine.id)]
        window = OrderWindow(changed_since=since(hours=1), with_channel_fulfilled=True)
        found = {each.external_id: each.is_fulfilled_by_channel for each in read(shop.link.orders(window))}
        assert found == {str(mine.id): False, str(theirs.id): True}
        assert shop.order(theirs).is_fulfilled_by_channel

    @pytest.mark.parametrize("is_counted", [True, False])
    def test_more_than_a_query_gives_is_cut(self, shop, monkeypatch, is_counted):
        shop.set(most_orders=100)
        made = []
        for _ in range(12):
            made += [str(shop.sell("A").id) for _ in range(10)]
            shop.shop.clock.advance(-86400)
        shop.shop.clock.advance(12 * 86400)

        if is_counted:
            monkeypatch.setattr(order_reading, "MOST_ORDERS", 100)
        assert ids(shop.link.orders(OrderWindow(changed_since=since(days=30)))) == sorted(made)

    @pytest.mark.parametrize("wrapped", [0, 1])
    @pytest.mark.parametrize("dates", ["milliseconds", "iso"])
    def test_one_by_its_id_in_each_shape(self, shop, wrapped, dates):
        shop.set(order_wrapped=wrapped, one_order_date=dates)
        order = shop.sell("A", 2)
        pages = list(shop.link.orders_by_id([str(order.id), "5"]))
        (found,) = read(pages)
        assert len(pages) == 2
        assert abs(found.placed_at - datetime.now(UTC)) < timedelta(minutes=1)
        assert found.number == str(order.customer_order)

    @pytest.mark.parametrize(("charges", "price"), [("unit", 28900), ("line", 28900)])
    def test_prices_of_one_unit_are_sure(self, shop, charges, price):
        shop.set(charges=charges)
        assert shop.order(shop.sell("A")).lines[0].price_cents == price
        assert shop.order(shop.sell("A", 2)).lines[0].price_cents in (price, None)

    @pytest.mark.parametrize("text", ["true", "TRUE"])
    def test_a_wish_to_cancel(self, shop, text):
        shop.set(intent=text)
        order = shop.sell("A")
        assert not shop.order(order).is_cancel_asked
        shop.happen(order, "intend_to_cancel")
        assert shop.order(order).is_cancel_asked

    @pytest.mark.parametrize("fault", ["repeated_page", "shifting_page"])
    def test_rows_that_shift_while_paging_lose_no_order(self, shop, fault):
        orders = {str(shop.sell("A").id) for _ in range(430)}
        shop.shop.faults.add(fault, path="/v3/orders")
        assert set(ids(shop.link.orders(OrderWindow(changed_since=since(hours=1))))) >= orders


class TestTelling:
    def test_the_life_of_an_order(self, shop):
        order = shop.sell("A", 3)
        assert (shop.order(order).status, shop.order(order).is_to_accept) == ("Created", True)
        with pytest.raises(NotAcceptedError):
            shop.link.confirm_shipment(shipment(order, [1]))
        assert shop.link.accept(str(order.id)).status == "Acknowledged"
        shop.link.accept(str(order.id))
        assert len(shop.calls("POST", f"/v3/orders/{order.id}/acknowledge")) == 1
        assert not shop.link.confirm_shipment(shipment(order, [1], tracking_number="N1")).was_there
        assert shop.order(order).status == "PartiallyShipped"
        assert not shop.link.confirm_shipment(shipment(order, [2], tracking_number="N2")).was_there
        found = shop.order(order)
        assert (found.status, found.lines[0].shipped, found.is_final) == ("Shipped", 3, True)
        for number, units in (("N1", 1), ("N2", 2)):
            assert shop.link.confirm_shipment(shipment(order, [units], tracking_number=number)).was_there
        assert len(shop.calls("POST", f"/v3/orders/{order.id}/shipping")) == 2
        shop.happen(order, "deliver")
        assert shop.order(order).status == "Delivered"
        shop.happen(order, "refund")
        assert shop.order(order).lines[0].shipped == 3

    @pytest.mark.parametrize("fault", ["cut_after", "broken_json"])
    def test_a_shipment_whose_answer_is_lost_is_found_and_charged_once(self, shop, fault):
        order = shop.sell("A")
        shop.link.accept(str(order.id))
        shop.shop.faults.add(fault, path="/shipping")
        with pytest.raises(TemporaryError) as caught:
            shop.link.confirm_shipment(shipment(order, [1]))
        assert caught.value.maybe_applied
        assert shop.link.confirm_shipment(shipment(order, [1])).was_there
        assert len(shop.calls("POST", f"/v3/orders/{order.id}/shipping")) == 1

    def test_without_looking_for_its_number_that_shipment_would_be_called_refused(self, shop, monkeypatch):
        monkeypatch.setattr(fulfilment.parcels, "missing", lambda seen, shipment: dict(shipment.lines))
        order = shop.sell("A")
        shop.link.accept(str(order.id))
        shop.shop.faults.add("cut_after", path="/shipping")
        with pytest.raises(TemporaryError):
            shop.link.confirm_shipment(shipment(order, [1]))
        with pytest.raises(RejectedError, match="left already"):
            shop.link.confirm_shipment(shipment(order, [1]))

    @pytest.mark.parametrize("refusals", ["status", "200"])
    @pytest.mark.parametrize("shape", ["wrapped", "list", "message", "gateway", "xml"])
    def test_a_refusal_in_each_shape_changes_nothing(self, shop, refusals, shape):
        order = shop.sell("A")
        shop.link.accept(str(order.id))
        shop.set(refusals=refusals, errors=shape)
        told = shipment(order, [1], tracking_number="N" * 500)
        shop.shop.faults.add("status", status=400, path="/shipping")
        with pytest.raises(RejectedError) as caught:
            shop.link.confirm_shipment(told)
        assert caught.value.advice
        assert shop.order(order).status == "Acknowledged"
        with pytest.raises(RejectedError) as caught:
            shop.link.accept("5")
        assert caught.value.gone

    def test_another_carrier_with_its_link(self, shop):
        order = shop.sell("A")
        shop.link.accept(str(order.id))
        told = shipment(order, [1], carrier="Veho", tracking_url="https://veho.example/1")
        assert not shop.link.confirm_shipment(told).was_there

    def test_what_the_buyer_wanted_cancelled_leaves_knowingly(self, shop):
        order = shop.sell("A")
        shop.link.accept(str(order.id))
        shop.happen(order, "intend_to_cancel")
        assert not shop.link.confirm_shipment(shipment(order, [1])).was_there

    def test_a_line_is_cancelled_once_and_the_other_leaves(self, shop):
        listings = [shop.account.find(sku=sku).id for sku in ("A", "B")]
        order = shop.shop.sell_lines("walmart", [(listings[0], 2), (listings[1], 1)])
        shop.link.accept(str(order.id))
        first, second = (str(line.id) for line in order.lines)
        for _ in range(2):
            found = shop.link.cancel_line(str(order.id), first)
            assert [line.cancelled for line in found.lines] == [2, 0]
        assert len(shop.calls("POST", f"/v3/orders/{order.id}/cancel")) == 1
        assert found.status == "Acknowledged"
        shop.link.confirm_shipment(shipment(order, [0, 1]))
        assert shop.order(order).status == "Shipped"
        with pytest.raises(RejectedError):
            shop.link.cancel_line(str(order.id), second)

    @pytest.mark.parametrize("is_asked", [True, False])
    def test_the_reason_is_the_buyers_where_the_buyer_asked(self, shop, is_asked):
        order = shop.sell("A")
        if is_asked:
            shop.happen(order, "intend_to_cancel")
        assert shop.link.cancel_line(str(order.id), str(order.lines[0].id)).status == "Cancelled"

    def test_orders_of_long_ago_are_refused_in_words(self, shop):
        shop.shop.clock.advance(-31 * 86400)
        order = shop.sell("A")
        shop.shop.clock.advance(31 * 86400)
        shop.link.accept(str(order.id))
        with pytest.raises(RejectedError, match="more than 30 days ago"):
            shop.link.confirm_shipment(shipment(order, [1]))

    def test_what_walmart_ships_is_left_to_it(self, shop):
        order = shop.sell("W")
        key, line = str(order.id), str(order.lines[0].id)
        for tell in (
            lambda: shop.link.accept(key),
            lambda: shop.link.cancel_line(key, line),
            lambda: shop.link.confirm_shipment(shipment(order, [1])),
        ):
            with pytest.raises(RejectedError, match="own stock"):
                tell()
