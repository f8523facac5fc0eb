"""Quantities: in fours, one by one after a failure, and through the Inventory API where only that may."""

import json

import pytest

from tests.channels.ebay.adapter import (
    OFFERS_URL,
    UPDATE_URL,
    answer_token,
    answer_trading,
    asks,
    connect,
    problem_of,
    sent,
    texts,
)
from tests.channels.ebay.payloads import (
    HOST,
    SETTINGS,
    TRADING_URL,
    echo,
    errors,
    example,
    fault,
    revised,
    trading_example,
    updated,
)
from tests.oas import needs_spec
from wholecell.channels.contract import CredentialsError, Outcome, QuantityChange, TemporaryError, WaitingError
from wholecell.channels.ebay.inventory import OfferNotes
from wholecell.channels.own_state import OwnState

ITEMS_URL = f"{HOST}/sell/inventory/v1/inventory_item"
DONE = (Outcome.ACCEPTED, Outcome.REJECTED)


def change(listing_id, quantity=5, *, is_fall=False, sku="SKU-1"):
    return QuantityChange(listing_id, sku, quantity, is_fall=is_fall)


def push(changes, state=None, **login):
    return list(connect(state, **login).push_quantities(changes))


def refusal(planned, code, quantity=5, words="No."):
    """How one change is answered that eBay refuses for this."""
    answer_token(planned)
    planned.post(TRADING_URL, body=revised(fault(code, words), ack="Failure"))
    (result,) = push([change("1", quantity)])
    return result


def offer(offer_id="82", item="1", sku="SKU-1", status="ACTIVE"):
    return {"offerId": offer_id, "sku": sku, "listing": {"listingId": item, "listingStatus": status}}


class TestPlan:
    def test_drops_to_0_leave_first_then_falls_in_fours(self):
        changes = [change(str(number), 9) for number in range(5)]
        changes += [change("fall", 3, is_fall=True), change("zero", 0, is_fall=True)]
        groups = [[each.external_id for each in group] for group in connect().plan(changes)]
        assert groups == [["zero", "fall", "0", "1"], ["2", "3", "4"]]

    def test_nothing_is_named_twice_in_a_call(self):
        first, second = connect().plan([change("1", 3), change("1", 4), change("1:A", 4)])
        assert [[each.quantity for each in group] for group in (first, second)] == [[3, 4], [4]]
        assert {each.external_id for each in first} == {"1", "1:A"}

    def test_listings_of_the_inventory_api_go_alone(self):
        state = OwnState()
        OfferNotes(state).put("2", "82", "SKU-2")
        groups = list(connect(state).plan([change(each) for each in "123"]))
        assert [[each.external_id for each in group] for group in groups] == [["1", "3"], ["2"]]
        falls = [change("1"), change("2", 0, is_fall=True)]
        assert next(iter(connect(state).plan(falls)))[0].external_id == "2"

    def test_more_of_them_go_together_where_that_is_set(self):
        state = OwnState()
        for number in range(3):
            OfferNotes(state).put(str(number), "82", f"SKU-{number}")
        changes = [change(str(number)) for number in range(3)]
        assert [len(group) for group in connect(state, inventory_batch="25").plan(changes)] == [3]


@needs_spec("ebay/trading")
class TestExamples:
    def test_all_was_done(self, answers):
        answer_token(answers)
        answers.post(TRADING_URL, body=trading_example("revise_inventory_status_response_success"))
        changes = [
            change("176500000001"),
            change("176500000002:IP13-128-MID", 2),
            change("176500000002:IP13-128-STAR", 0, is_fall=True),
        ]
        assert [(each.outcome, each.stored) for each in push(changes)] == [(Outcome.ACCEPTED, n) for n in (5, 2, 0)]
        (message,) = sent(answers, "ReviseInventoryStatus")
        wanted = [each for each in texts(trading_example("revise_inventory_status_request")) if each[1].strip()]
        assert [each for each in message if each[0] in {"ItemID", "SKU", "Quantity"}] == wanted[1:]
        assert "StartPrice" not in dict(message)

    def test_a_number_that_was_so_already_is_taken(self, answers):
        answer_token(answers)
        answers.post(TRADING_URL, body=trading_example("revise_inventory_status_response_redundant"))
        (result,) = push([change("176500000001")])
        assert (result.outcome, result.stored) == (Outcome.ACCEPTED, 5)

    def test_a_listing_that_ended_in_between(self, answers):
        answer_token(answers)
        answers.post(TRADING_URL, body=trading_example("revise_inventory_status_response_ended"))
        (result,) = push([change("176500000009")])
        assert (result.outcome, result.gone) == (Outcome.REJECTED, True)
        assert "ended item" in result.answer and "Relist" in result.advice


