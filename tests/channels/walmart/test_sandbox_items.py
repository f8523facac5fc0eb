"""Items and quantities over a real socket, in all the ways in which Walmart may answer."""

import pytest

from wholecell.channels.contract import (
    CredentialsError,
    ListingState,
    Outcome,
    QuantityChange,
    TemporaryError,
    WaitingError,
)
from wholecell.channels.walmart import pushing

ODD = ["a/b", "50% off", "a+b", "#1", 'it\'s "it"', "x y", "é"]


def change(sku, quantity, *, is_fall=False):
    return QuantityChange(sku, sku, quantity, is_fall)


def read(link, **options):
    return [each for page in link.listings(**{"online_only": False} | options) for each in page.listings]


class TestLogin:
    def test_good_keys(self, world):
        world.link.check()

    def test_a_missing_permission_is_named(self, world):
        world.set(scopes={"feeds": "view_only"})
        with pytest.raises(CredentialsError, match="lack permission for feeds"):
            world.link.check()

    def test_a_token_that_ends_is_renewed_once(self, world):
        world.seed("A")
        read(world.link)
        world.account.access.clear()
        assert [each.sku for each in read(world.link)] == ["A"]
        assert len(world.calls("POST", "/v3/token")) == 2

    def test_a_revoked_secret(self, world):
        world.link.check()
        world.shop.set_tokens("walmart", {"other:keys"})
        with pytest.raises(CredentialsError) as caught:
            read(world.link)
        assert caught.value.message == "Walmart refused the client ID and secret."


class TestListings:
    @pytest.mark.parametrize("cursor", ["moving", "constant"])
    @pytest.mark.parametrize("end_cursor", ["absent", "empty"])
    def test_all_pages_with_each_kind_of_cursor(self, world, cursor, end_cursor):
        world.unlimited()
        world.set(cursor=cursor, end_cursor=end_cursor)
        skus = [f"S{number:03}" for number in range(170)]
        world.seed(*skus)
        found = {each.sku: each for each in read(world.link)}
        assert sorted(found) == skus
        assert {(each.quantity, each.sellable, each.state) for each in found.values()} == {(5, 5, ListingState.ACTIVE)}

    @pytest.mark.parametrize("shape", ["wrapped", "list", "message", "gateway", "xml"])
    @pytest.mark.parametrize(("no_items", "refusals"), [("empty", "status"), ("404", "status"), ("404", "200")])
    def test_a_shop_without_items(self, world, no_items, refusals, shape):
        world.set(no_items=no_items, refusals=refusals, errors=shape)
        world.link.check()
        assert read(world.link) == []

    def test_what_is_left_to_sell_stands_beside_what_was_sent(self, world):
        world.seed("A")
        world.sell("A", 2)
        (found,) = read(world.link)
        (reading,) = world.link.quantities(["A"])
        assert (found.quantity, found.sellable) == (reading.quantity, reading.sellable) == (5, 3)

    def test_states_and_reasons(self, world):
        world.seed("on", "WFS", "out", quantity=0)
        world.seed("unpublished", published_status="UNPUBLISHED", reasons=["No price."])
        world.seed("retired", lifecycle_status="RETIRED")
        found = {each.sku: each for each in read(world.link)}
        assert found["on"].state is ListingState.OUT_OF_STOCK
        assert (found["unpublished"].state, found["unpublished"].state_reason) == (
            ListingState.NEEDS_ATTENTION,
            "No price.",
        )
        assert found["retired"].state is ListingState.ENDED
        assert {each.sku for each in read(world.link, online_only=True)} == {"on", "WFS", "out"}
        ids = ["on", "unpublished", "retired", "gone"]
        readings = [(each.external_id, each.state) for each in world.link.quantities(ids)]
        assert readings == [(sku, found[sku].state if sku in found else ListingState.ENDED) for sku in ids]

    @pytest.mark.parametrize("item_shape", ["list", "record"])
    def test_odd_skus_are_found_again(self, world, item_shape):
        world.set(item_shape=item_shape)
        world.seed(*ODD)
        assert {each.external_id for each in read(world.link)} == set(ODD)
        assert [each.quantity for each in world.link.quantities(ODD)] == [5] * len(ODD)

    @pytest.mark.parametrize("fault", ["repeated_page", "shifting_page"])
    def test_rows_that_shift_while_paging(self, world, fault):
        world.unlimited()
        skus = [f"S{number:03}" for number in range(120)]
        world.seed(*skus)
        world.shop.faults.add(fault, path="/v3/items")
        assert {each.sku for each in read(world.link)} >= set(skus[:50])

    @pytest.mark.parametrize("form", ["milliseconds", "epoch", "seconds", "iso"])
    @pytest.mark.parametrize("shape", ["wrapped", "gateway", "empty"])
    def test_too_many_calls_say_when_to_come_back(self, world, form, shape):
        world.set(replenishment=form, errors=shape)
        world.account.limits["items_with_parameters"].most = 1
        world.seed("A")
        read(world.link)
        with pytest.raises(TemporaryError) as caught:
            read(world.link)
        assert 50 < caught.value.retry_after <= 60


