"""Walmart's files of quantities, each call checked against the documents."""

import json

import pytest

from tests.sandbox.walmart_api import EMPTY, WFS, A, B, make_item

NODE = "10001234567"


def row(sku, amount):
    return {"sku": sku, "quantity": {"unit": "EACH", "amount": amount}}


def node_row(sku, amount, node=NODE):
    return {"sku": sku, "shipNodes": [{"shipNode": node, "quantity": {"unit": "EACH", "amount": amount}}]}


def send(api, *rows, kind="inventory", **body):
    answer = api.feed(list(rows), kind, **body)
    assert answer.status_code == 200, answer.text
    return answer.json()["feedId"]


def counts(answer):
    body = answer.json()
    names = ("itemsReceived", "itemsSucceeded", "itemsFailed", "itemsProcessing")
    return body["feedStatus"], *(body[name] for name in names)


def details(api, feed, **params):
    answer = api.feed_status(feed, includeDetails="true", **params)
    return {each["sku"]: each["ingestionStatus"] for each in answer.json()["itemDetails"]["itemIngestionStatus"]}


def amount(api, sku):
    return api.get("/v3/inventory", sku=sku).json()["quantity"]["amount"]


def test_a_feed_is_applied_when_its_time_has_passed(walmart, shop):
    feed = send(walmart, row(A, 9), row(EMPTY, 1))
    assert "@" in feed
    assert counts(walmart.feed_status(feed)) == ("RECEIVED", 2, 0, 0, 2)
    shop.clock.advance(200)
    assert counts(walmart.feed_status(feed)) == ("INPROGRESS", 2, 0, 0, 2) and amount(walmart, A) == 5
    shop.clock.advance(100)
    assert counts(walmart.feed_status(feed)) == ("PROCESSED", 2, 2, 0, 0)
    assert details(walmart, feed) == {A: "SUCCESS", EMPTY: "SUCCESS"}
    assert (amount(walmart, A), amount(walmart, EMPTY)) == (9, 1)
    assert walmart.feed_status(feed).json()["itemDetails"]["itemIngestionStatus"] == []  # not asked for


def test_how_long_a_feed_takes_can_be_set(walmart):
    walmart.set(feed_seconds=0)
    assert counts(walmart.feed_status(send(walmart, row(A, 9))))[0] == "PROCESSED"


def test_processed_does_not_mean_success(walmart):
    walmart.set(feed_seconds=0)
    bad = {"sku": B, "quantity": {"unit": "EACH", "amount": -1}}
    feed = send(walmart, row("NOBODY", 1), row(A, 3), row(WFS, 1), bad, {"sku": A.lower()})
    assert counts(walmart.feed_status(feed)) == ("PROCESSED", 5, 1, 4, 0)
    answer = walmart.feed_status(feed, includeDetails="true").json()
    rows = answer["itemDetails"]["itemIngestionStatus"]
    assert [each["index"] for each in rows] == [0, 1, 2, 3, 4]
    (error,) = rows[0]["ingestionErrors"]["ingestionError"]
    assert (rows[0]["ingestionStatus"], error["type"]) == ("DATA_ERROR", "DATA_ERROR") and "NOBODY" in error[
        "description"
    ]
    assert rows[1]["wpid"] and rows[1]["ingestionErrors"]["ingestionError"] == []
    assert (amount(walmart, A), amount(walmart, B)) == (3, 2)


def test_the_outcome_of_a_sku_can_be_set(walmart, shop):
    walmart.set(feed_seconds=0, outcomes={A: "SYSTEM_ERROR", B: "TIMEOUT_ERROR"})
    feed = send(walmart, row(A, 9), row(B, 9), row(EMPTY, 9))
    assert details(walmart, feed) == {A: "SYSTEM_ERROR", B: "TIMEOUT_ERROR", EMPTY: "SUCCESS"}
    assert (amount(walmart, A), amount(walmart, B), amount(walmart, EMPTY)) == (5, 2, 9)
    walmart.set(outcomes={A: "INPROGRESS"})
    feed = send(walmart, row(A, 9), row(B, 9))
    assert counts(walmart.feed_status(feed)) == ("INPROGRESS", 2, 1, 0, 1)


def test_details_come_in_pages_of_fifty(walmart, shop):
    walmart.set(feed_seconds=0)
    shop.seed("walmart", [make_item(f"MORE-{number}") for number in range(70)])
    feed = send(walmart, *(row(f"MORE-{number}", number) for number in range(70)))
    assert [len(details(walmart, feed, offset=offset)) for offset in (0, 50, 100)] == [50, 20, 0]
    assert list(details(walmart, feed, offset=68, limit=1)) == ["MORE-68"]
    for query in ({"limit": 51}, {"limit": 0}, {"offset": "x"}, {"includeDetails": "yes"}):
        assert walmart.feed_status(feed, **query).status_code == 400


def test_the_at_of_a_feed_id_must_be_escaped(walmart):
    feed = send(walmart, row(A, 1))
    assert walmart("GET", f"/v3/feeds/{feed}").status_code == 400
    assert walmart.feed_status("0000@AU8BAQA").status_code == 404


