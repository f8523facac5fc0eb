"""Files of many changes: uploaded, worked on in their turn, answered by a report."""

import json

import pytest
import requests
from jsonschema import Draft7Validator

from tests.oas import needs_spec, specs_folder
from tests.sandbox.amazon_api import MARKETPLACE, SELLER, message, refused, stock

FEEDS = "/feeds/2021-06-30/feeds"
JSON_TYPE = "application/json; charset=UTF-8"


def show(amazon, number):
    return amazon.get(f"{FEEDS}/{number}").json()


@pytest.fixture
def report(amazon, amazon_shop):
    """Sends a feed, waits, and answers its final state and its processing report."""

    def send(*messages, **options):
        number = amazon.feed(*messages, **options).json()["feedId"]
        amazon_shop.clock.advance(300)
        feed = show(amazon, number)
        return feed, json.loads(amazon.read("feeds", feed["resultFeedDocumentId"]))

    return send


def schema(name):
    return Draft7Validator(json.loads((specs_folder() / "amazon" / name).read_text()))


def test_a_feed_is_worked_on_when_its_time_has_come(amazon, amazon_shop):
    answer = amazon.feed(message(1, "IP13-A", 9))
    number = answer.json()["feedId"]
    assert answer.status_code == 202 and show(amazon, number)["processingStatus"] == "IN_QUEUE"
    amazon_shop.clock.advance(150)
    assert show(amazon, number)["processingStatus"] == "IN_PROGRESS"
    assert amazon.available("IP13-A") == {"DEFAULT": 5}
    amazon_shop.clock.advance(150)
    feed = show(amazon, number)
    assert (feed["processingStatus"], feed["processingEndTime"]) == ("DONE", "2026-03-01T09:05:00Z")
    assert amazon.available("IP13-A") == {"DEFAULT": 9}
    made = amazon.get(f"/feeds/2021-06-30/documents/{feed['resultFeedDocumentId']}").json()
    assert made["compressionAlgorithm"] == "GZIP" and made["url"].startswith(amazon.base)


def test_feeds_are_worked_on_one_after_the_other(amazon, amazon_shop):
    first, second = (amazon.feed(message(1, "IP13-A", quantity)).json()["feedId"] for quantity in (9, 3))
    amazon_shop.clock.advance(300)
    assert [show(amazon, each)["processingStatus"] for each in (first, second)] == ["DONE", "IN_QUEUE"]
    amazon.push("IP13-A", 1)  # overtaken by the older number that still waits
    amazon_shop.clock.advance(300)
    assert show(amazon, second)["processingStatus"] == "DONE" and amazon.available("IP13-A") == {"DEFAULT": 3}


@needs_spec("amazon/listings-feed-processing-report-schema-v2.json")
def test_each_message_is_answered_by_its_number(amazon, report):
    feed, body = report(
        message(7, "IP13-A", 9),
        message(8, "IP13-B", -1),
        message(9, "NOBODY", 3),
        message(10, "S21-A", 4, patches=[stock(4) | {"path": "/attributes/quantity"}]),
        message(11, "S21-A", 2, operationType="DESTROY"),
    )
    assert list(schema("listings-feed-processing-report-schema-v2.json").iter_errors(body)) == []
    assert body["header"] == {"sellerId": SELLER, "version": "2.0", "feedId": feed["feedId"]}
    assert {(issue["messageId"], issue["sku"], issue["severity"]) for issue in body["issues"]} == {
        (8, "IP13-B", "ERROR"),
        (10, "S21-A", "ERROR"),
        (11, "S21-A", "ERROR"),
    }
    assert (body["summary"]["messagesProcessed"], body["summary"]["messagesAccepted"]) == (5, 2)
    assert body["summary"]["messagesInvalid"] == 3
    assert (amazon.available("IP13-A"), amazon.available("IP13-B")) == ({"DEFAULT": 9}, {"DEFAULT": 2})


MESSAGES = [
    message(1, "IP13-A", 9),
    message(1, "IP13-A", 9, operationType="PARTIAL_UPDATE"),
    message(0, "IP13-A", 9),
    message("1", "IP13-A", 9),
    message(1, "", 9),
    message(1, "IP13-A", 9, productType=""),
    message(1, "IP13-A", 9, requirements="LISTING"),
    message(1, "IP13-A", 9, attributes={"fulfillment_availability": []}),
    message(1, "IP13-A", 9, patches=[]),
    message(1, "IP13-A", 9, patches=[{"op": "merge"}]),
    message(1, "IP13-A", 9, patches=[stock(9) | {"op": "test"}]),
    message(1, "IP13-A", 9, patches=[stock(9) | {"value": {}}]),
    message(2**31, "IP13-A", 9),
    {"messageId": 1, "sku": "IP13-A", "operationType": "DELETE"},
    {"messageId": 1, "sku": "IP13-A", "operationType": "DELETE", "productType": "PRODUCT"},
    {"messageId": 1, "sku": "IP13-A"},
    {
        "messageId": 1,
        "sku": "IP13-A",
        "operationType": "PARTIAL_UPDATE",
        "productType": "PRODUCT",
        "attributes": {"fulfillment_availability": [{"fulfillment_channel_code": "DEFAULT", "quantity": 9}]},
    },
    "message",
]


