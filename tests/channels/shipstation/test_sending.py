"""Orders of ours on their way into ShipStation, with planned answers: what is sent, and what odd answers come to."""

import json
from dataclasses import replace

import pytest
import responses

from tests.channels.shipstation.payloads import (
    CREATE,
    MARK,
    ORDER,
    ORDERS,
    PREFIX,
    connect,
    order,
    outgoing,
    page,
    result,
    results,
)
from wholecell.channels.contract import Stage, TemporaryError


def bodies(answers, method="POST"):
    return [json.loads(call.request.body) for call in answers.calls if call.request.method == method]


def test_orders_go_in_hundreds_and_each_has_its_answer(answers):
    orders = [outgoing(number) for number in range(1, 103)]
    answers.post(CREATE, json=results(*(result(each) for each in orders)))
    sent = list(connect(store="310001").send_orders(orders))
    assert [each.order_id for each in sent] == list(range(1, 103))
    assert sent[0].external_id == "901" and not any(each.refusal for each in sent)
    assert [len(each) for each in bodies(answers)] == [100, 2]
    first = bodies(answers)[0][0]
    assert (first["orderKey"], first["orderStatus"]) == (f"{PREFIX}-1", "awaiting_shipment")
    assert (first["orderDate"], first["shipByDate"]) == (
        "2026-07-01T10:30:00.0000000",
        "2026-07-02T23:59:00.0000000",
    )
    assert (first["amountPaid"], first["shippingAmount"]) == (214.99, 5.99)
    assert first["billTo"]["name"] == first["shipTo"]["name"] == "Ann Example"
    assert first["advancedOptions"]["storeId"] == 310001
    assert first["advancedOptions"]["source"] == "Amazon"
    (item,) = first["items"]
    assert (item["lineItemKey"], item["quantity"], item["unitPrice"]) == ("70", 1, 209.0)
    assert item["options"] == [{"name": "IMEI", "value": "356938035643809"}]


def test_a_single_order_is_an_array_too(answers):
    answers.post(CREATE, json=results(result(ORDER)))
    list(connect().send_orders([ORDER]))
    assert isinstance(bodies(answers)[0], list)
    assert "storeId" not in bodies(answers)[0][0]["advancedOptions"]


def test_200_with_errors_refuses_those_alone(answers):
    bad = result(outgoing(2), success=False, orderId=0, errorMessage="Ship Name must not be empty")
    answers.post(CREATE, json=results(result(outgoing(3)), bad, result(outgoing(1))))  # in another order
    first, second, third = connect().send_orders([outgoing(number) for number in (1, 2, 3)])
    assert (first.external_id, third.external_id) == ("901", "903")
    assert second.refusal == "Ship Name must not be empty" and second.advice


def test_a_refused_hundred_is_sent_one_by_one(answers):
    said = {"Message": "The request is invalid.", "ModelState": {"apiOrder.shipTo.country": ["Two letters"]}}
    answers.post(CREATE, status=400, json=said)
    answers.post(CREATE, json=results(result(outgoing(1))))
    answers.post(CREATE, status=400, json=said)
    first, second = connect().send_orders([outgoing(1), outgoing(2)])
    assert (first.external_id, first.refusal) == ("901", "")
    assert second.refusal == "shipTo.country: Two letters."


def test_an_order_that_breaks_the_call_is_found(answers):
    def answer(request):
        keys = [each["orderKey"] for each in json.loads(request.body)]
        if f"{PREFIX}-3" in keys:
            return (
                500,
                {},
                json.dumps({"Message": "An error has occurred.", "ExceptionMessage": "Object reference"}),
            )
        rows = [{"orderId": 1, "orderNumber": "", "orderKey": key, "success": True} for key in keys]
        return 200, {}, json.dumps(results(*rows))

    answers.add_callback(responses.POST, CREATE, answer)
    sent = {each.order_id: each.refusal for each in connect().send_orders([outgoing(n) for n in range(1, 9)])}
    assert len(sent) == 8 and [key for key, refusal in sent.items() if refusal] == [3]
    with pytest.raises(TemporaryError) as caught:  # alone it may be a fault of the hour
        list(connect().send_orders([outgoing(3)]))
    assert caught.value.maybe_applied


def test_a_server_that_breaks_on_everything_refuses_no_order(answers):
    answers.post(CREATE, status=500, json={"Message": "An error has occurred."})
    with pytest.raises(TemporaryError):
        list(connect().send_orders([outgoing(number) for number in range(1, 101)]))
    assert len(answers.calls) < 15


@pytest.mark.parametrize("answer", [{}, [], results(result(outgoing(2))), {"results": None}])
def test_an_answer_that_leaves_out_an_order_is_unknown(answers, answer):
    answers.post(CREATE, json=answer)
    with pytest.raises(TemporaryError) as caught:
        list(connect().send_orders([outgoing(1), outgoing(2)]))
    assert caught.value.maybe_applied


def test_a_cancelled_order_that_cannot_be_set_so_is_taken_out(answers):
    gone = replace(ORDER, stage=Stage.CANCELLED)
    answers.post(CREATE, json=results(result(gone, success=False, errorMessage="Not now")))
    longer = order(1, orderNumber="114-77", orderKey=f"{PREFIX}-77")  # its number only begins as ours
    answers.get(ORDERS, json=page("orders", [longer, order(907, orderKey=ORDER.reference)]))
    answers.delete(f"{ORDERS}/907", json={"success": True, "message": "Deleted."})
    (sent,) = connect().send_orders([gone])
    assert (sent.external_id, sent.refusal) == ("907", "")
    assert bodies(answers)[0][0]["orderStatus"] == "cancelled"


@pytest.mark.parametrize(("word", "is_refused"), [("shipped", True), ("cancelled", False)])
def test_a_cancelled_order_that_is_locked_there(answers, word, is_refused):
    gone = replace(ORDER, stage=Stage.CANCELLED)
    answers.post(CREATE, json=results(result(gone, success=False, errorMessage="Locked")))
    answers.get(ORDERS, json=page("orders", [order(907, orderKey=ORDER.reference, orderStatus=word)]))
    (sent,) = connect().send_orders([gone])
    assert bool(sent.refusal) == is_refused


def test_an_order_that_left_otherwise_is_marked_so_once(answers):
    shipped = replace(ORDER, stage=Stage.SHIPPED)
    there = order(907, orderKey=ORDER.reference)
    answers.get(ORDERS, json=page("orders", [there]))
    answers.post(MARK, json={"orderId": 907, "orderNumber": ORDER.number})
    (sent,) = connect().send_orders([shipped])
    assert (sent.external_id, sent.refusal) == ("907", "")
    (body,) = bodies(answers)
    assert body["orderId"] == 907 and body["notifySalesChannel"] is False
    answers.replace(responses.GET, ORDERS, json=page("orders", [{**there, "orderStatus": "shipped"}]))
    assert [each.external_id for each in connect().send_orders([shipped])] == ["907"]
    answers.replace(responses.GET, ORDERS, json=page("orders", []))
    assert [each.refusal for each in connect().send_orders([shipped])] == [""]
    assert len(bodies(answers)) == 1
