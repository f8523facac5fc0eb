"""What every channel that is told about orders owes the sync engine, by the answers its `adapter.py` plans."""

from importlib import import_module

import pytest

from wholecell.channels import discover
from wholecell.channels.contract import (
    AcceptsOrders,
    CancelsLines,
    ChannelError,
    ConfirmsShipments,
    CredentialsError,
    NotAcceptedError,
    RejectedError,
    TemporaryError,
)
from wholecell.services.connect import can


def those_that(protocol):
    """The channels that can, each with its adapter."""
    return [kind for kind, channel in discover().items() if channel.is_built and can(channel, protocol)]


def adapter_of(kind):
    return import_module(f"tests.channels.{kind}.adapter")


def secrets_of(adapter):
    return filter(None, (adapter.SETTINGS[name] for name in (*adapter.CHANNEL.secrets, *adapter.CHANNEL.app_secrets)))


def writes(answers, adapter):
    """What was told. Some channels are asked for an access token in between."""
    token_url = getattr(adapter, "TOKEN_URL", None)
    calls = [call.request for call in answers.calls if call.request.url != token_url]
    return [request.method for request in calls if request.method != "GET"]


def test_there_are_channels_to_try():
    assert those_that(AcceptsOrders) and those_that(CancelsLines) and those_that(ConfirmsShipments)


@pytest.mark.parametrize(("status", "error"), [(401, CredentialsError), (429, TemporaryError), (500, TemporaryError)])
@pytest.mark.parametrize("kind", those_that(ConfirmsShipments))
def test_refusals_are_told_apart_everywhere(kind, answers, status, error):
    adapter = adapter_of(kind)
    connector, shipment = adapter.connect(), adapter.a_shipment()
    adapter.answer_every_call(answers, status)
    uses = [lambda: connector.confirm_shipment(shipment)]
    if isinstance(connector, AcceptsOrders):
        uses.append(lambda: connector.accept(shipment.order_id))
    if isinstance(connector, CancelsLines):
        uses.append(lambda: connector.cancel_line(shipment.order_id, next(iter(shipment.lines))))
    for use in uses:
        with pytest.raises(ChannelError) as caught:
            use()
        assert isinstance(caught.value, error)
        assert caught.value.message.endswith(".")
        assert not any(secret in repr(caught.value.__dict__) for secret in secrets_of(adapter))


@pytest.mark.parametrize("kind", those_that(AcceptsOrders))
def test_an_order_is_accepted_once(kind, answers):
    adapter = adapter_of(kind)
    order_id, _ = adapter.answer_order_to_accept(answers)
    remote = adapter.connect().accept(order_id)
    assert remote is None or (remote.external_id, remote.is_to_accept) == (order_id, False)
    answers.reset()
    adapter.answer_order_to_ship(answers)
    answers.calls.reset()
    adapter.connect().accept(order_id)
    assert writes(answers, adapter) == []


@pytest.mark.parametrize("kind", those_that(CancelsLines))
def test_a_line_that_is_cancelled_is_left_alone(kind, answers):
    adapter = adapter_of(kind)
    order_id, line_id = adapter.answer_order_over(answers)
    remote = adapter.connect().cancel_line(order_id, line_id)
    assert remote is None or [line.cancelled for line in remote.lines] == [1]
    assert writes(answers, adapter) == []


@pytest.mark.parametrize("kind", those_that(ConfirmsShipments))
class TestShipments:
    def test_a_parcel_leaves_with_its_phone(self, kind, answers):
        adapter = adapter_of(kind)
        shipment = adapter.answer_order_to_ship(answers)
        result = adapter.connect().confirm_shipment(shipment)
        assert not result.was_there
        if discover()[kind].takes_esn:
            assert list(result.taken_units) == [unit.esn for unit in shipment.units]

    def test_what_is_there_is_not_sent_again(self, kind, answers):
        adapter = adapter_of(kind)
        result = adapter.connect().confirm_shipment(adapter.answer_order_shipped(answers))
        assert result.was_there
        if getattr(adapter, "REPEATS_ARE_HARMLESS", False):
            return
        assert writes(answers, adapter) == []

    def test_a_phone_that_is_refused_does_not_hold_the_parcel(self, kind, answers):
        adapter = adapter_of(kind)
        if not discover()[kind].takes_esn:
            pytest.skip("it takes no numbers of phones")
        shipment = adapter.answer_order_to_ship(answers, takes_number=False)
        result = adapter.connect().confirm_shipment(shipment)
        assert list(result.refused_units) == [shipment.units[0].esn]
        assert all(result.refused_units.values())

    def test_a_refused_parcel_keeps_the_channels_words(self, kind, answers):
        adapter = adapter_of(kind)
        shipment = adapter.answer_order_refused(answers)
        with pytest.raises(RejectedError) as caught:
            adapter.connect().confirm_shipment(shipment)
        assert "is blocked" in caught.value.message
        assert caught.value.advice

    def test_an_order_to_accept_says_so_and_nothing_is_sent(self, kind, answers):
        adapter = adapter_of(kind)
        if not isinstance(adapter.connect(), AcceptsOrders):
            pytest.skip("it waits for no yes")
        adapter.answer_order_to_accept(answers)
        with pytest.raises(NotAcceptedError):
            adapter.connect().confirm_shipment(adapter.a_shipment())
        assert writes(answers, adapter) == []
