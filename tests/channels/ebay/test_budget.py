"""The calls of a day: what is kept back is for falls, and nothing else makes a fall wait."""

import pytest

from tests.channels.ebay.adapter import answer_token, answer_trading, problem_of
from tests.channels.ebay.payloads import TRADING_URL, echo, fault, revised
from tests.channels.ebay.test_check import Budget
from tests.channels.ebay.test_push import change, push
from wholecell.channels.contract import Outcome, WaitingError
from wholecell.channels.own_state import OwnState


def test_falls_spend_what_is_kept_back_and_rises_wait(answers):
    answer_token(answers)
    answers.post(TRADING_URL, body=revised())
    budget = Budget(left=0, kept=2)
    push([change("1", 0, is_fall=True), change("2", 9)], OwnState(budget))
    push([change("1", 3, is_fall=True)], OwnState(budget))
    assert problem_of(lambda: push([change("2", 9)], OwnState(budget)), WaitingError).retry_after == 9000
    fall = [change("1", 0, is_fall=True)]
    assert problem_of(lambda: push(fall, OwnState(budget)), WaitingError).retry_after == 9000


def test_a_rise_that_was_refused_beside_a_fall_does_not_make_the_fall_wait(answers):
    answer_token(answers)
    mixed = revised(echo(1, 0), fault("17"), ack="PartialFailure")
    answer_trading(answers, "ReviseInventoryStatus", mixed, ItemID="1,2")
    answer_trading(answers, "ReviseInventoryStatus", revised(fault("17"), ack="Failure"), ItemID="2")
    budget = Budget(left=0, kept=2)
    found = push([change("1", 0, is_fall=True), change("2", 9)], OwnState(budget))
    assert [each.outcome for each in found] == [Outcome.ACCEPTED, Outcome.REJECTED]


@pytest.mark.parametrize(("is_fall", "left"), [(True, 0), (False, 1000)])
def test_a_rise_that_finds_the_day_used_up_leaves_falls_their_try(answers, is_fall, left):
    answer_token(answers)
    answers.post(TRADING_URL, body=revised(fault("518"), ack="Failure"))
    budget = Budget()
    problem_of(lambda: push([change("1", 2, is_fall=is_fall)], OwnState(budget)), WaitingError)
    assert [found[:2] for found in budget.learned] == [(5000, left)]
