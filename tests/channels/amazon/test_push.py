import json

import pytest
import responses

from tests.channels.amazon.adapter import (
    ITEMS,
    answer_token,
    connect,
    issue,
    problem_of,
    sent,
    submission,
)
from tests.channels.amazon.payloads import SETTINGS, TOKEN, errors
from wholecell.channels.amazon import CHANNEL, feed_answer, mapping, pushing
from wholecell.channels.amazon.limits import LISTING_FEEDS, PATCH_LISTING
from wholecell.channels.contract import CredentialsError, Outcome, QuantityChange
from wholecell.channels.own_state import OwnState

ONE = f"{ITEMS}/SKU-1"


def rise(number, quantity=5, sku=None):
    sku = f"SKU-{number}" if sku is None else sku
    return QuantityChange(sku, sku, quantity, is_fall=False)


def fall(number, quantity=0):
    return QuantityChange(f"SKU-{number}", f"SKU-{number}", quantity, is_fall=True)


def push(shop, *changes):
    return list(shop.push_quantities(changes))


class TestSinglePush:
    def test_the_quantity_is_merged_and_nothing_else_sent(self, answers):
        answer_token(answers)
        query = responses.matchers.query_param_matcher({"marketplaceIds": "ATVPDKIKX0DER"})
        answers.patch(ONE, json=submission(1), match=[query])
        (result,) = push(connect(), rise(1, 4))
        assert (result.outcome, result.stored, result.quantity) == (Outcome.ACCEPTED, None, 4)
        value = [{"fulfillment_channel_code": "DEFAULT", "quantity": 4}]
        assert sent(answers.calls[1]) == {
            "productType": "PRODUCT",
            "patches": [{"op": "merge", "path": "/attributes/fulfillment_availability", "value": value}],
        }

    def test_the_listing_is_the_one_of_its_id(self, answers):
        answer_token(answers)
        answers.patch(f"{ITEMS}/A%20%2F%25%2B%23%22B", json=submission(1))
        change = QuantityChange('A /%+#"B', 'A /%+#"B', 1, is_fall=False)
        assert push(connect(), change)[0].outcome is Outcome.ACCEPTED

    def test_a_yes_to_the_call_is_no_yes_to_the_number(self, answers):
        answer_token(answers)
        issues = [issue("Take care.", "WARNING"), issue("Not allowed."), issue("Not allowed."), issue("Nor here.")]
        answers.patch(ONE, json=submission(1, "INVALID", issues))
        (result,) = push(connect(), rise(1))
        assert (result.outcome, result.gone, result.answer) == (Outcome.REJECTED, False, "Not allowed. Nor here.")
        assert "Try again" in result.advice

    def test_warnings_refuse_nothing(self, answers):
        answer_token(answers)
        answers.patch(ONE, json=submission(1, "ACCEPTED", [issue("Take care.", "WARNING")]))
        assert push(connect(), rise(1))[0].outcome is Outcome.ACCEPTED

    def test_refused_without_a_reason(self, answers):
        answer_token(answers)
        answers.patch(ONE, json={"sku": "SKU-1", "status": "INVALID", "submissionId": "s"})
        assert push(connect(), rise(1))[0].answer == "Amazon did not say why it refuses it."

    @pytest.mark.parametrize(("status", "gone"), [(400, False), (404, True), (413, False), (415, False)])
    def test_refused(self, answers, status, gone):
        answer_token(answers)
        answers.patch(ONE, json=errors("InvalidInput", f"No {TOKEN}"), status=status)
        (result,) = push(connect(), rise(1))
        assert (result.outcome, result.gone, result.answer) == (Outcome.REJECTED, gone, "No •••")
        assert result.advice

    @pytest.mark.parametrize("body", ["", "<html>", "{}", "[]", '{"status": "VALID"}', '{"status": "SOMETHING_NEW"}'])
    def test_an_answer_that_says_neither_proves_nothing(self, answers, body):
        answer_token(answers)
        answers.patch(ONE, body=body)
        assert problem_of(lambda: push(connect(), rise(1))).maybe_applied

    def test_throttled_nothing_was_applied(self, answers):
        answer_token(answers)
        answers.patch(ONE, json=errors("QuotaExceeded", "Slow"), status=429)
        problem = problem_of(lambda: push(connect(), rise(1)))
        assert (problem.retry_after, problem.maybe_applied) == (1, False)

    def test_a_fault_of_theirs_may_have_been_applied(self, answers):
        answer_token(answers)
        answers.patch(ONE, body="<Error/>", status=503)
        assert problem_of(lambda: push(connect(), rise(1))).maybe_applied

    def test_a_missing_role_stops_the_integration(self, answers):
        answer_token(answers)
        answers.patch(ONE, json=errors("Unauthorized", "Denied"), status=403)
        problem_of(lambda: push(connect(), rise(1)), CredentialsError)

    def test_a_cut_after_sending_may_have_been_applied(self, server):
        state = OwnState()
        shop = CHANNEL.connect(SETTINGS, server.url, state)
        token = json.dumps({"access_token": TOKEN, "expires_in": 3600}).encode()

        def answer(connection, request):
            if b"/auth/o2/token" in request:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(token) + token)

        server.answer = answer
        assert problem_of(lambda: push(shop, rise(1))).maybe_applied
        assert [request.split(b" ")[0] for request in server.requests] == [b"POST", b"PATCH"], "sent once"

    def test_it_takes_a_turn(self, answers):
        taken = []

        class Counting(OwnState):
            def take(self, limit, units=1):
                taken.append((limit, units))

        answer_token(answers)
        answers.patch(ONE, json=submission(1))
        push(connect(Counting()), rise(1))
        assert taken == [(PATCH_LISTING, 1)]


