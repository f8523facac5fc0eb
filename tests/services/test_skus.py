import pytest
import sqlalchemy as sa

from tests.factories import make_integration, make_listing, make_product, make_variation
from tests.races import race
from wholecell.db import db, transaction
from wholecell.models import Event, ProductVariation, RecomputeRequest, Setting
from wholecell.services import settings, skus
from wholecell.services.events import SYSTEM
from wholecell.services.recompute import Cause
from wholecell.services.refusal import Refusal, StaleEdit
from wholecell.services.skus import SharedSkus, SkuTaken, listings_losing, set_sku, set_uniqueness


def sku_of(variation):
    return db.session.execute(
        sa.select(ProductVariation.sku, ProductVariation.unique_sku).where(ProductVariation.id == variation.id)
    ).one()


def requests(column):
    return set(db.session.scalars(sa.select(column).where(column.is_not(None))))


def test_blanks_around_a_sku_do_not_count_and_an_empty_one_is_none(session):
    variation = make_variation()
    set_sku(variation.id, "  IP11 ", SYSTEM)
    assert sku_of(variation) == ("IP11", "IP11")
    set_sku(variation.id, "   ", SYSTEM)
    assert sku_of(variation) == (None, None)


def test_a_change_is_on_the_timeline_and_the_same_sku_is_no_change(session):
    variation = make_variation()
    set_sku(variation.id, "X", SYSTEM)
    set_sku(variation.id, "X ", SYSTEM)
    lines = session.execute(sa.select(Event.subject_id, Event.kind, Event.old, Event.new)).all()
    assert lines == [(variation.id, "sku", None, "X")]


def test_listings_reached_by_the_old_and_the_new_sku_are_computed_again(session):
    integration = make_integration()
    old = make_listing(integration, sku="OLD")
    new = make_listing(integration, sku="elsewhere", skus=["NEW"])
    make_listing(integration, sku="NEW", skus=["other"])  # its hand-chosen SKU stands in place of the channel's
    make_listing(make_integration(matches_via_sku=False), sku="NEW")
    variation = make_variation("OLD")
    set_sku(variation.id, "NEW", SYSTEM)
    assert requests(RecomputeRequest.variation_id) == {variation.id}
    assert requests(RecomputeRequest.listing_id) == {old.id, new.id}


def test_a_sku_held_by_another_variation_is_refused_naming_it(session):
    make_variation("X", grade="B", conditions=["CG"], product=make_product("iPhone 11"))
    variation = make_variation("Y")
    with pytest.raises(SkuTaken, match="X is already the SKU of iPhone 11 64GB Black Unlocked B CG") as refusal:
        set_sku(variation.id, "X", SYSTEM)
    assert refusal.value.sentences.keys() == {variation.id}
    assert sku_of(variation)[0] == "Y"
    assert not requests(RecomputeRequest.variation_id)


def test_case_counts_in_a_sku(session):
    make_variation("x1")
    variation = make_variation()
    set_sku(variation.id, "X1", SYSTEM)
    assert sku_of(variation)[0] == "X1"


def test_without_uniqueness_variations_share_a_sku(session):
    set_uniqueness(False, SYSTEM)
    first, second = make_variation("X"), make_variation()
    set_sku(second.id, "X", SYSTEM)
    assert sku_of(first)[0] == sku_of(second)[0] == "X"
    assert sku_of(second)[1] is None


def test_a_long_sku_is_refused(session):
    with pytest.raises(Refusal, match="at most 120 characters"):
        set_sku(make_variation().id, "x" * 121, SYSTEM)


def test_an_edit_of_an_older_state_is_refused(session):
    variation = make_variation()
    set_sku(variation.id, "NEWER", SYSTEM)
    with pytest.raises(StaleEdit, match="changed by somebody else"):
        set_sku(variation.id, "MINE", SYSTEM, version=1)


