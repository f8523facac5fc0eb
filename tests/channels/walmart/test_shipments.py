"""Shipments told to Walmart: what is sent, what is there already, and what is refused in plain words before."""

import time
from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.channels.walmart.adapter import (
    NUMBER,
    ORDER,
    a_shipment,
    an_order,
    answer_order_to_ship,
    answer_token,
    connect,
    problem_of,
)
from tests.channels.walmart.payloads import NO_ORDERS, errors, line, order, status
from tests.channels.walmart.told import left, seen, sent
from wholecell.channels.contract import CredentialsError, NotAcceptedError, RejectedError, TemporaryError
from wholecell.channels.walmart.carriers import CARRIERS, carrier_name

SHIPPING = f"{ORDER}/shipping"


@pytest.fixture
def shop(answers):
    answer_token(answers)
    return connect()


def told_of(answers):
    ((url, body),) = sent(answers)
    assert url == SHIPPING
    return body["orderShipment"]["orderLines"]["orderLine"]


class TestShipment:
    def test_request_is_as_documented(self, shop, answers):
        answers.get(ORDER, json=an_order("Acknowledged"))
        answers.post(SHIPPING, json=an_order("Shipped", NUMBER))
        result = shop.confirm_shipment(a_shipment(tracking_url="https://ups.example/1"))
        assert (result.was_there, result.answer) == (False, f"Walmart shows {NUMBER}.")
        assert told_of(answers) == [
            {
                "lineNumber": "9",
                "sellerOrderId": "57",
                "intentToCancelOverride": False,
                "orderLineStatuses": {
                    "orderLineStatus": [
                        {
                            "status": "Shipped",
                            "statusQuantity": {"unitOfMeasurement": "EACH", "amount": "1"},
                            "trackingInfo": {
                                "shipDateTime": 1_772_409_600_000,
                                "carrierName": {"carrier": "UPS"},
                                "methodCode": "Standard",
                                "trackingNumber": NUMBER,
                                "trackingURL": "https://ups.example/1",
                            },
                        }
                    ]
                },
            }
        ]

    def test_no_phones_number_goes_along(self, shop, answers):
        shipment = answer_order_to_ship(answers)
        result = shop.confirm_shipment(shipment)
        assert (list(result.taken_units), dict(result.refused_units)) == ([], {})

    def test_what_the_buyer_wanted_cancelled_leaves_knowingly(self, shop, answers):
        answers.get(ORDER, json=an_order("Acknowledged", intentToCancel="true"))
        answers.post(SHIPPING, json=an_order("Shipped", NUMBER))
        shop.confirm_shipment(a_shipment())
        assert told_of(answers)[0]["intentToCancelOverride"] is True

    @pytest.mark.parametrize(("method", "told"), [("OneDay", "OneDay"), ("EXPRESS", "Express"), ("x", "Standard")])
    def test_method_is_the_orders(self, shop, answers, method, told):
        answers.get(ORDER, json=seen(line("9"), shippingInfo={"methodCode": method}))
        answers.post(SHIPPING, json=an_order("Shipped", NUMBER))
        shop.confirm_shipment(a_shipment())
        (one,) = told_of(answers)[0]["orderLineStatuses"]["orderLineStatus"]
        assert one["trackingInfo"]["methodCode"] == told

    def test_our_number_of_the_order_is_cut_to_what_fits(self, shop, answers):
        answers.get(ORDER, json=seen(line("9"), customerOrderId="5" * 40))
        answers.post(SHIPPING, json=an_order("Shipped", NUMBER))
        shop.confirm_shipment(a_shipment())
        assert told_of(answers)[0]["sellerOrderId"] == "5" * 30

    def test_it_did_not_leave_in_the_future(self, shop, answers):
        answers.get(ORDER, json=an_order("Acknowledged"))
        answers.post(SHIPPING, json=an_order("Shipped", NUMBER))
        shop.confirm_shipment(a_shipment(shipped_at=datetime.now(UTC) + timedelta(days=1)))
        (one,) = told_of(answers)[0]["orderLineStatuses"]["orderLineStatus"]
        assert one["trackingInfo"]["shipDateTime"] <= time.time() * 1000

    def test_other_carriers_need_a_link(self, shop, answers):
        answers.get(ORDER, json=an_order("Acknowledged"))
        answers.post(SHIPPING, json=an_order("Shipped", NUMBER))
        problem = problem_of(lambda: shop.confirm_shipment(a_shipment(carrier="Veho")), RejectedError)
        assert "does not know the carrier Veho" in problem.message
        shop.confirm_shipment(a_shipment(carrier="Veho", tracking_url="https://veho.example/1"))
        info = told_of(answers)[0]["orderLineStatuses"]["orderLineStatus"][0]["trackingInfo"]
        assert (info["carrierName"], info["trackingURL"]) == ({"otherCarrier": "Veho"}, "https://veho.example/1")

    def test_a_number_is_needed(self, shop, answers):
        answers.get(ORDER, json=an_order("Acknowledged"))
        problem_of(lambda: shop.confirm_shipment(a_shipment(tracking_number="")), RejectedError)
        assert sent(answers) == []

    def test_several_lines_and_part_of_one(self, shop, answers):
        answers.get(ORDER, json=seen(line("2", quantity="3"), line("5")))
        both = (line("2", left("2"), status("Acknowledged"), quantity="3"), line("5", left()))
        answers.post(SHIPPING, json=seen(*both))
        shop.confirm_shipment(a_shipment(lines={"2": 2, "5": 1}))
        amounts = [
            (one["lineNumber"], one["orderLineStatuses"]["orderLineStatus"][0]["statusQuantity"]["amount"])
            for one in told_of(answers)
        ]
        assert amounts == [("2", "2"), ("5", "1")]

    def test_a_second_shipment_of_a_line(self, shop, answers):
        first = left("1", "OTHER-1")
        answers.get(ORDER, json=seen(line("9", first, status("Acknowledged"), quantity="2")))
        answers.post(SHIPPING, json=seen(line("9", first, left(), quantity="2")))
        assert not shop.confirm_shipment(a_shipment()).was_there

    @pytest.mark.parametrize("word", ["Shipped", "Delivered"])
    @pytest.mark.parametrize("number", [NUMBER, NUMBER.lower(), " 1Z 999-AA10123456784 "])
    def test_what_is_there_charges_nobody_twice(self, shop, answers, word, number):
        answers.get(ORDER, json=seen(line("9", left("1", number, word))))
        assert shop.confirm_shipment(a_shipment()).was_there
        assert sent(answers) == []

    def test_after_a_time_out_the_order_is_read_and_nothing_repeated(self, shop, answers):
        answers.get(ORDER, json=an_order("Acknowledged"))
        answers.get(ORDER, json=an_order("Shipped", NUMBER))
        answers.post(SHIPPING, body=requests.ReadTimeout())
        assert problem_of(lambda: shop.confirm_shipment(a_shipment())).maybe_applied
        assert shop.confirm_shipment(a_shipment()).was_there
        assert len(sent(answers)) == 1

    def test_of_two_lines_the_one_that_is_there_is_not_sent_again(self, shop, answers):
        answers.get(ORDER, json=seen(line("2", left()), line("5")))
        answers.post(SHIPPING, json=seen(line("2", left()), line("5", left())))
        assert not shop.confirm_shipment(a_shipment(lines={"2": 1, "5": 1})).was_there
        assert [one["lineNumber"] for one in told_of(answers)] == ["5"]

    @pytest.mark.parametrize(
        ("lines", "words"),
        [
            ((line("9", left("1", "OTHER-1")),), "left already, with the number other1"),
            ((line("9", status("Cancelled")),), "1 of 1 of IP13-128-BLK-A were cancelled"),
            ((line("9", status("Refund")),), "left already"),
            ((line("1"),), "has no line 9"),
        ],
    )
    def test_units_that_cannot_leave(self, shop, answers, lines, words):
        answers.get(ORDER, json=seen(*lines))
        problem = problem_of(lambda: shop.confirm_shipment(a_shipment()), RejectedError)
        assert words in problem.message
        assert problem.advice
        assert sent(answers) == []

    def test_more_units_than_are_left(self, shop, answers):
        answers.get(ORDER, json=seen(line("9", status("Acknowledged"), status("Cancelled"), quantity="2")))
        problem = problem_of(lambda: shop.confirm_shipment(a_shipment(lines={"9": 2})), RejectedError)
        assert "1 of 2" in problem.message
        assert sent(answers) == []

    def test_walmarts_own_orders_never(self, shop, answers):
        answers.get(ORDER, json=seen(line("9"), shipNode={"type": "WFSFulfilled"}))
        problem_of(lambda: shop.confirm_shipment(a_shipment()), RejectedError)
        assert sent(answers) == []

    def test_orders_of_more_than_30_days_ago_are_refused_in_words(self, shop, answers):
        placed = datetime.now(UTC) - timedelta(days=30, minutes=1)
        answers.get(ORDER, json={"order": order(7, line("9"), orderDate=int(placed.timestamp() * 1000))})
        problem = problem_of(lambda: shop.confirm_shipment(a_shipment()), RejectedError)
        assert "more than 30 days ago" in problem.message
        assert sent(answers) == []

    def test_not_acknowledged_yet(self, shop, answers):
        answers.get(ORDER, json=seen(line("9", status("Created"), status("Acknowledged"), quantity="2")))
        problem_of(lambda: shop.confirm_shipment(a_shipment()), NotAcceptedError)
        assert sent(answers) == []

    @pytest.mark.parametrize(
        "answer", [{}, {"order": {}}, an_order("Acknowledged"), an_order("Shipped", "OTHER-1"), "text"]
    )
    def test_200_without_the_shipment_proves_nothing(self, shop, answers, answer):
        answers.get(ORDER, json=an_order("Acknowledged"))
        answers.post(SHIPPING, json=answer)
        assert problem_of(lambda: shop.confirm_shipment(a_shipment())).maybe_applied

    @pytest.mark.parametrize(
        ("code", "body", "kind"),
        [
            (400, errors("SYSTEM_ERROR", "Oops", category="SYSTEM"), TemporaryError),
            (423, errors("LOCKED", "Locked"), TemporaryError),
            (403, errors("FORBIDDEN", "No"), CredentialsError),
            (404, errors("X", "No such order"), RejectedError),
            (200, errors("X", "Wrong carrier"), RejectedError),
        ],
    )
    def test_refusals_are_told_apart(self, shop, answers, code, body, kind):
        answers.get(ORDER, json=an_order("Acknowledged"))
        answers.post(SHIPPING, json=body, status=code)
        problem = problem_of(lambda: shop.confirm_shipment(a_shipment()), kind)
        assert getattr(problem, "maybe_applied", False) == (code == 400)

    @pytest.mark.parametrize(
        ("code", "body", "kind", "gone"),
        [
            (404, NO_ORDERS, RejectedError, True),
            (404, {}, TemporaryError, None),
            (400, errors("X", "Bad id"), RejectedError, False),
            (200, {"order": {}}, TemporaryError, None),
            (200, errors("SYSTEM_ERROR", category="SYSTEM"), TemporaryError, None),
        ],
    )
    def test_an_order_that_cannot_be_read_first(self, shop, answers, code, body, kind, gone):
        answers.get(ORDER, json=body, status=code)
        problem = problem_of(lambda: shop.confirm_shipment(a_shipment()), kind)
        assert getattr(problem, "gone", None) is gone
        assert not getattr(problem, "maybe_applied", False)


@pytest.mark.parametrize(
    ("carrier", "service", "told"),
    [
        ("UPS", "Ground", {"carrier": "UPS"}),
        ("usps", "Priority Mail", {"carrier": "USPS"}),
        ("DHL Express", "Worldwide", {"carrier": "DHL"}),
        ("DHL", "eCommerce", {"carrier": "DHL Ecommerce - US"}),
        ("DHL", "Parcel", {"carrier": "DHL"}),
        ("LaserShip", "", {"carrier": "LS"}),
        ("FedEx", "SmartPost", {"carrier": "FEDEXSP"}),
        ("FedEx", "2Day", {"carrier": "FedEx"}),
        ("Veho", "", {"otherCarrier": "Veho"}),
        ("Other", "", {"otherCarrier": "Other"}),
    ],
)
def test_carriers(carrier, service, told):
    assert carrier_name(carrier, service) == told


def test_carriers_are_75_and_each_is_told_as_it_is():
    assert len(CARRIERS) == 75
    assert all(carrier_name(name, "") == {"carrier": name} for name in CARRIERS)