class TestGroups:
    @pytest.mark.parametrize("done", [(), (3,), (1, 3)])
    def test_what_a_refused_group_did_not_do_is_sent_alone(self, answers, done):
        answer_token(answers)
        inside = [*(echo(number, 5) for number in done), fault("21919189", "Not allowed.")]
        ack = "PartialFailure" if done else "Failure"
        answer_trading(answers, "ReviseInventoryStatus", revised(*inside, ack=ack), ItemID="1,2,3")
        for number in (1, 3):
            answer_trading(answers, "ReviseInventoryStatus", revised(echo(number, 5)), ItemID=str(number))
        refused = revised(fault("21919189", "Not allowed."), ack="Failure")
        answer_trading(answers, "ReviseInventoryStatus", refused, ItemID="2")
        found = {each.external_id: each.outcome for each in push([change(each) for each in "123"])}
        assert found == {"1": Outcome.ACCEPTED, "2": Outcome.REJECTED, "3": Outcome.ACCEPTED}
        assert len(sent(answers, "ReviseInventoryStatus")) == 1 + 3 - len(done)

    def test_a_fault_of_ebays_on_one_of_them_costs_the_others_nothing(self, answers):
        answer_token(answers)
        mixed = revised(echo(1, 5), fault("10007", "Internal", kind="SystemError"), ack="PartialFailure")
        answer_trading(answers, "ReviseInventoryStatus", mixed, ItemID="1,2")
        answer_trading(answers, "ReviseInventoryStatus", revised(echo(2, 5)), ItemID="2")
        assert [each.outcome for each in push([change("1"), change("2")])] == [Outcome.ACCEPTED] * 2

    def test_what_breaks_in_the_middle_leaves_the_group_unknown(self, answers):
        answer_token(answers)
        answer_trading(answers, "ReviseInventoryStatus", revised(fault("9"), ack="Failure"), ItemID="1,2")
        answer_trading(answers, "ReviseInventoryStatus", revised(echo(1, 5)), ItemID="1")
        answers.post(TRADING_URL, status=429)
        problem = problem_of(lambda: push([change("1"), change("2")]))
        assert problem.maybe_applied and problem.retry_after > 0

    def test_an_echo_that_counts_sold_units_says_nothing(self, answers):
        answer_token(answers)
        answers.post(TRADING_URL, body=revised(echo(1, 17)))
        (result,) = push([change("1")])
        assert (result.outcome, result.stored) == (Outcome.ACCEPTED, None)

    def test_an_answer_with_a_warning_alone_is_done(self, answers):
        answer_token(answers)
        warning = fault("21917092", "Redundant", severity="Warning")
        answers.post(TRADING_URL, body=revised(warning, echo(1, 5), ack="Warning"))
        assert [each.outcome for each in push([change("1"), change("2")])] == [Outcome.ACCEPTED] * 2
        assert len(sent(answers, "ReviseInventoryStatus")) == 1

    def test_a_warning_beside_a_failure_is_none(self, answers):
        answer_token(answers)
        inside = fault("21917092", "Redundant", severity="Warning") + fault("17", "Not found")
        answers.post(TRADING_URL, body=revised(inside, ack="Failure"))
        (result,) = push([change("1")])
        assert result.gone and "Redundant" not in result.answer

    def test_odd_names_arrive_as_they_are(self, answers):
        answer_token(answers)
        sku = 'A&B <1> "2" ]]> é:/'
        answers.post(TRADING_URL, body=revised(echo(1, 5, sku)))
        (result,) = push([change(f"1:{sku}")])
        assert (result.outcome, result.stored) == (Outcome.ACCEPTED, 5)
        assert ("SKU", sku) in sent(answers, "ReviseInventoryStatus")[0]


