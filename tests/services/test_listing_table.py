"""The table of listings: tabs, chips, search, pages, numbers computed now, and the export of exactly the filter."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import factories as make
from wholecell.db import db, transaction, utcnow
from wholecell.models import Integration, Listing
from wholecell.services import keyset, listing_table, offers, recompute
from wholecell.services.events import SYSTEM
from wholecell.services.listing_filter import ListingFilter
from wholecell.services.listing_state import Standing
from wholecell.services.recompute import Cause


def compute():
    with transaction() as session:
        recompute.request_all(session, Cause.ITEM, SYSTEM)
    while offers.compute_requested():
        pass
    db.session.remove()


FACTS = {
    "connected": {},
    "out": {"state": "out of stock"},
    "ended": {"state": "ended"},
    "refused": {"rejected_at": utcnow(), "rejected_number": 3, "rejected_words": "No"},
    "attention": {"state": "needs attention", "state_reason": "A photo is missing."},
    "doubt": {"more_shown": 2},
    "less": {"tries": 2, "less_shown": 1},
    "held": {"held": "zero"},
    "lost": {"last_synced": 4, "unfollowed_at": utcnow()},
    "theirs": {
        "is_pushable": False,
        "state": "needs attention",
        "rejected_at": utcnow(),
        "more_shown": 2,
        "last_synced": 4,
        "unfollowed_at": utcnow(),
    },
}


@pytest.fixture
def shop(app):
    """One listing of each standing."""
    one = make.make_integration(armed=True)
    for number, name in enumerate(FACTS):
        if name != "lost":
            make.make_items(make.make_variation(f"SKU-{name}"), number + 1)
        make.make_listing(one, f"SKU-{name}", title=f"Phone {name}", last_imported=5)
    make.make_listing(one, "nowhere", title="Phone nowhere", last_imported=2)
    key = one.id
    compute()
    for name, values in FACTS.items():
        if values:
            db.session.execute(sa.update(Listing).where(Listing.sku == f"SKU-{name}").values(values))
    db.session.commit()
    return db.session.get(Integration, key)


def titles(**asked):
    return [row.shown.title.removeprefix("Phone ") for row in listing_table.find(ListingFilter(**asked)).rows]


def test_each_listing_says_where_it_stands(shop):
    rows = listing_table.find(ListingFilter()).rows
    assert {row.shown.title.removeprefix("Phone "): (row.shown.standing, row.shown.words) for row in rows} == {
        "connected": (Standing.CONNECTED, "Connected"),
        "out": (Standing.OUT_OF_STOCK, "Out of stock"),
        "ended": (Standing.ENDED, "Ended"),
        "refused": (Standing.ERROR, "Error"),
        "attention": (Standing.ATTENTION, "Needs attention"),
        "doubt": (Standing.DOUBT, "another tool?"),
        "less": (Standing.DOUBT, "shows 1 instead of 7"),
        "held": (Standing.HELD, "Held"),
        "nowhere": (Standing.NOT_CONNECTED, "Not connected"),
        "lost": (Standing.UNFOLLOWED, "No longer followed"),
        "theirs": (Standing.THEIRS, "By the channel"),
    }


def test_tabs_part_the_listings_and_count_what_they_show(shop):
    counts = listing_table.tab_counts(ListingFilter(shop.id))
    shown = {tab: titles(integration_id=shop.id, tab=tab) for tab in listing_table.TABS}
    assert {tab: counts[f"tab {tab}"] for tab in listing_table.TABS} == {tab: len(each) for tab, each in shown.items()}
    parts = [title for tab, each in shown.items() if tab != "all" for title in each]
    assert sorted(parts) == sorted(shown["all"])
    assert shown["error"] == ["attention", "refused"]
    assert shown["not-connected"] == ["lost", "nowhere"]
    assert shown["theirs"] == ["theirs"]


@pytest.mark.parametrize(
    ("chip", "expected"),
    [
        ("held", ["held"]),
        ("doubt", ["doubt", "less"]),
        ("unfollowed", ["lost"]),
        ("in-catalog", []),
        ("own-limits", []),
        ("zero", []),
    ],
)
def test_chips_narrow_and_count(shop, chip, expected):
    assert titles(chip=chip) == expected
    assert listing_table.tab_counts(ListingFilter())[f"chip {chip}"] == len(expected)


def test_channel_differs(shop):
    assert "less" in titles(chip="differs")
    db.session.execute(sa.update(Listing).values(last_imported=Listing.last_offered))
    db.session.commit()
    assert titles(chip="differs") == []


@pytest.mark.parametrize(
    ("read_ago", "synced", "differs"),
    [(60, 3, False), (60, 9, True), (60, None, True), (0, 3, True), (None, 3, True)],
)
def test_a_number_read_before_ours_was_taken_is_no_difference(app, read_ago, synced, differs):
    make.make_items(make.make_variation("A1"), 3)
    now = utcnow()
    read_at = None if read_ago is None else now - timedelta(minutes=read_ago)
    times = {"last_imported_at": read_at, "answered_at": now - timedelta(minutes=5)}
    one = make.make_integration()
    make.make_listing(one, "A1", last_imported=9, last_offered=3, last_synced=synced, is_connected=True, **times)
    assert [row.differs for row in listing_table.find(ListingFilter()).rows] == [differs]
    assert listing_table.tab_counts(ListingFilter())["chip differs"] == differs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SKU-held", ["held"]),
        ("SKU-held\nSKU-out\n\nmissing", ["held", "out"]),
        ("SKU-held, SKU-out;SKU-ended", ["ended", "held", "out"]),
        ("phone OUT", ["out"]),
        ("nowhere", ["nowhere"]),
        ("100%", []),
    ],
)
def test_search_takes_words_and_pasted_lists(shop, text, expected):
    found = titles(text=text)
    assert [each for each in expected if each not in found] == []
    if text != "nowhere":
        assert found == expected


def test_search_finds_a_sku_chosen_by_hand(app):
    make.make_listing(make.make_integration(), "theirs", skus=["OURS"], title="Phone by hand")
    assert titles(text="OURS") == ["by hand"]


def test_numbers_are_computed_now(app):
    one = make.make_integration(safety_quantity=1)
    variation = make.make_variation("A1")
    make.make_items(variation, 3)
    make.make_listing(one, "A1", last_imported=9)
    make.make_order(items=[{"sku": "A1", "ordered": 5}])
    (row,) = listing_table.find(ListingFilter()).rows
    assert (row.available, row.outstanding, row.calculated, row.offered, row.short) == (3, 5, -2, 0, 2)
    assert row.differs


def test_pages_lead_forth_and_back(app, monkeypatch):
    monkeypatch.setattr(listing_table, "SIZE", 3)
    one = make.make_integration()
    for title in ("c", "a", "b", "b", "e", "d", "f"):
        make.make_listing(one, title=title)
    first = listing_table.find(ListingFilter())
    second = listing_table.find(ListingFilter(), after=first.next)
    third = listing_table.find(ListingFilter(), after=second.next)
    pages = [[row.shown.title for row in page.rows] for page in (first, second, third)]
    assert pages == [["a", "b", "b"], ["c", "d", "e"], ["f"]]
    assert (first.previous, third.next) == (None, None)
    back = listing_table.find(ListingFilter(), before=third.previous)
    assert [row.shown.title for row in back.rows] == pages[1]
    assert listing_table.find(ListingFilter(), before=back.previous).previous is None


def test_queries_do_not_grow_with_rows(app, count_queries):
    one = make.make_integration()
    db.session.expunge(one)

    def queries():
        db.session.remove()
        with count_queries() as statements:
            assert listing_table.find(ListingFilter()).rows
            listing_table.tab_counts(ListingFilter())
        return len(statements)

    def add(count):
        for number in range(count):
            sku = f"S{number}-{count}"
            make.make_item(make.make_variation(sku))
            make.make_listing(one, sku)

    add(10)
    few = queries()
    add(40)
    assert queries() == few


def test_export_is_exactly_the_filter_and_safe_to_open(shop):
    db.session.execute(sa.update(Listing).where(Listing.sku == "SKU-held").values(title="=cmd()"))
    db.session.commit()
    header, *rows = listing_table.export(ListingFilter(shop.id, tab="error"))
    assert header == list(listing_table.EXPORT_COLUMNS)
    assert sorted(row[2] for row in rows) == ["Phone attention", "Phone refused"]
    (_, row) = listing_table.export(ListingFilter(text="SKU-held"))
    assert row[2] == "'=cmd()"
    assert row[-1] == "Held"


def test_counting_stops(app, monkeypatch):
    monkeypatch.setattr(keyset, "COUNT_TO", 2)
    one = make.make_integration()
    for _ in range(5):
        make.make_listing(one)
    assert listing_table.tab_counts(ListingFilter())["tab all"] == 3
