"""Files of quantities, and what Walmart says became of them."""

import json
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from urllib.parse import quote

import pytest

from tests.channels.walmart.adapter import answer_token, connect, problem_of, sku
from tests.channels.walmart.payloads import HOST, errors, examples, inventory
from tests.channels.walmart.told import push, rise
from wholecell.channels.contract import CredentialsError, Outcome, QuantityChange, WaitingError
from wholecell.channels.own_state import OwnState
from wholecell.channels.walmart import limits, pushing
from wholecell.channels.walmart.pushing import FEED_FROM

FEEDS = f"{HOST}/v3/feeds"
RECEIPT = "FFE538D9B25A4000AD2A067ACEDCF4C4@AUoBAQA"
FEED = f"{FEEDS}/{quote(RECEIPT)}"
SLOW = "REQUEST_THRESHOLD_VIOLATED.GMP_GATEWAY_API"


@pytest.fixture
def shop(answers):
    answer_token(answers)
    return connect()


def sent_file(request):
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    (part,) = message_from_bytes(head + request.body).get_payload()
    return part


class TestFiles:
    def test_request_is_as_documented(self, shop, answers):
        answers.post(FEEDS, json={"feedId": RECEIPT, "additionalAttributes": None, "errors": None})
        results = push(shop, rise(1, 4), rise(2, 6))
        assert {(each.outcome, each.receipt) for each in results} == {(Outcome.PENDING, RECEIPT)}
        assert [(each.external_id, each.quantity) for each in results] == [(sku(1), 4), (sku(2), 6)]
        request = answers.calls[-1].request
        assert request.url == f"{FEEDS}?feedType=inventory"
        part = sent_file(request)
        assert part.get_param("name", header="Content-Disposition") == "file"
        assert json.loads(part.get_payload(decode=True)) == {
            "InventoryHeader": {"version": "1.4"},
            "Inventory": [inventory(sku(1), 4), inventory(sku(2), 6)],
        }

    def test_the_example_of_the_document_is_a_receipt(self, shop, answers):
        (example,) = examples("inventory", "updateBulkInventory")
        answers.post(FEEDS, json=example)
        assert push(shop, rise(1), rise(2))[0].receipt == example["feedId"]

    @pytest.mark.parametrize("body", ["", "{}", '{"feedId": null}', '{"feedId": ""}', '{"feedId": 5}'])
    def test_200_without_a_receipt_proves_nothing(self, shop, answers, body):
        answers.post(FEEDS, body=body)
        assert problem_of(lambda: push(shop, rise(1), rise(2))).maybe_applied

    def test_too_large_a_file_is_followed_by_smaller_ones(self, shop, answers, monkeypatch):
        monkeypatch.setattr(pushing, "FEED_FROM", 2)
        changes = [rise(n) for n in range(10)]
        answers.post(FEEDS, status=413)
        with pytest.raises(WaitingError) as caught:
            push(shop, *changes)
        assert caught.value.retry_after == 1
        assert [len(group) for group in shop.plan(changes)] == [5, 5]

    @pytest.mark.parametrize(
        ("status", "body", "headers", "seconds"),
        [
            (429, errors(SLOW), {"x-next-replenishment-time": "300"}, 300),
            (429, "", {"Retry-After": "600"}, 600),
            (403, errors("FORBIDDEN", "No feeds"), {}, 86400),
            (400, errors("INVALID_FILE", "No"), {}, 86400),
        ],
    )
    def test_while_no_file_is_taken_single_numbers_leave(
        self, shop, answers, monkeypatch, status, body, headers, seconds
    ):
        monkeypatch.setattr(pushing, "FEED_FROM", 2)
        answers.post(FEEDS, status=status, headers=headers, **({"json": body} if body else {}))
        with pytest.raises(WaitingError) as caught:
            push(shop, rise(1), rise(2))
        assert (caught.value.retry_after, caught.value.maybe_applied) == (1, False)
        assert [len(group) for group in shop.plan([rise(1), rise(2)])] == [1, 1]
        until = datetime.fromisoformat(shop._state.recall(pushing.CLOSED_UNTIL))
        assert abs((until - datetime.now(UTC)).total_seconds() - seconds) < 5
        shop._state.remember(pushing.CLOSED_UNTIL, (datetime.now(UTC) - timedelta(seconds=1)).isoformat())
        assert [len(group) for group in shop.plan([rise(1), rise(2)])] == [2]

    def test_our_own_count_of_files_holds_up_no_single_number(self, answers, monkeypatch):
        monkeypatch.setattr(pushing, "FEED_FROM", 2)

        class Full(OwnState):
            def take(self, limit, units=1):
                if limit is limits.FEEDS:
                    raise WaitingError("Full.", retry_after=360)

        shop = connect(Full())
        with pytest.raises(WaitingError) as caught:
            push(shop, rise(1), rise(2))
        assert caught.value.retry_after == 1
        assert [len(group) for group in shop.plan([rise(1), rise(2)])] == [1, 1]
        assert len(answers.calls) == 0

    @pytest.mark.parametrize("status", [500, 503])
    def test_a_fault_leaves_it_unknown(self, shop, answers, status):
        answers.post(FEEDS, status=status, headers={"Retry-After": "5"})
        assert problem_of(lambda: push(shop, rise(1), rise(2))).maybe_applied

    def test_200_with_errors_is_a_refusal(self, shop, answers):
        answers.post(FEEDS, json=errors("INVALID_FILE", "Not this one"))
        assert "Not this one" in problem_of(lambda: push(shop, rise(1), rise(2))).message

    def test_a_locked_account(self, shop, answers):
        answers.post(FEEDS, json=errors("LOCKED", "Later"), status=423)
        assert "locked" in problem_of(lambda: push(shop, rise(1), rise(2))).message


