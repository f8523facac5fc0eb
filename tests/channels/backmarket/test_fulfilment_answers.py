"""Single odd answers to what Back Market is told, and how carriers are spelled for it."""

import json
from datetime import UTC, datetime

import pytest

from tests.channels.backmarket.adapter import connect, problem_of
from tests.channels.backmarket.payloads import HOST, SETTINGS
from wholecell.channels.backmarket import CHANNEL
from wholecell.channels.backmarket.shippers import OTHER, SHIPPERS, shipper
from wholecell.channels.contract import (
    AcceptsOrders,
    CancelsLines,
    ConfirmsShipments,
    RejectedError,
    RemoteShipment,
    TemporaryError,
)
from wholecell.services import carriers


def test_a_yes_that_changed_nothing_is_no_yes(answers):
    row = {"order_id": 7, "state": 1, "orderlines": [{"id": 1, "listing": "S0", "state": 1, "quantity": 1}]}
    answers.get(f"{HOST}/ws/orders/7", json=row)
    answers.post(f"{HOST}/ws/orders/7", json=row)
    found = problem_of(lambda: connect().accept("7"), RejectedError)
    assert found.message == "Back Market answered, but did not change the line S0."
    sent = json.loads(answers.calls[-1].request.body)
    assert sent == {"order_id": 7, "new_state": 2, "sku": "S0"}


def test_a_yes_without_the_parcel_is_unknown(answers):
    row = {"order_id": 7, "state": 3, "orderlines": [{"id": 1, "listing": "S0", "state": 2, "quantity": 1}]}
    answers.get(f"{HOST}/ws/orders/7", json=row)
    answers.post(f"{HOST}/ws/orders/7", json=row)
    shipment = RemoteShipment("7", "UPS", "", "1Z999AA10123456784", "", datetime(2026, 3, 2, tzinfo=UTC), {"1": 1}, [])
    assert problem_of(lambda: connect().confirm_shipment(shipment), TemporaryError).maybe_applied


def test_a_line_without_a_sku_is_left_to_the_back_office(answers):
    row = {"order_id": 7, "state": 1, "orderlines": [{"id": 1, "state": 1, "quantity": 1}]}
    answers.get(f"{HOST}/ws/orders/7", json=row)
    assert "has no SKU" in problem_of(lambda: connect().accept("7"), RejectedError).message


def test_a_refusal_never_repeats_the_token(answers):
    answers.get(f"{HOST}/ws/orders/7", json={"error": {"message": f"no {SETTINGS['token']}"}}, status=400)
    assert SETTINGS["token"] not in str(problem_of(lambda: connect().accept("7"), RejectedError).__dict__)


def test_the_channel_says_what_it_can():
    for protocol in (AcceptsOrders, CancelsLines, ConfirmsShipments):
        assert issubclass(CHANNEL.connect, protocol)
    assert (CHANNEL.is_one_parcel, CHANNEL.takes_esn) == (True, True)


@pytest.mark.parametrize(
    ("carrier", "service", "name"),
    [
        ("UPS", "", "UPS"),
        ("UPS", "Ground", "UPS Ground"),
        ("UPS", "2nd Day Air", "UPS 2nd Day Air"),
        ("USPS", "Priority Mail", "USPS - Priority Mail"),
        ("FedEx", "2Day", "FedEx - 2Days"),
        ("FedEx", "Home Delivery", "FedEx"),
        ("DHL Express", "Worldwide", "DHL Express"),
        ("Parcelforce", "Express 24", "ParcelForce Express"),
        ("Colissimo", "Point retrait", "Colissimo"),
        ("OnTrac", "Ground", OTHER),
        ("Canada Post", "", OTHER),
    ],
)
def test_carriers_are_spelled_as_back_market_wants(carrier, service, name):
    assert shipper(carrier, service) == name
    assert name in SHIPPERS


def test_every_carrier_of_ours_has_a_name_there():
    for carrier in carriers.CARRIERS:
        for service in ("", *carrier.services):
            assert shipper(carrier.name, service) in SHIPPERS
