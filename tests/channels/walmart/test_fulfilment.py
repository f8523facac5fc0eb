"""Acknowledgements and cancellations: what is sent, and what is left alone."""

import pytest
import requests

from tests.channels.walmart.adapter import (
    NUMBER,
    ORDER,
    an_order,
    answer_token,
    connect,
    problem_of,
)
from tests.channels.walmart.payloads import NO_ORDERS, errors, examples, line, status
from tests.channels.walmart.told import left, seen, sent
from wholecell.channels.contract import RejectedError

CANCEL, ACKNOWLEDGE = f"{ORDER}/cancel", f"{ORDER}/acknowledge"


@pytest.fixture
def shop(answers):
    answer_token(answers)
    return connect()


class TestAccept:
    def test_whole_order_without_a_body(self, shop, answers):
        answers.get(ORDER, json=an_order("Created"))
        answers.post(ACKNOWLEDGE, json=an_order("Acknowledged"))
        assert shop.accept("7").status == "Acknowledged"
        assert sent(answers) == [(ACKNOWLEDGE, None)]

    @pytest.mark.parametrize("word", ["Acknowledged", "Shipped", "Cancelled"])
    def test_only_what_is_created(self, shop, answers, word):
        answers.get(ORDER, json=an_order(word))
        assert shop.accept("7").status == word
        assert sent(answers) == []

    def test_walmarts_own_orders_never(self, shop, answers):
        answers.get(ORDER, json=seen(line("1", status("Created")), shipNode={"type": "WFSFulfilled"}))
        assert "own stock" in problem_of(lambda: shop.accept("7"), RejectedError).message
        assert sent(answers) == []

    def test_an_answer_that_shows_no_change_is_tried_again(self, shop, answers):
        answers.get(ORDER, json=an_order("Created"))
        answers.post(ACKNOWLEDGE, json=an_order("Created"))
        assert problem_of(lambda: shop.accept("7")).maybe_applied

    @pytest.mark.parametrize("body", ["", "{}", "<html>"])
    def test_200_without_the_order_proves_nothing(self, shop, answers, body):
        answers.get(ORDER, json=an_order("Created"))
        answers.post(ACKNOWLEDGE, body=body)
        assert problem_of(lambda: shop.accept("7")).maybe_applied

    def test_after_a_time_out_the_order_is_read_and_nothing_repeated(self, shop, answers):
        answers.get(ORDER, json=an_order("Created"))
        answers.get(ORDER, json=an_order("Acknowledged"))
        answers.post(ACKNOWLEDGE, body=requests.ReadTimeout())
        assert problem_of(lambda: shop.accept("7")).maybe_applied
        assert not shop.accept("7").is_to_accept
        assert len(sent(answers)) == 1

    @pytest.mark.parametrize("code", [400, 200, 409])
    def test_refusal_keeps_the_words(self, shop, answers, code):
        answers.get(ORDER, json=an_order("Created"))
        answers.post(ACKNOWLEDGE, json=errors("INVALID", "A line is cancelled"), status=code)
        assert problem_of(lambda: shop.accept("7"), RejectedError).message == "A line is cancelled"

    def test_one_that_is_gone(self, shop, answers):
        answers.get(ORDER, json=NO_ORDERS, status=404)
        assert problem_of(lambda: shop.accept("7"), RejectedError).gone

    def test_the_example_of_the_document(self, shop, answers):
        (example,) = examples("orders", "acknowledgeOrders")
        answers.get(ORDER, json=an_order("Created"))
        answers.post(ACKNOWLEDGE, json=example)
        assert shop.accept("7").status == "Acknowledged"


class TestCancel:
    @pytest.mark.parametrize(
        ("asked", "reason"),
        [("true", "CUSTOMER_REQUESTED_SELLER_TO_CANCEL"), ("", "SELLER_CANCEL_OUT_OF_STOCK")],
    )
    @pytest.mark.parametrize("word", ["Created", "Acknowledged"])
    def test_request_is_as_documented(self, shop, answers, asked, reason, word):
        answers.get(ORDER, json=seen(line("9", status(word, "2"), quantity="2", intentToCancel=asked)))
        answers.post(CANCEL, json=seen(line("9", status("Cancelled", "2"), quantity="2")))
        assert shop.cancel_line("7", "9").lines[0].cancelled == 2
        amount = {"unitOfMeasurement": "EACH", "amount": "2"}
        told = {"status": "Cancelled", "cancellationReason": reason, "statusQuantity": amount}
        lines = [{"lineNumber": "9", "orderLineStatuses": {"orderLineStatus": [told]}}]
        assert sent(answers) == [(CANCEL, {"orderCancellation": {"orderLines": {"orderLine": lines}}})]

    def test_of_a_partly_shipped_line_the_rest(self, shop, answers):
        answers.get(ORDER, json=seen(line("9", left("1"), status("Acknowledged", "2"), quantity="3")))
        answers.post(CANCEL, json=seen(line("9", left("1"), status("Cancelled", "2"), quantity="3")))
        assert shop.cancel_line("7", "9").lines[0].cancelled == 2
        (told,) = sent(answers)[0][1]["orderCancellation"]["orderLines"]["orderLine"][0]["orderLineStatuses"].values()
        assert told[0]["statusQuantity"]["amount"] == "2"

    def test_not_after_shipping(self, shop, answers):
        answers.get(ORDER, json=an_order("Shipped", NUMBER))
        assert "left already" in problem_of(lambda: shop.cancel_line("7", "9"), RejectedError).message
        assert sent(answers) == []

    def test_a_line_nobody_knows(self, shop, answers):
        answers.get(ORDER, json=an_order("Acknowledged"))
        assert problem_of(lambda: shop.cancel_line("7", "1"), RejectedError).gone

    def test_walmarts_own_orders_never(self, shop, answers):
        answers.get(ORDER, json=seen(line("9", status("Created")), shipNode={"type": "WFSFulfilled"}))
        problem_of(lambda: shop.cancel_line("7", "9"), RejectedError)
        assert sent(answers) == []

    def test_a_yes_that_changes_nothing(self, shop, answers):
        answers.get(ORDER, json=an_order("Acknowledged"))
        answers.post(CANCEL, json=an_order("Acknowledged"))
        assert "did not cancel" in problem_of(lambda: shop.cancel_line("7", "9"), RejectedError).message