def test_skus_change_places_in_one_change(session):
    first, second = make_variation(), make_variation()
    with transaction() as s:
        skus.set_skus(s, SYSTEM, {first.id: "A", second.id: "B"}, Cause.UPLOAD)
    with transaction() as s:
        skus.set_skus(s, SYSTEM, {first.id: "B", second.id: "A"}, Cause.UPLOAD)
    assert sku_of(first) == ("B", "B")
    assert sku_of(second) == ("A", "A")


def test_one_sku_on_two_rows_of_a_change_is_refused(session):
    first, second = make_variation(), make_variation()
    with pytest.raises(SkuTaken, match="stands on two rows"), transaction() as s:
        skus.set_skus(s, SYSTEM, {first.id: "A", second.id: "A"}, Cause.UPLOAD)
    assert sku_of(first)[0] is None


def give_both_the_same_sku(monkeypatch):
    """Two variations get one SKU at once, both having seen it free."""
    monkeypatch.setattr(skus, "taken_skus", lambda *_args: {})
    variations = [make_variation(), make_variation()]
    results = race(lambda index: set_sku(variations[index].id, "X", SYSTEM))
    holders = db.session.scalar(sa.select(sa.func.count()).where(ProductVariation.sku == "X"))
    return holders, [each for each in results if each is not None]


def test_of_two_who_take_a_sku_at_once_one_gets_it(session, monkeypatch):
    holders, errors = give_both_the_same_sku(monkeypatch)
    assert holders == 1
    assert [str(each) for each in errors] == ["X was just given to another variation: choose another SKU."]


def test_without_the_index_both_would_get_it(session, monkeypatch):
    set_uniqueness(False, SYSTEM)
    assert give_both_the_same_sku(monkeypatch) == (2, [])


def test_uniqueness_is_not_switched_on_while_skus_are_shared(session):
    set_uniqueness(False, SYSTEM)
    for sku in ("X", "X", "Y", "Y", "Y", "Z"):
        make_variation(sku)
    with pytest.raises(SharedSkus, match=r"X \(2 variations\), Y \(3 variations\)\. Give each") as refusal:
        set_uniqueness(True, SYSTEM)
    assert refusal.value.shared == {"X": 2, "Y": 3}
    assert settings.get(settings.SKU_UNIQUENESS) is False


def test_switched_on_the_index_holds_the_skus_that_are_there(session):
    set_uniqueness(False, SYSTEM)
    variation = make_variation("X")
    set_uniqueness(True, SYSTEM)
    assert sku_of(variation) == ("X", "X")
    assert session.get(Setting, settings.SKU_UNIQUENESS).value is True
    set_uniqueness(False, SYSTEM)
    assert sku_of(variation) == ("X", None)


def losing(variation, sku):
    return [each.title for each in listings_losing(variation.id, sku)]


def test_a_sku_change_names_the_armed_listings_it_would_unfollow(session):
    armed, preview = make_integration(armed=True), make_integration()
    variation = make_variation("OLD")
    make_listing(armed, sku="OLD", title="lost")
    make_listing(armed, sku="", skus=["OLD"], title="lost too")
    make_listing(armed, sku="", skus=["OLD", "NEW"], title="follows the new SKU")
    make_listing(armed, sku="OLD", variations=[variation], title="chosen by hand")
    make_listing(armed, sku="OLD", title="ended", state="ended")
    make_listing(preview, sku="OLD", title="not armed")
    assert losing(variation, "NEW") == ["lost", "lost too"]
    assert losing(variation, None) == ["follows the new SKU", "lost", "lost too"]
    assert losing(variation, " OLD ") == []
    assert losing(make_variation(), "ANY") == []


def test_a_listing_that_another_variation_keeps_alive_is_not_lost(session):
    armed = make_integration(armed=True)
    variation, _other = make_variation("OLD"), make_variation("OLD")
    make_listing(armed, sku="OLD", title="kept by channel SKU")
    make_listing(armed, sku="", skus=["OLD"], title="kept by hand")
    assert losing(variation, "NEW") == []
