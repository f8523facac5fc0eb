"""Accepting, cancelling and shipping over a real socket, each call checked against Back Market's own document."""

from datetime import UTC, datetime

import pytest

from tests.engine_world import LOGIN
from tests.oas import needs_spec, specs_folder, validating
from wholecell.channels.backmarket import parcels
from wholecell.channels.backmarket.client import BackMarket
from wholecell.channels.contract import (
    CredentialsError,
    NotAcceptedError,
    RejectedError,
    RemoteShipment,
    RemoteUnit,
    TemporaryError,
)
from wholecell.channels.own_state import OwnState
from wholecell.sandbox import Sandbox

pytestmark = needs_spec("backmarket/back-market-openapi.yml")

IMEI, OTHER_IMEI, WRONG_IMEI = "352099001761481", "353985102048175", "352099001761482"
TRACKING = "1Z999AA10123456784"


@pytest.fixture
def sandbox():
    """A sandbox whose every call is checked; a complaint fails the test at its end."""
    checkers = []

    def wrap(app):
        checkers.append(validating(app, specs_folder() / "backmarket" / "back-market-openapi.yml", "/backmarket"))
        return checkers[0]

    with Sandbox(wrap=wrap) as running:
        for limit in running.shop.account("backmarket").limits.values():
            limit.most = None
        offer = {"grade": "GOOD", "price": "99.90", "currency": "USD", "quantity": 50}
        running.shop.seed_backmarket([{"sku": f"S{i}", "title": f"P{i}", **offer} for i in range(3)])
        yield running
    assert checkers[0].complaints == []


@pytest.fixture
def shop(sandbox):
    return sandbox.shop


@pytest.fixture
def connector(sandbox):
    return BackMarket(LOGIN, sandbox.base_url("backmarket"), OwnState())


def sell(shop, *units, **options):
    """An order of so many units of S0, S1, ..."""
    ids = [shop.account("backmarket").find(sku=f"S{i}").id for i in range(len(units))]
    return shop.sell_lines("backmarket", list(zip(ids, units, strict=True)), **options)


def parcel(order, *esns, **fields):
    """All of the order; numbers go to its lines one by one."""
    values = {
        "carrier": "UPS",
        "service": "",
        "tracking_number": TRACKING,
        "tracking_url": f"https://www.ups.com/track?tracknum={TRACKING}",
        "shipped_at": datetime(2026, 3, 2, 10, tzinfo=UTC),
        "lines": {str(line.id): line.quantity for line in order.lines},
        "units": [RemoteUnit(str(line.id), esn) for line, esn in zip(order.lines, esns, strict=False)],
    }
    return RemoteShipment(order_id=str(order.id), **{**values, **fields})


def accepted(connector, shop, *units, **options):
    order = sell(shop, *units, **options)
    connector.accept(str(order.id))
    return order


def states(order):
    return [int(line.state) for line in order.lines]


def writes(shop):
    return [(call.method, call.status) for call in shop.calls if call.method != "GET"]


def refused(call, kind=RejectedError):
    with pytest.raises(kind) as caught:
        call()
    assert caught.value.message
    return caught.value


class TestAccept:
    def test_every_line_that_waits_is_accepted_and_the_order_comes_back(self, connector, shop):
        order = sell(shop, 2, 1)
        remote = connector.accept(str(order.id))
        assert (states(order), order.state) == ([2, 2], 3)
        assert (remote.external_id, remote.status, remote.is_to_accept) == (str(order.id), "3", False)

    def test_what_is_accepted_already_is_not_sent_again(self, connector, shop):
        order = accepted(connector, shop, 1, 1)
        before = writes(shop)
        assert connector.accept(str(order.id)).status == "3"
        assert writes(shop) == before

    def test_cut_after_the_first_line_it_goes_on_with_the_second(self, connector, shop):
        order = sell(shop, 1, 1)
        shop.faults.add("cut_after", method="POST")
        assert refused(lambda: connector.accept(str(order.id)), TemporaryError).maybe_applied
        assert states(order) == [2, 1]
        connector.accept(str(order.id))
        assert states(order) == [2, 2]
        assert len(writes(shop)) == 2

    def test_a_cancelled_line_is_left_alone(self, connector, shop):
        order = sell(shop, 1, 1)
        shop.cancel_line("backmarket", order.id, order.lines[0].id)
        connector.accept(str(order.id))
        assert states(order) == [4, 2]

    def test_an_order_that_is_gone_says_so(self, connector):
        assert refused(lambda: connector.accept("5")).gone
        assert refused(lambda: connector.accept("x/../1")).gone


