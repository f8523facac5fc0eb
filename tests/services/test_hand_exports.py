"""Files of numbers and shipments that people enter, and *I have entered these*."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.by_hand_world import make_by_hand
from tests.races import race
from tests.ship_world import UPS, parcel
from wholecell.db import db, utcnow
from wholecell.models import (
    Event,
    HandExport,
    HandExportRow,
    Integration,
    Listing,
    QuantityPush,
    Shipment,
    ShipmentUnit,
)
from wholecell.services import hand_exports, hand_page, logins, shipments, sync_health, today
from wholecell.services.events import Actor
from wholecell.services.refusal import Refusal
from wholecell.services.vault import Vault

ME = Actor()


@pytest.fixture
def key(app):
    return make_by_hand()


def make_listings(key, *numbers, **fields):
    """Listings with (what the channel has, what we offer), the first having waited longest."""
    integration = db.session.get(Integration, key)
    return [
        make.make_listing(
            integration,
            last_imported=old,
            last_offered=new,
            is_connected=True,
            offered_at=utcnow().replace(year=2020 + place),
            **fields,
        ).id
        for place, (old, new) in enumerate(numbers)
    ]


def told(made):
    rows = sa.select(HandExportRow.listing_id, HandExportRow.old, HandExportRow.number)
    rows = rows.where(HandExportRow.export_id == made.export_id).order_by(HandExportRow.position)
    return [tuple(row) for row in db.session.execute(rows)]


def pushes():
    return [tuple(row) for row in db.session.execute(sa.select(QuantityPush.listing_id, QuantityPush.new))]


def get(listing_id):
    return db.session.get(Listing, listing_id, populate_existing=True)


def test_only_numbers_that_may_be_entered_are_in_a_file(key):
    falls, rises, empties, same = make_listings(key, (5, 3), (1, 2), (4, 0), (7, 7))
    held = make_listings(key, (1, 9), held="rise") + make_listings(key, (2, 0), held="zero")
    (lower_than_held,) = make_listings(key, (9, 8), held="rise")
    make_listings(key, (5, 1), state="ended") + make_listings(key, (5, 1), is_pushable=False)
    make_listings(key, (None, None))
    (unknown,) = make_listings(key, (None, 4))
    made = hand_exports.make_quantities(key, ME)
    assert told(made)[0] == (empties, 4, 0)  # what falls to 0 stands first, then what waits longest
    assert {row[0] for row in told(made)} == {falls, rises, empties, lower_than_held, unknown}
    everything = hand_exports.make_quantities(key, ME, is_everything=True)
    assert {row[0] for row in told(everything)} == {falls, rises, empties, same, lower_than_held, unknown}
    assert not {row[0] for row in told(everything)} & set(held)
    found = hand_page.updates(key)
    assert (found.number_count, found.numbers[0].listing_id, found.open["quantities"].id) == (
        5,
        empties,
        everything.export_id,
    )
    needs = today.needs(sync_health.all_health())
    assert (needs.by_hand.count, needs.by_hand.rows[0].id, needs.by_hand.rows[1].id) == (5, empties, falls)


def test_what_was_entered_is_of_that_file_and_counts_once(key):
    one, two = make_listings(key, (5, 3), (1, 2))
    made = hand_exports.make_quantities(key, ME)
    db.session.execute(sa.update(Listing).where(Listing.id == two).values(last_offered=1))
    db.session.commit()
    first = hand_exports.confirm(made.export_id, ME)
    second = hand_exports.confirm(made.export_id, ME)
    assert (first.is_news, first.rows, second.is_news) == (True, 2, False)
    assert sorted(pushes()) == [(one, 3), (two, 2)]
    assert (get(one).last_synced, get(two).last_synced, get(two).last_offered) == (3, 2, 1)
    assert [row.listing_id for row in hand_page.updates(key).numbers] == [two]
    events = sa.select(Event.kind, Event.new).where(Event.subject == "integration").order_by(Event.id)
    said = [
        ("quantities file made", f"2 in file {made.export_id}"),
        ("quantities entered", f"2 of file {made.export_id}"),
    ]
    assert [tuple(row) for row in db.session.execute(events)] == said


def test_a_newer_file_of_listings_that_shows_another_number_waits_again(key):
    (one,) = make_listings(key, (5, 3))
    hand_exports.confirm(hand_exports.make_quantities(key, ME).export_id, ME)
    assert hand_page.updates(key).number_count == 0
    db.session.execute(sa.update(Listing).values(last_imported=4, last_imported_at=utcnow()))
    db.session.commit()
    assert [row.listing_id for row in hand_page.updates(key).numbers] == [one]


def test_without_its_guard_a_replaced_file_would_count(key, monkeypatch):
    """The twin of the next test."""
    (one,) = make_listings(key, (5, 3))
    old, _ = hand_exports.make_quantities(key, ME), hand_exports.make_quantities(key, ME)
    monkeypatch.setattr(hand_exports, "_claim", lambda *_: True)
    hand_exports.confirm(old.export_id, ME)
    assert pushes() == [(one, 3)]


def test_newer_file_replaces_the_open_one(key):
    make_listings(key, (5, 3))
    old, new = hand_exports.make_quantities(key, ME), hand_exports.make_quantities(key, ME)
    with pytest.raises(Refusal, match="A newer file replaced this one"):
        hand_exports.confirm(old.export_id, ME)
    assert pushes() == []
    hand_exports.confirm(new.export_id, ME)
    with pytest.raises(Refusal, match="No number waits"):
        hand_exports.make_quantities(key, ME)
    with pytest.raises(sa.exc.IntegrityError):  # the database lets no two be open
        for _ in range(2):
            db.session.add(HandExport(integration_id=key, kind="quantities", rows=0))
        db.session.flush()
    db.session.rollback()


def set_offered(number):
    db.session.execute(sa.update(Listing).values(last_offered=number))
    db.session.commit()


@pytest.mark.parametrize("is_guarded", [True, False])
def test_a_file_entered_though_it_was_replaced_leaves_no_number_too_high(key, is_guarded, monkeypatch):
    """Its twin believes that nobody entered it: 5 stands at the channel, 4 is offered, and nothing waits."""
    if not is_guarded:
        monkeypatch.setattr(hand_exports.hand_doubt, "doubt", lambda *_: None)
    one, _ = make_listings(key, (4, 5), (9, 1))
    old = hand_exports.make_quantities(key, ME)  # and somebody takes it along, and enters 5
    db.session.execute(sa.update(Listing).where(Listing.id == one).values(last_offered=4))  # sold elsewhere
    db.session.commit()
    new = hand_exports.make_quantities(key, ME)
    assert ((one, None, 4) in told(new)) is is_guarded
    hand_exports.confirm(new.export_id, ME)
    assert hand_page.updates(key).number_count == 0
    with pytest.raises(Refusal, match="what this one may have changed there waits again"):
        hand_exports.confirm(old.export_id, ME)  # it was entered last
    numbers = [(row.listing_id, row.old, row.number) for row in hand_page.updates(key).numbers]
    assert numbers == ([(one, None, 4)] if is_guarded else [])


def test_an_api_takes_over_what_was_to_be_entered(key, settings):
    """And back: a file from before is not confirmed any more, and a shipment whose answer never came is entered."""
    make_listings(key, (5, 3))
    shipment = make_shipment(key, UPS)
    old, vault = hand_exports.make_quantities(key, ME), Vault(settings.credentials_keys)
    logins.change(key, {"mode": "csv"}, vault, ME)
    assert db.session.get(HandExport, old.export_id).replaced_at is None  # still by files
    set_offered(5)
    logins.change(key, {"mode": "rest"}, vault, ME)
    # Whether 3 was entered nobody said: the API is told 5 once more.
    assert db.session.scalars(sa.select(Listing.is_number_unknown)).all() == [True]
    db.session.execute(sa.update(Shipment).values(state="sending"))
    db.session.commit()
    logins.change(key, {"mode": "csv"}, vault, ME)
    with pytest.raises(Refusal, match="A newer file replaced this one|not work"):
        hand_exports.confirm(old.export_id, ME)
    hand_exports.confirm(hand_exports.make_shipments(key, ME).export_id, ME)
    assert db.session.get(Shipment, shipment, populate_existing=True).state == "sent"


@pytest.mark.parametrize("is_guarded", [True, False])
def test_two_people_at_once_enter_it_once(key, is_guarded, monkeypatch):
    """Its twin without the guarded UPDATE notes every number twice."""
    make_listings(key, (5, 3), (1, 2))
    made = hand_exports.make_quantities(key, ME)
    if not is_guarded:
        monkeypatch.setattr(hand_exports, "_claim", lambda *_: True)
    results = race(lambda _: hand_exports.confirm(made.export_id, ME).is_news)
    assert sorted(results) == ([False, True] if is_guarded else [True, True])
    assert len(pushes()) == (2 if is_guarded else 4)


def test_refusals_say_what_to_do(key):
    with pytest.raises(Refusal, match="No number waits"):
        hand_exports.make_quantities(key, ME)
    with pytest.raises(Refusal, match="No connected listing has a number"):
        hand_exports.make_quantities(key, ME, is_everything=True)
    with pytest.raises(Refusal, match="No shipment waits"):
        hand_exports.make_shipments(key, ME)
    (held,) = make_listings(key, (1, 9), held="rise")
    with pytest.raises(Refusal, match="The guard holds the numbers"):
        hand_exports.make_quantities(key, ME)
    db.session.execute(sa.update(Listing).where(Listing.id == held).values(is_connected=False, held=None))
    db.session.commit()
    with pytest.raises(Refusal, match="not here any more"):
        hand_exports.confirm(99, ME)
    make_listings(key, (5, 3))
    made = hand_exports.make_quantities(key, ME)
    for column, words in (
        ("pushes_quantities", "is off"),
        ("armed_at", "is in preview"),
        ("is_by_hand", "does not work by files"),
    ):
        db.session.execute(sa.update(Integration).values({column: None if column == "armed_at" else False}))
        db.session.commit()
        with pytest.raises(Refusal, match=words):
            hand_exports.make_quantities(key, ME)
    with pytest.raises(Refusal, match="does not work by files"):
        hand_exports.confirm(made.export_id, ME)
    assert pushes() == []


def make_shipment(key, number, units=1, phones=1, is_sure=True):
    order = make.make_order(
        "Awaiting shipment",
        [{"sku": "S", "ordered": units, "external_line_id": "1"}],
        db.session.get(Integration, key),
        external_id=number,
    )
    (item,) = make.order_items(order)
    variation = make.make_variation()
    taken = [make.commit_phone(make.make_item(variation), item).id for _ in range(phones)]
    return shipments.add(order.id, parcel(*taken, tracking=number), ME, is_sure=is_sure)


def test_shipments_go_with_their_phones_and_not_when_phones_lack(key):
    _needs_phones(key, True)
    with pytest.raises(Refusal, match="Fewer phones are committed than were sold: 1 unit has no phone yet"):
        make_shipment(key, "A1", units=2)
    _needs_phones(key, False)
    lacking, whole, voided = make_shipment(key, "A2", units=2), make_shipment(key, UPS), make_shipment(key, "A3")
    _needs_phones(key, True)
    made = hand_exports.make_shipments(key, ME)
    assert (made.rows, made.left_out) == (2, 1)
    shipments.void(voided, ME, is_sure=True)
    done = hand_exports.confirm(made.export_id, ME)
    assert (done.rows, done.skipped) == (1, 1)
    states = dict(db.session.execute(sa.select(Shipment.id, Shipment.state)).all())
    assert (states[lacking], states[whole]) == ("waiting", "sent")
    assert db.session.scalar(sa.select(ShipmentUnit.esn_sent_at).filter_by(shipment_id=whole)) is not None
    with pytest.raises(Refusal, match="lack phones"):
        hand_exports.make_shipments(key, ME)


def _needs_phones(key, value):
    db.session.execute(sa.update(Integration).where(Integration.id == key).values(needs_all_phones=value))
    db.session.commit()


def test_the_tab_asks_a_fixed_number_of_questions(key, count_queries):
    make_listings(key, (5, 3))
    hand_exports.make_quantities(key, ME)
    db.session.expire_all()
    with count_queries() as few:
        hand_page.updates(key)
    make_listings(key, *[(5, 3)] * 60)
    for _ in range(25):
        hand_exports.make_quantities(key, ME)
    db.session.expire_all()
    with count_queries() as many:
        found = hand_page.updates(key)
    assert len(many) == len(few) <= 5
    assert (len(found.numbers), found.number_count, len(found.files)) == (50, 61, 20)
    assert [each.id for each in hand_page.updates(key, found.next).files] == [6, 5, 4, 3, 2, 1]
