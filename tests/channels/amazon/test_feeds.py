"""Feeds of quantities: laid down, created, answered later."""

import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.channels.amazon.adapter import FEED_FILES, FEEDS, answer_token, connect, problem_of, sent
from tests.channels.amazon.payloads import FILE, errors, feed_state
from tests.channels.amazon.test_push import push, rise
from tests.oas import needs_spec, specs_folder
from wholecell.channels.amazon import pushing
from wholecell.channels.amazon.mapping import message_id
from wholecell.channels.amazon.pushing import NOTE
from wholecell.channels.contract import CredentialsError, Outcome, WaitingError
from wholecell.channels.own_state import OwnState

RESULT = "https://files.amazonaws.com/result?X-Amz-Signature=s3cret"
CHANGES = (rise(1, 4), rise(2, 6), rise(3, 1))
LONG_AGO = "2020-01-01T00:00:00Z"


def answer_file(planned):
    answer_token(planned)
    planned.post(FEED_FILES, json={"feedDocumentId": "in", "url": FILE}, status=201)
    planned.put(FILE)


def answer_feed(planned):
    answer_file(planned)
    planned.post(FEEDS, json={"feedId": "F1"}, status=202)


def issue(message="Bad.", severity="ERROR", **fields):
    return {"message": message, "severity": severity, "code": "90000", **fields}


def report(*issues, invalid=0, accepted=3):
    summary = {"errors": len(issues), "warnings": 0, "messagesProcessed": 3}
    return {
        "header": {"sellerId": "A", "version": "2.0", "feedId": "F1"},
        "issues": list(issues),
        "summary": summary | {"messagesAccepted": accepted, "messagesInvalid": invalid},
    }


def outcomes(answers, body, state=None, changes=CHANGES):
    answer_token(answers)
    answers.get(f"{FEEDS}/F1", json=feed_state("DONE", resultFeedDocumentId="out"))
    answers.get(f"{FEED_FILES}/out", json={"feedDocumentId": "out", "url": RESULT, "compressionAlgorithm": "GZIP"})
    answers.get(RESULT, body=gzip.compress(body if isinstance(body, bytes) else json.dumps(body).encode()))
    found = connect(state).push_outcomes("F1", changes)
    return None if found is None else [(each.outcome, each.answer) for each in found]


def kinds(found):
    return [outcome for outcome, _ in found]