class TestCancel:
    def test_a_waiting_line_is_cancelled_and_an_accepted_one_refunded(self, connector, shop):
        waiting, taken = sell(shop, 1, 1), accepted(connector, shop, 1, 1)
        for order in (waiting, taken):
            remote = connector.cancel_line(str(order.id), str(order.lines[0].id))
            assert remote.lines[0].ordered == 1
        assert (states(waiting), states(taken)) == ([4, 1], [5, 2])

    def test_once_is_enough(self, connector, shop):
        order = sell(shop, 1, 1)
        shop.faults.add("cut_after", method="POST")
        cancel = lambda: connector.cancel_line(str(order.id), str(order.lines[0].id))  # noqa: E731
        refused(cancel, TemporaryError)
        assert cancel().lines[0].cancelled == 1
        assert len(writes(shop)) == 1

    def test_what_left_or_is_not_paid_is_not_cancelled_from_here(self, connector, shop):
        order = accepted(connector, shop, 1)
        connector.confirm_shipment(parcel(order))
        unpaid = sell(shop, 1, state=10)
        for each, why in ((order, "left already"), (unpaid, "waits for its payment")):
            found = refused(lambda each=each: connector.cancel_line(str(each.id), str(each.lines[0].id)))
            assert why in found.message and found.advice
        assert refused(lambda: connector.cancel_line(str(order.id), "77")).gone

    def test_a_sku_on_two_lines_is_left_to_the_back_office(self, connector, shop):
        listing = shop.account("backmarket").find(sku="S0").id
        order = shop.sell_lines("backmarket", [(listing, 1), (listing, 1)])
        found = refused(lambda: connector.cancel_line(str(order.id), str(order.lines[1].id)))
        assert "Several lines" in found.message
        assert states(order) == [1, 1]