class TestPlan:
    def test_falls_first_and_each_change_alone(self):
        changes = [rise(1), fall(2), rise(3), fall(4, 2)]
        assert [list(group) for group in connect().plan(changes)] == [[fall(2)], [fall(4, 2)], [rise(1)], [rise(3)]]

    def test_rises_go_alone_while_that_is_faster_than_a_feed(self):
        groups = list(connect().plan([rise(n) for n in range(pushing.FEED_FROM - 1)]))
        assert {len(group) for group in groups} == {1}

    def test_a_first_fill_goes_as_feeds_within_their_limits(self, monkeypatch):
        monkeypatch.setattr(pushing, "FEED_FROM", 10)
        monkeypatch.setattr(pushing, "FEED_MESSAGES", 8)
        changes = [fall(90), *(rise(n) for n in range(20))]
        groups = list(connect().plan(changes))
        assert [len(group) for group in groups] == [1, 8, 8, 4]
        assert groups[0][0] == fall(90), "never by a slow feed"

    def test_a_feed_stays_under_its_size_however_long_the_skus(self, monkeypatch):
        monkeypatch.setattr(pushing, "FEED_FROM", 10)
        monkeypatch.setattr(pushing, "FEED_BYTES", 5000)
        shop = connect()
        changes = [rise(n, sku=f"{n:03d}" + 'é"' * 18) for n in range(100)]
        groups = list(shop.plan(changes))
        assert [change for group in groups for change in group] == changes
        assert len(groups) > 5 and all(len(shop._file(group, 0)) <= 5000 + 200 for group in groups)

    @pytest.fixture
    def crowded(self, monkeypatch):
        """A feed whose messages have so few numbers that some have the same."""
        changes = [rise(n) for n in range(5)]
        monkeypatch.setattr(mapping, "LARGEST", 7)
        assert len({mapping.message_id(change.external_id) for change in changes}) < 5
        return changes

    def test_two_of_one_number_have_two_under_another_salt(self, crowded):
        salt = mapping.salt_of(crowded)
        numbers = {change.external_id: mapping.message(change, salt)["messageId"] for change in crowded}
        assert salt and len(set(numbers.values())) == 5
        report = {
            "summary": {"messagesAccepted": 4, "messagesInvalid": 1},
            "issues": [{"severity": "ERROR", "message": "Bad.", "messageId": numbers["SKU-3"]}],
        }
        for known in (crowded, crowded[3:4]):  # whichever of them still wait for the answer
            found = feed_answer.results(report, "F1", known, salt)
            assert [each.external_id for each in found if each.outcome is Outcome.REJECTED] == ["SKU-3"]

    def test_numbers_of_messages_fit_everywhere(self):
        numbers = [mapping.message_id(f"SKU-{n}") for n in range(1000)]
        assert len(set(numbers)) == 1000
        assert min(numbers) >= 1 and max(numbers) < 2**31

    def test_the_limit_holds_the_feeds_of_a_plan(self):
        assert LISTING_FEEDS.burst == 4, "one less than documented, for a call that overtakes"

    def test_nothing_to_send(self):
        assert list(connect().plan([])) == []
        assert push(connect()) == []
