from datetime import UTC, datetime

import pytest

from tests.channels.amazon.adapter import CONFIRM, ORDER, a_package, a_shipment, answer_token, connect, problem_of, sent
from tests.channels.amazon.payloads import errors, order
from wholecell.channels.amazon import CHANNEL
from wholecell.channels.amazon.carriers import CODES, code
from wholecell.channels.contract import CredentialsError, RejectedError, RemoteUnit


def confirm(answers, status=204, body=None, **fields):
    answer_token(answers)
    answers.post(CONFIRM, json=body, status=status) if body else answers.post(CONFIRM, status=status)
    return connect().confirm_shipment(a_shipment(may_be_there=False, **fields))


def detail(answers):
    return sent(answers.calls[-1])["packageDetail"]


def test_a_new_shipment_is_told_in_one_call(answers):
    result = confirm(answers, lines={"71": 1, "72": 2})
    assert not result.was_there
    assert len(answers.calls) == 2
    assert sent(answers.calls[1]) == {
        "marketplaceId": "ATVPDKIKX0DER",
        "packageDetail": {
            "packageReferenceId": "42",
            "carrierCode": "UPS",
            "shippingMethod": "Ground",
            "trackingNumber": "1Z999AA10123456784",
            "shipDate": "2026-03-02T10:00:00Z",
            "orderItems": [{"orderItemId": "71", "quantity": 1}, {"orderItemId": "72", "quantity": 2}],
        },
    }


def test_each_shipment_has_its_own_number_which_is_text(answers):
    confirm(answers, number=7)
    assert detail(answers)["packageReferenceId"] == "7"


@pytest.mark.parametrize(
    ("carrier", "named", "extra"),
    [
        ("UPS", "UPS", {}),
        ("ups", "UPS", {}),
        ("FedEx", "FedEx", {}),
        ("DHL Express", "DHL", {}),
        ("Royal Mail", "Royal Mail", {}),
        ("Purolator", "Other", {"carrierName": "Purolator"}),
        ("Bob's van", "Other", {"carrierName": "Bob's van"}),
        ("", "Other", {"carrierName": "Other"}),
    ],
)
def test_carriers_are_spelled_as_amazon_wants_them(answers, carrier, named, extra):
    confirm(answers, carrier=carrier, service="")
    told = detail(answers)
    assert told["carrierCode"] == named
    assert {name: told[name] for name in told if name in {"carrierName", "shippingMethod"}} == extra


def test_every_code_is_its_own():
    assert all(code(name) == name for name in CODES)
    assert CHANNEL.carriers == CODES


def test_numbers_of_phones_stay_here(answers):
    confirm(answers, units=[RemoteUnit("71", "352099001761481")])
    assert "352099001761481" not in answers.calls[-1].request.body.decode()
    assert not CHANNEL.takes_esn


def test_without_a_tracking_number_nothing_is_sent(answers):
    problem = problem_of(lambda: connect().confirm_shipment(a_shipment(tracking_number="")), RejectedError)
    assert "tracking number" in problem.message
    assert len(answers.calls) == 0


@pytest.mark.parametrize("number", ["1Z999AA10123456784", "1z99 9aa1-0123456784"])
def test_one_that_may_be_there_is_looked_for_first(answers, number):
    answer_token(answers)
    answers.get(ORDER, json={"order": order(7, "SHIPPED", packages=[a_package(trackingNumber=number)])})
    assert connect().confirm_shipment(a_shipment()).was_there
    assert answers.calls[1].request.params["includedData"] == "FULFILLMENT,PACKAGES"


@pytest.mark.parametrize("packages", [None, [], "odd", [a_package(trackingNumber="1Z0000000000000000")], [{}]])
def test_one_that_is_not_there_is_sent_under_the_same_number(answers, packages):
    answer_token(answers)
    answers.get(ORDER, json={"order": order(7, packages=packages)})
    answers.post(CONFIRM, status=204)
    assert not connect().confirm_shipment(a_shipment()).was_there
    assert detail(answers)["packageReferenceId"] == "42"


@pytest.mark.parametrize(
    ("status", "code", "words", "advice"),
    [
        (400, "PackageToUpdateNotFound", "It cannot be", "shipped already"),
        (400, "InvalidInput", "Not found (errorMetric=PackageToUpdateNotFound)", "shipped already"),
        (400, "InvalidInput", "It cannot be", "Try again"),
        (404, "NotFound", "It cannot be", "Try again"),
    ],
)
def test_a_refusal_keeps_amazons_words(answers, status, code, words, advice):
    problem = problem_of(lambda: confirm(answers, status, errors(code, words)), RejectedError)
    assert (problem.message, problem.gone) == (f"{words}.", status == 404)
    assert advice in problem.advice


def test_an_order_that_is_gone_says_so(answers):
    answer_token(answers)
    answers.get(ORDER, json=errors("NotFound", "Order not found."), status=404)
    assert problem_of(lambda: connect().confirm_shipment(a_shipment()), RejectedError).gone


def test_a_missing_role(answers):
    problem_of(lambda: confirm(answers, 403, errors("Unauthorized", "Denied")), CredentialsError)


@pytest.mark.parametrize(("status", "maybe"), [(500, True), (503, True), (429, False)])
def test_a_fault_of_theirs_may_have_told_it(answers, status, maybe):
    assert problem_of(lambda: confirm(answers, status)).maybe_applied == maybe


def test_times_leave_in_utc(answers):
    confirm(answers, shipped_at=datetime.fromisoformat("2026-03-02T23:30:00-05:00").astimezone(UTC))
    assert detail(answers)["shipDate"] == "2026-03-03T04:30:00Z"


def test_shipments_are_told_only_where_it_is_ticked():
    assert not CHANNEL.sends_shipments