@needs_spec("amazon/listings-feed-schema-v2.json")
@pytest.mark.parametrize("sent", MESSAGES)
def test_a_message_is_taken_if_and_only_if_the_schema_takes_it(amazon, amazon_shop, report, sent):
    feed = {"header": {"sellerId": SELLER, "version": "2.0"}, "messages": [sent]}
    fits = schema("listings-feed-schema-v2.json").is_valid(feed)
    _, body = report(sent)
    assert body["summary"]["messagesAccepted"] == fits and bool(body["issues"]) != fits
    left = amazon_shop.account("amazon").by_sku("IP13-A")
    assert (left.quantity if left else None) == (5 if not fits else None if sent["operationType"] == "DELETE" else 9)


@pytest.mark.parametrize(
    "options",
    [
        {"content": b"{"},
        {"content": b"[]"},
        {"header": {"sellerId": "A2SOMEONE", "version": "2.0"}},
        {"header": {"sellerId": SELLER, "version": "1.0"}},
        {"header": {"sellerId": SELLER, "version": "2.0", "report": {"includedData": []}}},
        {"content": json.dumps({"header": {"sellerId": SELLER, "version": "2.0"}, "messages": []}).encode()},
    ],
)
def test_a_file_that_is_wrong_as_a_whole_is_fatal_and_says_so_without_a_number(amazon, report, options):
    feed, body = report(message(1, "IP13-A", 9), **options)
    (issue,) = body["issues"]
    assert feed["processingStatus"] == "FATAL" and "messageId" not in issue
    assert body["summary"]["messagesProcessed"] == 0 and amazon.available("IP13-A") == {"DEFAULT": 5}


def test_at_most_25000_messages(amazon, report):
    sent = [message(number, "IP13-A", 9) for number in range(1, 25_001)]
    assert report(*sent)[1]["summary"]["messagesAccepted"] == 25_000
    assert report(*sent, message(25_001, "IP13-A", 8))[0]["processingStatus"] == "FATAL"
    assert amazon.available("IP13-A") == {"DEFAULT": 9}


def test_a_number_twice_is_refused(amazon, report):
    _, body = report(message(1, "IP13-A", 9), message(1, "IP13-B", 9))
    assert [issue["sku"] for issue in body["issues"]] == ["IP13-B"]


def test_the_header_can_ask_for_the_listings(amazon, report):
    wanted = {"includedData": ["fulfillmentAvailability"], "apiVersion": "2021-08-01"}
    _, body = report(message(1, "IP13-A", 9), header={"sellerId": SELLER, "version": "2.0", "report": wanted})
    availability = [{"fulfillmentChannelCode": "DEFAULT", "quantity": 9}]
    assert body["items"] == [{"sku": "IP13-A", "fulfillmentAvailability": availability}]
    assert body["summary"]["itemSummary"]["items"] == 1


@pytest.mark.parametrize("sent", ["application/json", "application/json; charset=utf-8", "", None])
def test_an_upload_needs_the_identical_content_type(amazon, sent):
    made = amazon("POST", "/feeds/2021-06-30/documents", json={"contentType": JSON_TYPE}).json()
    headers = {} if sent is None else {"Content-Type": sent}
    answer = requests.put(made["url"], data=b"{}", headers=headers, timeout=5)
    assert answer.status_code == 403 and "<Code>SignatureDoesNotMatch</Code>" in answer.text
    assert refused(amazon.create_feed(made["feedDocumentId"]))  # nothing was uploaded


def test_an_upload_comes_in_time_and_without_a_token(amazon, amazon_shop):
    made = amazon("POST", "/feeds/2021-06-30/documents", json={"contentType": JSON_TYPE})
    assert made.status_code == 201
    url, headers = made.json()["url"], {"Content-Type": JSON_TYPE}
    token = headers | {"x-amz-access-token": amazon.token}
    assert requests.put(url, data=b"{}", headers=token, timeout=5).status_code == 403
    assert requests.get(url, timeout=5).status_code == 403
    amazon_shop.clock.advance(300)
    assert requests.put(url, data=b"{}", headers=headers, timeout=5).status_code == 403


