"""Every documented example of an answer, given to the client as ShipStation would give it."""

import json
from dataclasses import replace

import pytest

from tests.channels.shipstation.payloads import (
    CREATE,
    EXAMPLES,
    HOST,
    MARK,
    ORDER,
    ORDERS,
    SHIPMENTS,
    STORES,
    connect,
    order,
    page,
)
from wholecell.channels.contract import RejectedError, Stage, TemporaryError
from wholecell.channels.shipstation import hooks

pytestmark = pytest.mark.skipif(not EXAMPLES.exists(), reason="shipstation/examples is not in WHOLECELL_SPECS")


def answer(name):
    """The answer of an example, as `responses` takes it."""
    told = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))["response"]
    body = told.get("body")
    return {
        "status": told["status"],
        "headers": {key: value for key, value in told.get("headers", {}).items() if key != "Content-Type"},
        "body": "" if body is None else json.dumps(body),
    }


def test_one_order_of_a_createorders(answers):
    key = json.loads(answer("createorders_one")["body"])["results"][0]["orderKey"]
    answers.post(CREATE, **answer("createorders_one"))
    (sent,) = connect().send_orders([replace(ORDER, reference=key)])
    assert (sent.external_id, sent.refusal) == ("58345234", "")


def test_an_order_that_is_refused_deleted_and_one_that_is_marked(answers):
    answers.post(CREATE, **answer("error_400_array_sent_to_createorder"))
    (refused,) = connect().send_orders([ORDER])
    assert refused.refusal.startswith("order: Cannot deserialize the current JSON array")
    said = {"orderKey": ORDER.reference, "orderNumber": ORDER.number, "orderId": 0, "success": False}
    answers.replace("POST", CREATE, json={"hasErrors": True, "results": [{**said, "errorMessage": "No."}]})
    answers.get(ORDERS, json=page("orders", [order(907, orderKey=ORDER.reference)]))
    answers.delete(f"{ORDERS}/907", **answer("deleteorder"))
    answers.post(MARK, **answer("markasshipped"))
    for stage in (Stage.CANCELLED, Stage.SHIPPED):
        (sent,) = connect().send_orders([replace(ORDER, stage=stage)])
        assert (sent.external_id, sent.refusal) == ("907", "")


def test_a_minute_that_is_used_up_and_a_fault(answers):
    answers.get(SHIPMENTS, **answer("error_429"))
    with pytest.raises(TemporaryError) as slow:
        list(connect().shipments(ORDER.placed_at))
    assert slow.value.retry_after == 23
    answers.post(CREATE, **answer("error_500_object_reference"))
    with pytest.raises(TemporaryError) as fault:
        list(connect().send_orders([ORDER]))
    assert fault.value.maybe_applied


def test_stores_and_the_address_for_hints(answers):
    answers.get(STORES, **answer("liststores"))
    assert [(each.store_id, each.title) for each in connect().stores()] == [
        ("22766", "ShipStation Manual Store (ShipStation)"),
        ("25748", "Ashley's Test WooCommerce (WooCommerce)"),
    ]
    webhooks = f"{HOST}/webhooks"
    answers.get(webhooks, json={"webhooks": [{"WebHookID": 123456, "Name": "WholeCell x", "Url": "https://old"}]})
    answers.post(f"{webhooks}/subscribe", **answer("subscribewebhook"))
    ended = answers.delete(f"{webhooks}/123456", **answer("unsubscribewebhook"))
    connect(reference_prefix="x").tell_of_shipments("https://shop.example/s")
    assert ended.call_count == 1
    assert json.loads(answers.calls[2].request.body)["target_url"] == "https://shop.example/s"
    answers.replace("POST", f"{webhooks}/subscribe", status=400, json={"Message": "No."})
    with pytest.raises(RejectedError):
        connect().tell_of_shipments("https://shop.example/s")


def test_the_hint_that_is_posted():
    told = json.loads((EXAMPLES / "webhook_ship_notify.json").read_text(encoding="utf-8"))
    assert hooks.is_of_shipments(json.dumps(told["request"]["body"]).encode())