@pytest.mark.parametrize(
    "data",
    [
        b"sku,quantity\nA,1",
        b"[]",
        json.dumps({"inventoryHeader": {"version": "1.4"}, "inventory": [row(A, 1)]}),  # the case of the other type
        json.dumps({"InventoryHeader": {"version": "1.5"}, "Inventory": [row(A, 1)]}),
        json.dumps({"InventoryHeader": {"version": "1.4"}, "Inventory": {"sku": A}}),
    ],
)
def test_a_file_that_cannot_be_read_is_taken_and_fails_later(walmart, shop, data):
    answer = walmart.send_file(data)
    assert answer.status_code == 200
    shop.clock.advance(300)
    status = walmart.feed_status(answer.json()["feedId"])
    assert counts(status) == ("ERROR", 0, 0, 0, 0) and amount(walmart, A) == 5
    (error,) = status.json()["ingestionErrors"]["ingestionError"]
    assert error["code"] == "ERR_EXT_DATA_0503009"


def test_the_other_type_has_its_own_keys_and_ship_nodes(walmart):
    walmart.set(feed_seconds=0)

    def multi(*rows):
        whole = {"inventoryHeader": {"version": "1.5"}, "inventory": list(rows)}
        return walmart.send_file(json.dumps(whole), "MP_INVENTORY").json()["feedId"]

    assert details(walmart, multi(node_row(A, 8), row(B, 8), node_row(EMPTY, 8, "1"))) == {
        A: "SUCCESS",
        B: "DATA_ERROR",
        EMPTY: "DATA_ERROR",
    }
    assert (amount(walmart, A), amount(walmart, B)) == (8, 2)
    wrong = walmart.feed([row(A, 1)], "MP_INVENTORY").json()["feedId"]
    assert counts(walmart.feed_status(wrong))[0] == "ERROR"


def test_a_feed_is_multipart_with_a_part_named_file(walmart):
    body = json.dumps({"InventoryHeader": {"version": "1.4"}, "Inventory": []})
    for options in (
        {"data": body, "headers": {"Content-Type": "application/json"}},
        {"files": {"feed": ("feed.json", body)}},
    ):
        assert walmart("POST", "/v3/feeds?feedType=inventory", **options).status_code == 400
    for query in ("", "?feedType=MP_ITEM"):
        assert walmart("POST", f"/v3/feeds{query}", files={"file": ("feed.json", body)}).status_code == 400


def test_too_large_a_file_is_413(walmart):
    assert walmart.send_file(b" " * 1_000_001, "MP_INVENTORY").status_code == 413
    assert walmart.send_file(b" " * 1_000_001).status_code == 200


def test_ten_feeds_an_hour(walmart, shop):
    assert [walmart.feed([row(A, 1)]).status_code for _ in range(11)] == [200] * 10 + [429]
    assert walmart.send_file(b"{}", "MP_INVENTORY").status_code == 200  # a limit of its own
    shop.clock.advance(3_600)
    walmart.token = None
    assert walmart.feed([row(A, 1)]).status_code == 200


def test_feeds_are_listed_newest_first(walmart, shop):
    first = send(walmart, row(A, 9))
    shop.clock.advance(300)
    second = send(walmart, row(A, 8), row("NOBODY", 1))
    answer = walmart.get("/v3/feeds").json()
    rows = answer["results"]["feed"]
    assert answer["totalResults"] == 2 and [each["feedId"] for each in rows] == [second, first]
    assert [(each["feedType"], each["feedStatus"], each["itemsReceived"]) for each in rows] == [
        ("inventory", "RECEIVED", 2),
        ("inventory", "PROCESSED", 1),
    ]
    assert rows[0]["feedDate"] - rows[1]["feedDate"] == 300_000 == rows[1]["modifiedDtm"] - rows[1]["feedDate"]
    assert [each["feedId"] for each in walmart.get("/v3/feeds", limit=1, offset=1).json()["results"]["feed"]] == [first]
    assert walmart.get("/v3/feeds", feedId=first).json()["totalResults"] == 1


def test_feeds_misbehave_on_demand(walmart, shop):
    shop.faults.add("bulk_never")
    never = send(walmart, row(A, 9))
    shop.faults.add("bulk_failed")
    failed = send(walmart, row(A, 8))
    shop.clock.advance(300)
    assert counts(walmart.feed_status(never))[0] == "INPROGRESS" and counts(walmart.feed_status(failed))[0] == "ERROR"
    assert amount(walmart, A) == 5
    shop.faults.add("partial_bulk", number=1)
    partial = send(walmart, row(A, 7), row(B, 7))
    shop.clock.advance(300)
    assert details(walmart, partial) == {A: "DATA_ERROR", B: "SUCCESS"}
    shop.faults.add("forgotten", sku=A)
    forgotten = send(walmart, row(A, 6))
    shop.clock.advance(290)
    shop.clock.advance(10)
    walmart.token = None
    assert details(walmart, forgotten) == {A: "SUCCESS"} and amount(walmart, A) == 5