@pytest.mark.parametrize(
    "fields",
    [
        {"feedType": "JSON_INVENTORY_FEED"},
        {"feedType": None},
        {"marketplaceIds": []},
        {"marketplaceIds": ["A1F83G8C2ARO7P"]},
        {"inputFeedDocumentId": "amzn1.tortuga"},
        {"inputFeedDocumentId": None},
    ],
)
def test_a_feed_the_document_forbids_is_refused(amazon, fields):
    assert refused(amazon.create_feed("amzn1.tortuga", **fields))
    assert refused(amazon("POST", "/feeds/2021-06-30/documents", json={}))


def test_xml_feeds_have_ended(amazon, amazon_shop):
    made = amazon("POST", "/feeds/2021-06-30/documents", json={"contentType": "text/xml"}).json()
    requests.put(made["url"], data=b"<x/>", headers={"Content-Type": "text/xml"}, timeout=5)
    number = amazon.create_feed(made["feedDocumentId"], feedType="POST_INVENTORY_AVAILABILITY_DATA").json()["feedId"]
    amazon_shop.clock.advance(300)
    assert show(amazon, number)["processingStatus"] == "FATAL"


def test_feeds_are_listed_so_that_a_lost_answer_can_be_looked_up(amazon, amazon_shop):
    amazon_shop.faults.add("cut_after", method="POST", path="/feeds$")
    with pytest.raises(requests.ConnectionError):
        amazon.feed(message(1, "IP13-A", 9))
    amazon_shop.clock.advance(1)
    second = amazon.feed(message(1, "IP13-B", 9)).json()["feedId"]
    feeds = amazon.get(FEEDS, feedTypes="JSON_LISTINGS_FEED", pageSize=1).json()
    assert [feed["feedId"] for feed in feeds["feeds"]] == [second]
    third = amazon.feed(message(1, "S21-A", 9)).json()["feedId"]
    older = amazon.get(FEEDS, nextToken=feeds["nextToken"]).json()
    assert len(older["feeds"]) == 1 and older["feeds"][0]["feedId"] not in (second, third)
    since = amazon.get(FEEDS, feedTypes="JSON_LISTINGS_FEED", createdSince="2026-03-01T09:00:01Z").json()
    assert {feed["feedId"] for feed in since["feeds"]} == {second, third}
    params = {"feedTypes": "JSON_LISTINGS_FEED", "marketplaceIds": MARKETPLACE, "processingStatuses": "DONE,FATAL"}
    assert amazon.get(FEEDS, **params).json() == {"feeds": []}
    for wrong in ({}, {"feedTypes": ""}, params | {"processingStatuses": "READY"}, params | {"pageSize": 101}):
        assert refused(amazon.get(FEEDS, **wrong))
    assert refused(amazon.get(FEEDS, nextToken="made-up"))


def test_no_more_than_five_listings_feeds_in_five_minutes(amazon, amazon_shop):
    codes = [amazon.feed(message(1, "IP13-A", 9)).status_code for _ in range(6)]
    assert codes == [202] * 5 + [429]
    amazon_shop.clock.advance(300)
    assert amazon.feed(message(1, "IP13-A", 9)).status_code == 202


def test_a_feed_can_stay_unanswered(amazon, amazon_shop):
    amazon_shop.faults.add("bulk_never")
    number = amazon.feed(message(1, "IP13-A", 9)).json()["feedId"]
    amazon_shop.clock.advance(3_500)
    assert show(amazon, number)["processingStatus"] == "IN_PROGRESS" and amazon.available("IP13-A") == {"DEFAULT": 5}


def test_a_feed_can_be_fatal_with_part_of_it_applied(amazon, amazon_shop):
    amazon_shop.faults.add("bulk_failed", number=1)
    number = amazon.feed(message(1, "IP13-A", 9), message(2, "IP13-B", 9)).json()["feedId"]
    amazon_shop.clock.advance(300)
    feed = show(amazon, number)
    assert feed["processingStatus"] == "FATAL" and "resultFeedDocumentId" not in feed
    assert (amazon.available("IP13-A"), amazon.available("IP13-B")) == ({"DEFAULT": 9}, {"DEFAULT": 2})


def test_some_messages_can_be_refused(amazon, amazon_shop, report):
    amazon_shop.faults.add("partial_bulk", number=1)
    feed, body = report(message(1, "IP13-A", 9), message(2, "IP13-B", 9))
    assert feed["processingStatus"] == "DONE" and [issue["messageId"] for issue in body["issues"]] == [1]
    assert (amazon.available("IP13-A"), amazon.available("IP13-B")) == ({"DEFAULT": 5}, {"DEFAULT": 9})
    assert refused(amazon.get(f"{FEEDS}/1"), 404, "NotFound")