class TestSending:
    def test_it_is_laid_down_then_created_and_pending_under_its_id(self, answers):
        answer_feed(answers)
        results = push(connect(), *CHANGES)
        assert {(result.outcome, result.receipt) for result in results} == {(Outcome.PENDING, "F1")}
        assert [result.quantity for result in results] == [4, 6, 1]
        _, ask, put, create = answers.calls
        assert sent(ask) == {"contentType": "application/json; charset=UTF-8"}
        assert put.request.headers["Content-Type"] == "application/json; charset=UTF-8", "else its signature is wrong"
        assert not {name.lower() for name in put.request.headers} & {"x-amz-access-token", "authorization"}
        assert sent(create) == {
            "feedType": "JSON_LISTINGS_FEED",
            "marketplaceIds": ["ATVPDKIKX0DER"],
            "inputFeedDocumentId": "in",
        }
        feed = sent(put)
        assert feed["header"] == {"sellerId": "A1B2C3D4E5F6G7", "version": "2.0", "issueLocale": "en_US"}
        value = [{"fulfillment_channel_code": "DEFAULT", "quantity": 4}]
        assert feed["messages"][0] == {
            "messageId": message_id("SKU-1"),
            "sku": "SKU-1",
            "operationType": "PATCH",
            "productType": "PRODUCT",
            "patches": [{"op": "merge", "path": "/attributes/fulfillment_availability", "value": value}],
        }

    @pytest.mark.parametrize("step", ["ask", "put"])
    def test_what_goes_wrong_before_it_is_created_changed_nothing(self, answers, step):
        answer_token(answers)
        if step == "ask":
            answers.post(FEED_FILES, status=500)
        else:
            answers.post(FEED_FILES, json={"feedDocumentId": "in", "url": FILE}, status=201)
            answers.put(FILE, body="<Error><Code>SignatureDoesNotMatch</Code></Error>", status=403)
        assert not problem_of(lambda: push(connect(), *CHANGES)).maybe_applied

    def test_an_address_that_is_not_amazons_gets_no_file(self, answers):
        answer_token(answers)
        answers.post(FEED_FILES, json={"feedDocumentId": "in", "url": "https://evil.example/s3cret"}, status=201)
        assert "not one of its own" in problem_of(lambda: push(connect(), *CHANGES)).message

    def test_created_without_an_answer_it_is_looked_for(self, answers):
        answer_file(answers)
        answers.post(FEEDS, status=500)
        state = OwnState()
        state.remember(NOTE, json.dumps({"known": ["F0"]}))
        answers.get(FEEDS, json={"feeds": [feed_state("DONE", feedId="F0"), feed_state("IN_QUEUE", feedId="F7")]})
        assert {result.receipt for result in push(connect(state), *CHANGES)} == {"F7"}
        query = answers.calls[-1].request.params
        since = datetime.now(UTC) - datetime.fromisoformat(query["createdSince"])
        assert (query["feedTypes"], timedelta(minutes=1) < since < timedelta(minutes=3)) == ("JSON_LISTINGS_FEED", True)
        assert json.loads(state.recall(NOTE))["known"] == ["F0", "F7"]

    @pytest.mark.parametrize("ids", [[], ["F7", "F8"], None])
    def test_unsure_which_one_it_is_it_may_have_been_applied(self, answers, ids):
        answer_file(answers)
        answers.post(FEEDS, status=500)
        if ids is None:
            answers.get(FEEDS, status=500)
        else:
            answers.get(FEEDS, json={"feeds": [feed_state("IN_QUEUE", feedId=each) for each in ids]})
        assert problem_of(lambda: push(connect(), *CHANGES)).maybe_applied

    def test_throttled_it_is_not_looked_for(self, answers):
        answer_file(answers)
        answers.post(FEEDS, json=errors("QuotaExceeded", "Slow"), status=429)
        problem = problem_of(lambda: push(connect(), *CHANGES))
        assert (problem.maybe_applied, problem.retry_after) == (False, 120.5)

    def test_an_answer_without_a_feed_is_looked_for(self, answers):
        answer_file(answers)
        answers.post(FEEDS, json={}, status=202)
        answers.get(FEEDS, json={"feeds": [feed_state("IN_QUEUE", feedId="F7")]})
        assert push(connect(), *CHANGES)[0].receipt == "F7"

    @pytest.mark.parametrize("url", [FEED_FILES, FEEDS])
    def test_refused_quantities_go_one_by_one_for_a_day(self, answers, monkeypatch, url):
        monkeypatch.setattr(pushing, "FEED_FROM", 2)
        state = OwnState()
        assert [len(group) for group in connect(state).plan(CHANGES)] == [3]
        if url == FEEDS:
            answer_file(answers)
        else:
            answer_token(answers)
        answers.post(url, json=errors("InvalidInput", "No feeds here"), status=400)
        problem = problem_of(lambda: push(connect(state), *CHANGES))
        assert ("No feeds here" in problem.message, problem.maybe_applied) == (True, False)
        assert [len(group) for group in connect(state).plan(CHANGES)] == [1, 1, 1]
        state.remember(NOTE, json.dumps({"off_until": LONG_AGO}))
        assert [len(group) for group in connect(state).plan(CHANGES)] == [3]