class TestNumbers:
    def test_single_numbers_of_odd_skus(self, world):
        world.seed(*ODD)
        for sku in ODD:
            (result,) = world.link.push_quantities([change(sku, 3)])
            assert (result.outcome, result.stored) == (Outcome.ACCEPTED, 3)
        assert [each.quantity for each in world.link.quantities(ODD)] == [3] * len(ODD)

    @pytest.mark.parametrize("refusals", ["status", "200"])
    def test_an_unknown_sku(self, world, refusals):
        world.set(refusals=refusals)
        (result,) = world.link.push_quantities([change("nobody", 3)])
        assert (result.outcome, result.gone) == (Outcome.REJECTED, False)

    @pytest.mark.parametrize("shape", ["wrapped", "list", "message", "gateway", "xml", "empty"])
    def test_a_refusal_in_each_shape(self, world, shape):
        world.set(errors=shape)
        world.seed("A")
        world.shop.faults.add("status", status=400, path="/v3/inventory")
        (result,) = world.link.push_quantities([change("A", 3)])
        assert result.outcome is Outcome.REJECTED
        assert result.answer
        assert result.advice

    @pytest.mark.parametrize("fault", ["cut_after", "broken_json"])
    def test_an_answer_that_is_lost_leaves_the_number_unknown(self, world, fault):
        world.seed("A")
        world.shop.faults.add(fault, path="/v3/inventory")
        with pytest.raises(TemporaryError) as caught:
            list(world.link.push_quantities([change("A", 3)]))
        assert caught.value.maybe_applied
        assert [each.quantity for each in world.link.quantities(["A"])] == [3]

    def test_a_file_in_full(self, world, monkeypatch):
        monkeypatch.setattr(pushing, "FEED_FROM", 2)
        skus = [f"S{number:03}" for number in range(120)]
        world.seed(*skus)
        world.set(
            outcomes={"S001": "DATA_ERROR", "S002": "SYSTEM_ERROR", "S003": "TIMEOUT_ERROR", "S004": "INPROGRESS"}
        )
        (group,) = world.link.plan([change(sku, 7) for sku in skus])
        (receipt,) = {each.receipt for each in world.link.push_quantities(group)}
        assert "@" in receipt
        assert world.link.push_outcomes(receipt, group) is None
        world.shop.clock.advance(400)
        found = {each.external_id: each for each in world.link.push_outcomes(receipt, group)}
        assert [found[sku].outcome for sku in skus[:4]] == [
            Outcome.ACCEPTED,
            Outcome.REJECTED,
            Outcome.UNKNOWN,
            Outcome.UNKNOWN,
        ]
        assert "S004" not in found
        assert {found[sku].outcome for sku in skus[5:]} == {Outcome.ACCEPTED}
        assert found["S001"].answer
        assert [each.quantity for each in world.link.quantities(["S000"])] == [7]

    def test_a_file_that_fails_as_a_whole_goes_one_by_one(self, world, monkeypatch):
        monkeypatch.setattr(pushing, "FEED_FROM", 2)
        world.seed("A", "B")
        world.shop.faults.add("bulk_failed")
        changes = [change("A", 7), change("B", 8)]
        (receipt,) = {each.receipt for each in world.link.push_quantities(changes)}
        world.shop.clock.advance(400)
        results = list(world.link.push_outcomes(receipt, changes))
        assert [(each.outcome, bool(each.answer)) for each in results] == [(Outcome.UNKNOWN, True)] * 2
        assert [len(group) for group in world.link.plan(changes)] == [1, 1]

    def test_the_eleventh_file_of_an_hour(self, world):
        world.seed("A", "B")
        changes = [change("A", 7), change("B", 8)]
        for _ in range(10):
            list(world.link.push_quantities(changes))
        with pytest.raises(WaitingError) as caught:
            list(world.link.push_quantities(changes))
        assert caught.value.retry_after == 1, "single numbers leave meanwhile"
        (result,) = world.link.push_quantities(changes[:1])
        assert result.outcome is Outcome.ACCEPTED