class TestRefusals:
    @pytest.mark.parametrize("code", ["17", "231", "291", "21916750"])
    def test_gone(self, answers, code):
        assert refusal(answers, code).gone

    @pytest.mark.parametrize(
        ("code", "advice"),
        [
            ("21916286", "auction"),
            ("21916583", "custom label"),
            ("21916735", "custom label"),
            ("21916635", "Import"),
            ("21916799", "removed the variation"),
            ("21919188", "selling limit"),
            ("21919165", "tomorrow"),
            ("4711", "press Try again"),
        ],
    )
    def test_the_way_out_is_said(self, answers, code, advice):
        result = refusal(answers, code)
        assert (result.outcome, result.gone, result.answer) == (Outcome.REJECTED, False, "No.")
        assert advice in result.advice

    def test_0_without_out_of_stock_control_is_explained(self, answers):
        assert "out-of-stock control" in refusal(answers, "515", 0, "The quantity must be more than 0").advice

    def test_already_so_though_refused(self, answers):
        assert refusal(answers, "21917091").outcome is Outcome.ACCEPTED

    @pytest.mark.parametrize(
        ("code", "kind"),
        [("841", CredentialsError), ("10007", TemporaryError), ("518", WaitingError), ("932", CredentialsError)],
    )
    def test_what_is_about_the_whole_call(self, answers, code, kind):
        answer_token(answers)
        answers.post(TRADING_URL, body=revised(fault(code), ack="Failure"))
        problem = problem_of(lambda: push([change("1")]), kind)
        assert getattr(problem, "maybe_applied", False) == (code == "10007")


