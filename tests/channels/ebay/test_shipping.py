"""Shipments: looked for first, told once, a call for each."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.channels.ebay.adapter import (
    NUMBER,
    SHIPMENTS_URL,
    a_shipment,
    answer_token,
    answer_trading,
    connect,
    problem_of,
    sent,
)
from tests.channels.ebay.payloads import (
    TRADING_URL,
    answer,
    errors,
    example,
    fault,
    request_of,
    shipment,
    shipments,
    trading_example,
)
from tests.oas import needs_spec
from wholecell.channels.contract import RejectedError, TemporaryError
from wholecell.channels.own_state import OwnState

EXAMPLE = SHIPMENTS_URL.replace("/7/", "/14-13750-10001/")


def plan(planned, *there, status=201, body=None, **more):
    answer_token(planned)
    planned.get(SHIPMENTS_URL, json=shipments(*there))
    planned.post(SHIPMENTS_URL, json=body, status=status, **more)


def told(planned):
    return [
        json.loads(call.request.body)
        for call in planned.calls
        if call.request.url == SHIPMENTS_URL and call.request.body
    ]


@needs_spec("ebay/examples")
class TestExamples:
    def test_it_is_told_as_the_example_tells_it(self, answers):
        answer_token(answers)
        wanted = request_of("create_shipping_fulfillment")["body"]
        answers.get(EXAMPLE, json=shipments())
        answers.post(EXAMPLE, status=201, headers={"Location": f"{EXAMPLE}/9400111899560012345678"})
        (line,) = wanted["lineItems"]
        parcel = a_shipment(
            order_id="14-13750-10001",
            carrier="USPS",
            lines={line["lineItemId"]: line["quantity"]},
            tracking_number="9400 1118 9956 0012 3456 78",
            shipped_at=datetime(2025, 10, 15, 20, tzinfo=UTC),
        )
        result = connect().confirm_shipment(parcel)
        assert "9400111899560012345678" in result.answer and not result.was_there
        assert json.loads(answers.calls[-1].request.body) == wanted, "without its blanks"

    def test_it_is_found_there(self, answers):
        answer_token(answers)
        answers.get(EXAMPLE, json=example("shipping_fulfillments"))
        parcel = a_shipment(order_id="14-13750-10001", tracking_number="9400-1118-9956-0012-3456-78")
        assert connect().confirm_shipment(parcel).was_there

    def test_a_number_it_does_not_take(self, answers):
        answer_token(answers)
        answers.get(EXAMPLE, json=shipments())
        answers.post(EXAMPLE, json=example("create_shipping_fulfillment_bad_tracking"), status=400)
        problem = problem_of(lambda: connect().confirm_shipment(a_shipment(order_id="14-13750-10001")), RejectedError)
        assert problem.message == "Invalid shipment tracking number or carrier." and "Correct them" in problem.advice


class TestTelling:
    def test_each_of_several_packages_is_a_call(self, answers):
        plan(answers, shipment("FIRST1"))
        connect().confirm_shipment(a_shipment(tracking_number="SECOND2", lines={"9": 1, "10": 2}))
        (body,) = told(answers)
        assert body["lineItems"] == [{"lineItemId": "9", "quantity": 1}, {"lineItemId": "10", "quantity": 2}]
        assert (body["trackingNumber"], body["shippingCarrierCode"]) == ("SECOND2", "UPS")

    @pytest.mark.parametrize("number", ["", " - "])
    def test_without_a_number_there_is_no_carrier_either(self, answers, number):
        plan(answers)
        connect().confirm_shipment(a_shipment(tracking_number=number))
        assert set(told(answers)[0]) == {"lineItems", "shippedDate"}

    def test_without_a_number_an_earlier_try_is_known_by_its_lines(self, answers):
        plan(answers, shipment("", quantity=1))
        assert connect().confirm_shipment(a_shipment(tracking_number="", may_be_there=True)).was_there
        assert (
            not connect().confirm_shipment(a_shipment(tracking_number="", lines={"9": 2}, may_be_there=True)).was_there
        )
        assert not connect().confirm_shipment(a_shipment(tracking_number="")).was_there, "another one may be alike"

    @pytest.mark.parametrize(("ahead", "is_told"), [(timedelta(days=1), False), (-timedelta(hours=1), True)])
    def test_just_now_is_left_to_ebays_clock(self, answers, ahead, is_told):
        plan(answers)
        connect().confirm_shipment(a_shipment(shipped_at=datetime.now(UTC) + ahead))
        assert ("shippedDate" in told(answers)[0]) == is_told


class TestRefusals:
    @pytest.mark.parametrize("number", [32100, 32200, 32210, 32300, 32500, 34100, 34200, 34300, 34500, 1])
    def test_the_way_out_is_said(self, answers, number):
        plan(answers, status=400, body=errors(number, "Refused"))
        problem = problem_of(lambda: connect().confirm_shipment(a_shipment()), RejectedError)
        assert (problem.message, problem.gone) == ("Refused.", number == 32100)
        assert problem.advice

    def test_an_order_of_nobody(self, answers):
        answer_token(answers)
        answers.get(SHIPMENTS_URL, json=errors(32100, "Invalid Order Id: 7"), status=400)
        assert problem_of(lambda: connect().confirm_shipment(a_shipment()), RejectedError).gone

    @pytest.mark.parametrize(("status", "body"), [(409, None), (400, errors(34500, "Exists"))])
    def test_after_a_conflict_it_is_looked_for_again(self, answers, status, body):
        answer_token(answers)
        answers.get(SHIPMENTS_URL, json=shipments())
        answers.get(SHIPMENTS_URL, json=shipments(shipment(NUMBER)))
        answers.post(SHIPMENTS_URL, json=body, status=status)
        assert connect().confirm_shipment(a_shipment()).was_there

    def test_a_conflict_with_another_change_is_tried_again(self, answers):
        plan(answers, status=409)
        assert "another change" in problem_of(lambda: connect().confirm_shipment(a_shipment())).message

    def test_a_fault_of_ebays_may_have_been_applied(self, answers):
        plan(answers, status=400, body=errors(30500, "System error", category="APPLICATION"))
        assert problem_of(lambda: connect().confirm_shipment(a_shipment()), TemporaryError).maybe_applied


class TestCarriers:
    def code(self, planned, carrier, state=None):
        planned.calls.reset()
        connect(state).confirm_shipment(a_shipment(carrier=carrier))
        return told(planned)[0]["shippingCarrierCode"]

    @pytest.mark.parametrize(("carrier", "code"), [("fedex", "FedEx"), ("DHL Express", "DHL"), ("", "Other")])
    def test_the_usual_ones_cost_no_call(self, answers, carrier, code):
        plan(answers)
        assert self.code(answers, carrier) == code

    def test_others_are_asked_for_once_a_week(self, answers):
        plan(answers)
        names = "".join(
            f"<ShippingCarrierDetails><Description>{words}</Description><ShippingCarrier>{name}</ShippingCarrier>"
            "</ShippingCarrierDetails>"
            for name, words in [
                ("ONTRAC", "OnTrac"),
                ("RoyalMail", "Royal Mail"),
                *((f"C{i}", "x" * 50) for i in range(90)),
            ]
        )
        answer_trading(answers, "GeteBayDetails", answer("GeteBayDetails", names))
        state = OwnState()
        assert [self.code(answers, each, state) for each in ("On Trac", "Royal Mail")] == ["ONTRAC", "RoyalMail"]
        assert sent(answers, "GeteBayDetails") == [], "the second time it is remembered"
        assert len(state.recall("carriers")) <= 4000
        assert self.code(answers, "Nobody's", state) == "Other"

    @needs_spec("ebay/trading")
    @pytest.mark.parametrize("is_told", [True, False])
    def test_what_ebay_has_no_code_for_goes_as_other(self, answers, is_told):
        plan(answers)
        refused = answer("GeteBayDetails", fault("10007"), "Failure")
        answers.post(TRADING_URL, body=trading_example("get_ebay_details_response") if is_told else refused)
        assert self.code(answers, "Pigeon Post") == "Other"