class TestShip:
    def test_one_phone_leaves_with_its_imei_in_one_call(self, connector, shop):
        order = accepted(connector, shop, 1)
        before = len(writes(shop))
        result = connector.confirm_shipment(parcel(order, IMEI))
        assert (states(order), order.tracking_number, order.shipper) == ([3], TRACKING, "UPS")
        assert (order.lines[0].imei, order.tracking_url) == (IMEI, f"https://www.ups.com/track?tracknum={TRACKING}")
        assert order.shipped == datetime(2026, 3, 2, 10, tzinfo=UTC)
        assert (result.was_there, result.taken_units, result.refused_units) == (False, [IMEI], {})
        assert len(writes(shop)) == before + 1

    def test_a_serial_goes_as_one(self, connector, shop):
        order = accepted(connector, shop, 1)
        connector.confirm_shipment(parcel(order, "F2LX12345678"))
        assert (order.lines[0].imei, order.lines[0].serial_number) == ("", "F2LX12345678")

    def test_lines_of_one_unit_get_their_numbers_afterwards(self, connector, shop):
        order = accepted(connector, shop, 1, 1)
        result = connector.confirm_shipment(parcel(order, IMEI, OTHER_IMEI))
        assert [line.imei for line in order.lines] == [IMEI, OTHER_IMEI]
        assert result.taken_units == [IMEI, OTHER_IMEI]

    def test_lines_of_several_units_take_none(self, connector, shop):
        order = accepted(connector, shop, 2)
        line = str(order.lines[0].id)
        units = [RemoteUnit(line, IMEI), RemoteUnit(line, OTHER_IMEI)]
        result = connector.confirm_shipment(parcel(order, units=units))
        assert states(order) == [3]
        assert set(result.refused_units) == {IMEI, OTHER_IMEI}
        assert "lines of one unit only" in result.refused_units[IMEI]

    def test_a_refused_number_does_not_hold_the_parcel(self, connector, shop, monkeypatch):
        monkeypatch.setattr(parcels, "identifier", lambda esn: {"imei": esn})  # as if the digits were not checked
        order = accepted(connector, shop, 1)
        result = connector.confirm_shipment(parcel(order, WRONG_IMEI))
        assert states(order) == [3]
        assert result.refused_units == {WRONG_IMEI: "imei is not valid"}

    def test_digits_that_are_no_imei_are_not_sent_for_they_stay_for_good(self, connector, shop):
        order = accepted(connector, shop, 1)
        result = connector.confirm_shipment(parcel(order, WRONG_IMEI))
        assert (states(order), order.lines[0].imei) == ([3], "")
        assert "is no number that Back Market takes" in result.refused_units[WRONG_IMEI]

    def test_a_registered_number_is_never_changed(self, connector, shop):
        order = accepted(connector, shop, 1)
        order.lines[0].imei = OTHER_IMEI
        result = connector.confirm_shipment(parcel(order, IMEI))
        assert result.refused_units == {IMEI: f"Back Market has {OTHER_IMEI} for this line, and never changes one."}
        assert states(order) == [3]

    def test_not_accepted_is_told_apart_and_nothing_is_sent(self, connector, shop):
        order = sell(shop, 1, 1)
        assert refused(lambda: connector.confirm_shipment(parcel(order)), NotAcceptedError).advice
        assert writes(shop) == []
        connector.accept(str(order.id))
        connector.confirm_shipment(parcel(order))
        assert states(order) == [3, 3]

    def test_part_of_an_order_is_refused_in_plain_words(self, connector, shop):
        order = accepted(connector, shop, 2, 1)
        lines = {str(order.lines[0].id): 1}
        found = refused(lambda: connector.confirm_shipment(parcel(order, lines=lines)))
        assert found.message == "A Back Market order leaves as one shipment, and this one lacks 1 of S0, 1 of S1."
        assert states(order) == [2, 2]

    def test_without_its_cancelled_line_an_order_leaves(self, connector, shop):
        order = accepted(connector, shop, 1, 1)
        connector.cancel_line(str(order.id), str(order.lines[1].id))
        found = refused(lambda: connector.confirm_shipment(parcel(order)))
        assert "S1 was cancelled on Back Market and is still in the shipment." in found.message
        connector.confirm_shipment(parcel(order, lines={str(order.lines[0].id): 1}))
        assert states(order) == [3, 5]

    def test_nothing_left_and_nothing_paid(self, connector, shop):
        order = accepted(connector, shop, 1)
        connector.cancel_line(str(order.id), str(order.lines[0].id))
        assert "Nothing of this order is left" in refused(lambda: connector.confirm_shipment(parcel(order))).message
        unpaid = sell(shop, 1, state=10)
        assert "not paid yet" in refused(lambda: connector.confirm_shipment(parcel(unpaid))).message

    def test_an_order_that_back_market_ships_is_not_pushed(self, connector, shop):
        order = accepted(connector, shop, 1, backship=True)
        found = refused(lambda: connector.confirm_shipment(parcel(order)))
        assert found.message.startswith("Back Market provides the carrier")
        assert states(order) == [2]

    def test_a_long_link_is_left_out(self, connector, shop):
        order = accepted(connector, shop, 1)
        connector.confirm_shipment(parcel(order, tracking_url="https://a.example/" + "x" * 300))
        assert (states(order), order.tracking_url) == ([3], "")