class TestInventoryApi:
    def falls_back(self, planned, *offers):
        answer_token(planned)
        planned.post(TRADING_URL, body=revised(fault("21919474", "Inventory based"), ack="Failure"))
        planned.get(OFFERS_URL, json={"offers": list(offers)}, match=[asks(sku="SKU-1")])

    def test_it_is_found_by_its_sku_told_both_numbers_and_remembered(self, answers):
        state = OwnState()
        self.falls_back(answers, offer("81", item="9"), offer("82"))
        answers.post(UPDATE_URL, json=updated({"sku": "SKU-1", "offerId": "82", "statusCode": 200}))
        (result,) = push([change("1")], state)
        assert (result.outcome, result.stored) == (Outcome.ACCEPTED, 5)
        assert json.loads(answers.calls[-1].request.body) == {
            "requests": [
                {
                    "sku": "SKU-1",
                    "shipToLocationAvailability": {"quantity": 5},
                    "offers": [{"offerId": "82", "availableQuantity": 5}],
                }
            ]
        }
        assert answers.calls[-1].request.headers["Content-Language"] == "en-US"
        before = len(answers.calls)
        assert push([change("1", 4)], state)[0].outcome is Outcome.ACCEPTED
        assert len(answers.calls) - before == 1, "Trading is not asked again"

    def test_only_the_one_of_four(self, answers):
        answer_token(answers)
        inventory = fault("21919474", "Inventory based")
        answer_trading(answers, "ReviseInventoryStatus", revised(inventory, ack="Failure"), ItemID="1,2")
        answer_trading(answers, "ReviseInventoryStatus", revised(inventory, ack="Failure"), ItemID="1")
        answer_trading(answers, "ReviseInventoryStatus", revised(echo(2, 5)), ItemID="2")
        answers.get(OFFERS_URL, json={"offers": [offer()]})
        answers.post(UPDATE_URL, json=updated({"sku": "SKU-1", "statusCode": 200}))
        assert [each.outcome for each in push([change("1"), change("2")])] == [Outcome.ACCEPTED] * 2

    @pytest.mark.parametrize(
        ("offers", "gone"), [([], False), ([offer(item="9")], False), ([offer(status="ENDED")], True)]
    )
    def test_without_an_offer_of_it(self, answers, offers, gone):
        self.falls_back(answers, *offers)
        (result,) = push([change("1")])
        assert (result.outcome, result.gone) == (Outcome.REJECTED, gone)
        assert result.advice

    def test_a_listing_without_a_sku_is_looked_for_page_by_page(self, answers):
        """Here `offset` counts pages: the next page is 1, not 100."""
        answer_token(answers)
        answers.post(TRADING_URL, body=revised(fault("21919474"), ack="Failure"))
        link = f"{ITEMS_URL}?limit=100&offset=1"
        answers.get(ITEMS_URL, json={"inventoryItems": [{"sku": "SKU-2"}]}, match=[asks(offset="1")])
        first = {"inventoryItems": [{"sku": "SKU-0"}, {}], "next": link}
        answers.get(ITEMS_URL, json=first, match=[lambda request: ("offset" not in request.url, "")])
        answers.get(OFFERS_URL, json=errors(25713, "not available"), status=404, match=[asks(sku="SKU-0")])
        answers.get(OFFERS_URL, json={"offers": [offer(sku="SKU-2")]}, match=[asks(sku="SKU-2")])
        answers.post(UPDATE_URL, json=updated({"offerId": "82", "statusCode": 200}))
        assert push([change("1", sku="")])[0].outcome is Outcome.ACCEPTED
        assert json.loads(answers.calls[-1].request.body)["requests"][0]["sku"] == "SKU-2"

    @needs_spec("ebay/examples")
    def test_some_of_several_are_refused(self, answers):
        state = OwnState()
        for listing, offer_id, sku in (("1", "8209815010", "IP12-64-BLK-A"), ("2", "8209815999", "GONE-SKU")):
            OfferNotes(state).put(listing, offer_id, sku)
        answer_token(answers)
        answers.post(UPDATE_URL, json=example("bulk_update_quantity_partly_failed"), status=207)
        good, bad = push([change("1", 4), change("2", 1)], state, inventory_batch="25")
        assert (good.outcome, good.stored) == (Outcome.ACCEPTED, 4)
        assert (bad.outcome, bad.answer) == (Outcome.REJECTED, "Invalid value for offerId. (8209815999).")
        assert OfferNotes(state).offer_of("2") is None, "it is looked up anew"

    @needs_spec("ebay/examples")
    def test_examples_are_understood(self, answers):
        state = OwnState()
        OfferNotes(state).put("1", "8209815010", "IP12-64-BLK-A")
        answer_token(answers)
        answers.post(UPDATE_URL, json=example("bulk_update_quantity"))
        assert push([change("1")], state)[0].outcome is Outcome.ACCEPTED
        state = OwnState()
        answers.post(TRADING_URL, body=revised(fault("21919474"), ack="Failure"))
        answers.get(OFFERS_URL, json=example("offers_for_sku"))
        assert push([change("176500000001", sku="IP12-64-BLK-A")], state)[0].outcome is Outcome.ACCEPTED

    @pytest.mark.parametrize(
        ("status", "body", "outcome", "words"),
        [
            (400, errors(25702, "SKU is not available"), Outcome.REJECTED, "no such SKU"),
            (200, updated({"sku": "SKU-1", "statusCode": 400, **errors(25759, "Share")}), Outcome.REJECTED, "only so"),
            (200, updated({"sku": "SKU-1", "statusCode": 409}), Outcome.REJECTED, "Try again"),
            (200, updated({"sku": "SKU-1", "statusCode": 500, **errors(25001, "System")}), None, "what was asked"),
            (200, {}, None, "what was asked"),
        ],
    )
    def test_answers(self, answers, status, body, outcome, words):
        state = OwnState()
        OfferNotes(state).put("1", "82", "SKU-1")
        answer_token(answers)
        answers.post(UPDATE_URL, json=body, status=status)
        if outcome is None:
            assert words in problem_of(lambda: push([change("1")], state)).message
        else:
            (result,) = push([change("1")], state)
            assert result.outcome is outcome and words in result.advice

    def test_a_refused_language_says_so(self, answers):
        state = OwnState()
        OfferNotes(state).put("1", "82", "SKU-1")
        answer_token(answers)
        answers.post(UPDATE_URL, json=errors(25709, f"Invalid value {SETTINGS['refresh_token']}"), status=400)
        (result,) = push([change("1")], state)
        assert result.answer == "Invalid value •••."

    def test_notes_hold_what_they_can(self):
        state = OwnState()
        notes = OfferNotes(state)
        for number in range(400):
            notes.put(f"17650000{number}:{'S' * 60}", str(number), "S" * 60)
        assert all(len(state.recall(f"offers {shelf:02x}")) <= 4000 for shelf in range(256))
        assert OfferNotes(state).offer_of(f"17650000399:{'S' * 60}") == ("399", "S" * 60)
        assert OfferNotes(OwnState()).offer_of("1") is None