def told(number, word, *reasons):
    problems = [{"type": word, "code": "ERR_1", "description": reason} for reason in reasons]
    found = {"martId": 0, "sku": sku(number), "index": number, "ingestionStatus": word}
    return found | ({"ingestionErrors": {"ingestionError": problems}} if problems else {})


def feed(*details, state="PROCESSED", received=None, **fields):
    return {
        "feedId": RECEIPT,
        "feedStatus": state,
        "itemsReceived": len(details) if received is None else received,
        "itemDetails": {"itemIngestionStatus": list(details)},
    } | fields


class TestOutcomes:
    CHANGES = tuple(rise(number, number) for number in range(1, 7))

    def ask(self, shop):
        found = shop.push_outcomes(RECEIPT, self.CHANGES)
        return None if found is None else list(found)

    @pytest.mark.parametrize("word", ["RECEIVED", "INPROGRESS", "PURPLE"])
    def test_unfinished(self, shop, answers, word):
        answers.get(FEED, json=feed(state=word))
        assert self.ask(shop) is None

    def test_lines_that_are_through_do_not_wait_for_the_others(self, shop, answers):
        counts = {"itemsSucceeded": 1, "itemsFailed": 0, "itemsProcessing": 1}
        answers.get(FEED, json=feed(told(1, "SUCCESS"), told(2, "INPROGRESS"), state="INPROGRESS", **counts))
        assert [(each.external_id, each.outcome) for each in self.ask(shop)] == [(sku(1), Outcome.ACCEPTED)]

    def test_a_file_nobody_knows_waits_for_the_deadline(self, shop, answers):
        answers.get(FEED, json=errors("CONTENT_NOT_FOUND.FEED"), status=404)
        assert self.ask(shop) is None

    def test_each_word_for_a_line(self, shop, answers):
        answers.get(
            FEED,
            json=feed(
                told(1, "SUCCESS"),
                told(2, "DATA_ERROR", "Unknown SKU", "Really"),
                told(3, "SYSTEM_ERROR", "Try later"),
                told(4, "TIMEOUT_ERROR"),
                told(5, "INPROGRESS"),
                told(6, "PURPLE"),
            ),
        )
        results = self.ask(shop)
        assert [(each.external_id, each.outcome, each.stored, each.quantity) for each in results] == [
            (sku(1), Outcome.ACCEPTED, None, 1),
            (sku(2), Outcome.REJECTED, None, 2),
            (sku(3), Outcome.UNKNOWN, None, 3),
            (sku(4), Outcome.UNKNOWN, None, 4),
        ], "what is still worked on stays pending"
        assert results[1].answer == "Unknown SKU Really"
        assert results[1].advice
        assert results[3].answer == "Walmart said TIMEOUT_ERROR."

    def test_receipt_is_encoded_and_details_are_asked_for_50_at_a_time(self, shop, answers):
        changes = [rise(number) for number in range(120)]

        def answer(request):
            start = int(request.params["offset"])
            assert (request.params["includeDetails"], request.params["limit"]) == ("true", "50")
            rows = [told(number, "SUCCESS") for number in range(start, min(start + 50, 120))]
            return 200, {}, json.dumps(feed(*rows, received=120))

        answers.add_callback("GET", FEED, callback=answer)
        assert len(list(shop.push_outcomes(RECEIPT, changes))) == 120
        assert len(answers.calls) == 4
        assert "C4%40AUoBAQA?" in answers.calls[-1].request.url

    def test_pages_without_end_end(self, shop, answers):
        answers.get(FEED, json=feed(told(99, "SUCCESS"), received=3))
        assert self.ask(shop) == []
        assert len(answers.calls) == 4

    def test_details_that_are_missing_leave_all_pending(self, shop, answers):
        answers.get(FEED, json={"feedId": RECEIPT, "feedStatus": "PROCESSED", "itemsReceived": 6, "itemsFailed": 6})
        assert self.ask(shop) == []

    def test_a_file_that_could_not_be_read_goes_one_by_one(self, shop, answers):
        why = {"ingestionError": [{"type": "DATA_ERROR", "code": "ERR_EXT_DATA_0503009", "description": "Bad file"}]}
        answers.get(FEED, json=feed(state="ERROR", ingestionErrors=why))
        results = self.ask(shop)
        assert {(each.outcome, each.answer) for each in results} == {(Outcome.UNKNOWN, "Bad file")}
        assert len(results) == 6
        groups = list(shop.plan([rise(number) for number in range(FEED_FROM)]))
        assert {len(group) for group in groups} == {1}

    def test_the_example_of_the_document(self, shop, answers):
        (example,) = examples("feeds", "getFeedItemStatus")
        answers.get(FEED, json=example)
        (detail,) = example["itemDetails"]["itemIngestionStatus"]
        change = QuantityChange(detail["sku"], detail["sku"], 3, is_fall=False)
        (result,) = shop.push_outcomes(RECEIPT, [change])
        assert result.outcome is Outcome.ACCEPTED

    @pytest.mark.parametrize("body", ["", "<html>", "{}"])
    def test_answer_that_is_none(self, shop, answers, body):
        answers.get(FEED, body=body)
        problem_of(lambda: self.ask(shop))

    def test_refused(self, shop, answers):
        answers.get(FEED, json=errors("FORBIDDEN", "No"), status=403)
        problem_of(lambda: self.ask(shop), CredentialsError)

    def test_a_later_page_that_fails_keeps_the_earlier_answers(self, shop, answers):
        answers.get(FEED, json=feed(*[told(number, "SUCCESS") for number in range(1, 4)], received=6))
        answers.get(FEED, status=500)
        found = shop.push_outcomes(RECEIPT, self.CHANGES)
        assert [next(found).external_id for _ in range(3)] == [sku(1), sku(2), sku(3)]
        problem_of(lambda: next(found))
