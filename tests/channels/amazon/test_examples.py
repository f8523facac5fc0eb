"""Every example that Amazon's documents give goes through what reads such an answer; orders have theirs beside them."""

import gzip
import json
from datetime import UTC, datetime

import pytest
import responses

from tests.channels.amazon.adapter import (
    CONFIRM,
    FEED_FILES,
    FEEDS,
    ITEMS,
    ORDERS,
    REPORT_FILES,
    REPORTS,
    SELLERS,
    a_shipment,
    answer_token,
    connect,
    problem_of,
)
from tests.channels.amazon.payloads import FILE, examples, feed_state, found, report, row
from tests.channels.amazon.test_push import push, rise
from wholecell.channels.amazon import mapping
from wholecell.channels.amazon.settings import MARKETPLACES
from wholecell.channels.contract import CredentialsError, ListingState, OrderWindow, Outcome, TemporaryError

AMERICA, CANADA = "ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"


def each(document, operation):
    """One case for each example; one that skips where the document is absent."""
    return pytest.mark.parametrize(
        "answer",
        examples(document, operation)
        or [pytest.param(None, marks=pytest.mark.skip(f"{document} is not in the folder WHOLECELL_SPECS names"))],
    )


@each("listingsItems_2021-08-01", "getListingsItem")
def test_a_listing(answer):
    american = mapping.listing(answer, AMERICA, MARKETPLACES[AMERICA])
    assert (american.sku, american.price_cents, american.currency) == ("GM-ZDPI-9B4E", 10000, "USD")
    assert (american.quantity, american.state, american.pushable) == (100, ListingState.ACTIVE, True)
    assert (american.title, american.detail) == ("Hardside Carry-On Spinner Suitcase Luggage", "New")
    canadian = mapping.listing(answer, CANADA, MARKETPLACES[CANADA])
    assert (canadian.price_cents, canadian.currency, canadian.state) == (13000, "CAD", ListingState.NEEDS_ATTENTION)
    reading = mapping.reading(answer, "GM-ZDPI-9B4E", AMERICA, datetime.now(UTC))
    assert (reading.quantity, reading.state) == (100, ListingState.ACTIVE)


@each("listingsItems_2021-08-01", "searchListingsItems")
def test_a_search(answers, answer):
    answer_token(answers)
    answers.get(ITEMS, json={**answer, "pagination": {}})
    (page,) = connect().changed_listings(datetime.now(UTC))
    assert page.total == answer["numberOfResults"]
    assert [listing.sku for listing in page.listings] == [item["sku"] for item in answer["items"]]
    assert not page.unreadable


@each("listingsItems_2021-08-01", "patchListingsItem")
def test_a_change_of_quantity(answers, answer):
    answer_token(answers)
    answers.patch(f"{ITEMS}/SKU-1", json=answer)
    if answer["status"] == "ACCEPTED":
        assert push(connect(), rise(1))[0].outcome is Outcome.ACCEPTED
    else:  # of a preview, which we never ask for
        assert problem_of(lambda: push(connect(), rise(1))).maybe_applied


@each("sellers", "getMarketplaceParticipations")
def test_marketplaces(answers, answer):
    answer_token(answers)
    answers.get(SELLERS, json=answer)
    answers.get(ITEMS, json=found())
    connect().check()
    problem_of(connect(marketplace=CANADA).check, CredentialsError)


@each("reports_2021-06-30", "createReport")
def test_a_report_asked_for(answers, answer):
    answer_token(answers)
    answers.post(REPORTS, json=answer, status=202)
    answers.get(f"{REPORTS}/{answer['reportId']}", json={"processingStatus": "DONE", "reportDocumentId": "D1"})
    answers.get(f"{REPORT_FILES}/D1", json={"reportDocumentId": "D1", "url": FILE})
    answers.get(FILE, body=report(row(1)))
    assert [len(page.listings) for page in connect().listings(online_only=False)] == [1]