class TestOutcomes:
    @pytest.mark.parametrize("status", ["IN_QUEUE", "IN_PROGRESS", "SOMETHING_NEW"])
    def test_unfinished(self, answers, status):
        answer_token(answers)
        answers.get(f"{FEEDS}/F1", json=feed_state(status))
        assert connect().push_outcomes("F1", CHANGES) is None

    def test_all_accepted_warnings_and_all(self, answers):
        warning = issue("Take care.", "WARNING", messageId=message_id("SKU-2"))
        found = outcomes(answers, report(warning, issue("By the way.", "INFO")))
        assert kinds(found) == [Outcome.ACCEPTED] * 3
        assert "F1" in found[0][1]

    def test_an_error_refuses_its_message_alone(self, answers):
        bad = [issue("Bad.", messageId=message_id("SKU-2")), issue("Worse.", messageId=message_id("SKU-2"))]
        found = outcomes(answers, report(*bad, invalid=1, accepted=2))
        assert kinds(found) == [Outcome.ACCEPTED, Outcome.REJECTED, Outcome.ACCEPTED]
        assert found[1][1] == "Bad. Worse."

    def test_one_named_by_its_sku(self, answers):
        found = outcomes(answers, report(issue(sku="SKU-3"), invalid=1, accepted=2))
        assert kinds(found) == [Outcome.ACCEPTED, Outcome.ACCEPTED, Outcome.REJECTED]

    def test_what_was_answered_before_is_no_riddle(self, answers):
        bad = issue(messageId=message_id("SKU-1"))
        assert kinds(outcomes(answers, report(bad, invalid=1), changes=CHANGES[1:])) == [Outcome.ACCEPTED] * 2

    def test_an_error_of_the_whole_file_refuses_all(self, answers):
        found = outcomes(answers, report(issue("Not JSON."), accepted=0))
        assert found == [(Outcome.REJECTED, "Not JSON.")] * 3

    def test_an_error_of_nobody_beside_some_accepted_is_unclear(self, answers):
        bad = issue(messageId=message_id("SKU-1"))
        found = outcomes(answers, report(bad, issue("Something."), invalid=2, accepted=1))
        assert kinds(found) == [Outcome.REJECTED, Outcome.UNKNOWN, Outcome.UNKNOWN]

    def test_more_refused_than_named_is_unclear(self, answers):
        bad = issue(messageId=message_id("SKU-1"))
        found = outcomes(answers, report(bad, invalid=2, accepted=1))
        assert kinds(found) == [Outcome.REJECTED, Outcome.UNKNOWN, Outcome.UNKNOWN]

    @pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"issues": []}', b'{"summary": 3}'])
    def test_an_answer_that_is_none_is_sent_again(self, answers, body):
        assert kinds(outcomes(answers, body)) == [Outcome.UNKNOWN] * 3

    @pytest.mark.parametrize("status", ["FATAL", "CANCELLED"])
    def test_broken_off_all_is_sent_again_one_by_one(self, answers, monkeypatch, status):
        monkeypatch.setattr(pushing, "FEED_FROM", 2)
        answer_token(answers)
        answers.get(f"{FEEDS}/F1", json=feed_state(status))
        state = OwnState()
        results = list(connect(state).push_outcomes("F1", CHANGES))
        assert [result.outcome for result in results] == [Outcome.UNKNOWN] * 3
        assert all(result.answer for result in results)
        assert [len(group) for group in connect(state).plan(CHANGES)] == [1, 1, 1]

    def test_done_without_a_report_is_sent_again(self, answers):
        answer_token(answers)
        answers.get(f"{FEEDS}/F1", json=feed_state("DONE"))
        assert [each.outcome for each in connect().push_outcomes("F1", CHANGES)] == [Outcome.UNKNOWN] * 3

    @pytest.mark.parametrize(("status", "body"), [(404, ""), (400, ""), (200, ""), (500, ""), (429, ""), (200, "{}")])
    def test_what_amazon_cannot_tell_now_holds_up_no_fall(self, answers, status, body):
        answer_token(answers)
        answers.get(f"{FEEDS}/F1", body=body, status=status)
        assert connect().push_outcomes("F1", CHANGES) is None

    def test_a_report_that_cannot_be_had_now_holds_up_no_fall(self, answers):
        answer_token(answers)
        answers.get(f"{FEEDS}/F1", json=feed_state("DONE", resultFeedDocumentId="out"))
        answers.get(f"{FEED_FILES}/out", json={"feedDocumentId": "out", "url": RESULT})
        answers.get(RESULT, body="<Error/>", status=403)
        assert connect().push_outcomes("F1", CHANGES) is None

    def test_a_limit_that_is_used_up_holds_up_no_fall(self, answers):
        class Full(OwnState):
            def take(self, limit, units=1):
                raise WaitingError("Used up.", retry_after=45)

        answer_token(answers)
        assert connect(Full()).push_outcomes("F1", CHANGES) is None

    def test_a_refused_login_stops_all(self, answers):
        answer_token(answers)
        answers.get(f"{FEEDS}/F1", json=errors("Unauthorized", "No"), status=403)
        problem_of(lambda: connect().push_outcomes("F1", CHANGES), CredentialsError)


@needs_spec("amazon/listings-feed-schema-v2.json")
def test_the_file_fits_amazons_schemas(answers):
    import jsonschema

    answer_feed(answers)
    push(connect(), *CHANGES)
    feed = sent(answers.calls[2])
    folder = specs_folder() / "amazon"
    message = json.loads((folder / "listings-feed-message-schema-v2.json").read_text())
    whole = json.loads((folder / "listings-feed-schema-v2.json").read_text())
    for each in feed["messages"]:
        jsonschema.validate(each, message)
    whole["properties"].pop("messages")
    jsonschema.validate({"header": feed["header"]}, {**whole, "required": ["header"]})