def ship_blindly(connector, shipment):
    seen, refused_units = connector._ship(shipment, connector._see(shipment.order_id))
    return connector._identify(shipment, seen, refused_units, was_there=False)


class TestNotTwice:
    @pytest.fixture(params=[True, False], ids=["guarded", "without reading back"])
    def reads_back(self, request, monkeypatch):
        """The twin looks at what the order became after its own write, never at what it was before."""
        if not request.param:
            monkeypatch.setattr(BackMarket, "confirm_shipment", lambda own, parcel: ship_blindly(own, parcel))
        return request.param

    @pytest.mark.parametrize("kind", ["cut_after", "broken_json", "status"])
    def test_a_lost_answer_is_read_back(self, connector, shop, reads_back, kind):
        order = accepted(connector, shop, 1)
        shop.faults.add(kind, method="POST", status=502)
        send = lambda: connector.confirm_shipment(parcel(order, IMEI, may_be_there=True))  # noqa: E731
        assert refused(send, TemporaryError).maybe_applied
        is_applied = kind != "status"
        assert states(order) == [3 if is_applied else 2]
        if reads_back or not is_applied:
            result = send()
            assert (result.was_there, result.taken_units) == (is_applied, [IMEI])
            assert (
                sum(status == 200 for _, status in writes(shop)) <= 2
            )  # the accept, and the shipment where it arrived
        else:
            refused(send)  # sent again, and Back Market says no to a shipment that left
            assert writes(shop)[-1] == ("POST", 400)

    def test_another_number_there_is_told(self, connector, shop):
        order = accepted(connector, shop, 1)
        connector.confirm_shipment(parcel(order))
        found = refused(lambda: connector.confirm_shipment(parcel(order, tracking_number="OTHER1")))
        assert found.message == f"Back Market says that this order left with another number: {TRACKING}."
        same = parcel(order, tracking_number="1Z 999AA1 0123456784")
        assert connector.confirm_shipment(same).was_there

    def test_trouble_with_the_numbers_goes_on_where_it_stopped(self, connector, shop):
        order = accepted(connector, shop, 1, 1)
        shop.faults.add("status", method="PATCH", status=429)
        found = refused(lambda: connector.confirm_shipment(parcel(order, IMEI, OTHER_IMEI)), TemporaryError)
        assert found.maybe_applied and found.retry_after
        result = connector.confirm_shipment(parcel(order, IMEI, OTHER_IMEI, may_be_there=True))
        assert result.was_there and result.taken_units == [IMEI, OTHER_IMEI]
        assert [line.imei for line in order.lines] == [IMEI, OTHER_IMEI]
        ships = [call for call in shop.calls if call.method == "POST" and call.status == 200]
        assert len(ships) == 3  # two accepted lines and one shipment


@pytest.mark.parametrize(
    ("status", "kind"), [(401, CredentialsError), (429, TemporaryError), (500, TemporaryError), (503, TemporaryError)]
)
@pytest.mark.parametrize("verb", ["accept", "cancel", "ship"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_trouble_is_told_apart(connector, shop, status, kind, verb, method):
    order = sell(shop, 1) if verb == "accept" else accepted(connector, shop, 1)
    calls = {
        "accept": lambda: connector.accept(str(order.id)),
        "cancel": lambda: connector.cancel_line(str(order.id), str(order.lines[0].id)),
        "ship": lambda: connector.confirm_shipment(parcel(order, IMEI)),
    }
    before = states(order)
    shop.faults.add("status", method=method, path="/ws/orders/", status=status)
    problem = refused(calls[verb], kind)
    assert states(order) == before
    if status >= 500:
        assert problem.maybe_applied is (method == "POST")
    assert LOGIN["token"] not in repr(problem.__dict__) + str(problem)