@each("reports_2021-06-30", "getReport")
def test_a_report_on_its_way(answers, answer):
    answer_token(answers)
    answers.post(REPORTS, json={"reportId": "R1"}, status=202)
    answers.get(f"{REPORTS}/R1", json=answer)
    problem = problem_of(lambda: list(connect().listings(online_only=False)))
    assert problem.retry_after == 30


@each("reports_2021-06-30", "getReportDocument")
def test_a_reports_file_elsewhere_is_left_alone(answers, answer):
    """The documents' examples lie at a host that is not the one Amazon keeps reports at."""
    answer_token(answers)
    answers.post(REPORTS, json={"reportId": "R1"}, status=202)
    answers.get(f"{REPORTS}/R1", json={"processingStatus": "DONE", "reportDocumentId": answer["reportDocumentId"]})
    answers.get(f"{REPORT_FILES}/{answer['reportDocumentId']}", json=answer)
    assert "not one of its own" in problem_of(lambda: list(connect().listings(online_only=False))).message


@each("feeds_2021-06-30", "createFeedDocument")
def test_a_feeds_file(answers, answer):
    answer_token(answers)
    answers.post(FEED_FILES, json=answer, status=201)
    assert "not one of its own" in problem_of(lambda: push(connect(), rise(1), rise(2))).message


@each("feeds_2021-06-30", "createFeed")
def test_a_feed(answers, answer):
    answer_token(answers)
    answers.post(FEED_FILES, json={"feedDocumentId": "in", "url": FILE}, status=201)
    answers.put(FILE)
    answers.post(FEEDS, json=answer, status=202)
    assert {result.receipt for result in push(connect(), rise(1), rise(2))} == {answer["feedId"]}


@each("feeds_2021-06-30", "getFeed")
def test_a_feed_that_ended(answers, answer):
    answer_token(answers)
    answers.get(f"{FEEDS}/1", json=answer)
    assert {each.outcome for each in connect().push_outcomes("1", [rise(1)])} == {Outcome.UNKNOWN}


@each("feeds_2021-06-30", "getFeedDocument")
def test_a_feeds_answer(answers, answer):
    answer_token(answers)
    summary = {"messagesAccepted": 1, "messagesInvalid": 0}
    answers.get(f"{FEEDS}/1", json=feed_state("DONE", resultFeedDocumentId="out"))
    answers.get(f"{FEED_FILES}/out", json={**answer, "url": FILE})
    answers.get(FILE, body=gzip.compress(json.dumps({"issues": [], "summary": summary}).encode()))
    assert {each.outcome for each in connect().push_outcomes("1", [rise(1)])} == {Outcome.ACCEPTED}


@each("ordersV0", "confirmShipment")
def test_a_shipment(answers, answer):
    answer_token(answers)
    assert answer == {}
    answers.post(CONFIRM, status=204)
    assert not connect().confirm_shipment(a_shipment(may_be_there=False)).was_there


@pytest.mark.parametrize(
    ("document", "operation", "method", "url", "use"),
    [
        (
            "orders_2026-01-01",
            "searchOrders",
            "GET",
            ORDERS,
            lambda s: list(s.orders(OrderWindow(is_open_only=True))),
        ),
        ("reports_2021-06-30", "createReport", "POST", REPORTS, lambda s: list(s.listings(online_only=False))),
        ("feeds_2021-06-30", "createFeedDocument", "POST", FEED_FILES, lambda s: push(s, rise(1), rise(2))),
    ],
)
def test_a_documented_refusal_keeps_its_words(answers, document, operation, method, url, use):
    refusals = examples(document, operation, good=False)
    if not refusals:
        pytest.skip(f"{document} is not in the folder WHOLECELL_SPECS names")
    answer_token(answers)
    answers.add(responses.Response(method, url, json=refusals[0], status=400))
    assert refusals[0]["errors"][0]["message"] in problem_of(lambda: use(connect()), TemporaryError).message
