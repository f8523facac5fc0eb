"""Proposed answers in, our records out."""

from datetime import UTC, datetime

import pytest

from tests.channels.swappa.payloads import listing, order
from wholecell.channels.contract import ListingState, Meaning, RemoteAddress
from wholecell.channels.swappa import mapping, order_reading
from wholecell.channels.swappa.words import ORDER_WORDS
from wholecell.channels.values import hundredths

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def test_a_listing():
    found = mapping.listing(listing())
    assert (found.external_id, found.sku, found.title, found.quantity) == ("L1", "SKU-1", "iPhone 13", 5)
    assert (found.price_cents, found.currency, found.channel_state) == (28900, "USD", "active")
    assert found.detail == "Unlocked, 128 GB, Blue, Mint"
    assert found.url == "https://swappa.example/listing/view/L1"


@pytest.mark.parametrize(
    ("status", "quantity", "state"),
    [
        ("active", 1, ListingState.ACTIVE),
        ("active", 0, ListingState.OUT_OF_STOCK),
        ("sold", 0, ListingState.OUT_OF_STOCK),
        ("inactive", 0, ListingState.OUT_OF_STOCK),
        ("inactive", 2, ListingState.NEEDS_ATTENTION),
        ("removed", 0, ListingState.ENDED),
        ("in review", 2, ListingState.NEEDS_ATTENTION),
        ("active", None, ListingState.NEEDS_ATTENTION),
        ("active", "some", ListingState.NEEDS_ATTENTION),
        ("active", -1, ListingState.NEEDS_ATTENTION),
        (None, 2, ListingState.NEEDS_ATTENTION),
    ],
)
def test_states_of_listings(status, quantity, state):
    found = mapping.listing(listing(status=status, quantity=quantity))
    assert found.state is state
    assert bool(found.state_reason) == (state is ListingState.NEEDS_ATTENTION)


def test_an_unknown_state_or_condition_is_kept_as_received():
    found = mapping.listing(listing(status="in review", condition="Almost New"))
    assert found.channel_state == "in review"
    assert "in review" in found.state_reason
    assert found.detail.endswith("Almost New")


def test_an_order():
    found = order_reading.order(order())
    assert (found.external_id, found.number, found.status, found.is_final) == ("1", "SW-1", "paid", False)
    assert (found.total_cents, found.shipping_cents, found.currency) == (58250, 450, "USD")
    assert (found.buyer, found.email) == ("Noor Haddad", "noor@buyers.example")
    assert found.placed_at == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert found.changed_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert found.ship_to == RemoteAddress(
        "N. Haddad", "Acme", "18 Orchard Row", "Flat 2", "Dayton", "OH", "45402", "US", "+15555550173"
    )
    (line,) = found.lines
    assert (line.sku, line.ordered, line.price_cents, line.listing_ids) == ("SKU-1", 2, 28900, {"id": "L1"})
    assert order_reading.listing_of(line.external_id) == "L1"


@pytest.mark.parametrize("word", ORDER_WORDS, ids=lambda word: word.word)
def test_a_words_units_agree_with_its_meaning(word):
    (line,) = order_reading.order(order(status=word.word)).lines
    assert line.shipped == (2 if word.means is Meaning.SHIPPED else 0)
    assert line.cancelled == (2 if word.means is Meaning.CANCELLED else 0)


def test_an_unknown_word_is_kept_and_not_final():
    found = order_reading.order(order(status="Awaiting Inspection"))
    assert (found.status, found.is_final) == ("Awaiting Inspection", False)
    assert [(line.shipped, line.cancelled) for line in found.lines] == [(0, 0)]


ODD = [None, True, "", "\x00", "\ud800", "x" * 3000, -1, 2**40, 1.5, [], {}, [{}], {"a": []}]


@pytest.mark.parametrize("field", list(listing()))
def test_a_listing_with_one_odd_field_is_read_or_told_as_unreadable(field):
    for value in ODD:
        page, _ = mapping.listing_page({"listings": [listing(**{field: value}), listing(2)]}, 1, NOW)
        assert page.listings[-1].external_id == "L2"
        assert len(page.listings) + len(page.unreadable) == 2
        for found in page.listings:
            assert "\x00" not in repr(found).replace("\\x00", "\x00")
            assert "\\ud800" not in repr(found)


@pytest.mark.parametrize(
    "field", [*order(), "buyer.name", "ship_to.line1", *(f"items.{x}" for x in order()["items"][0])]
)
def test_an_order_with_one_odd_field_is_read_or_told_as_unreadable(field):
    outer, _, inner = field.partition(".")
    for value in ODD:
        row = order()
        if outer == "items" and inner:
            row["items"][0][inner] = value
        elif inner:
            row[outer][inner] = value
        else:
            row[outer] = value
        page, _ = order_reading.order_page({"orders": [row, order(2)]}, 1, NOW)
        assert page.orders[-1].external_id == "2"
        assert len(page.orders) + len(page.unreadable) == 2
        for found in page.orders:
            assert "\\x00" not in repr(found)
            assert "\\ud800" not in repr(found)


@pytest.mark.parametrize("answer", [None, [], {}, {"listings": None}, {"listings": [], "next_cursor": 5}])
def test_what_is_no_page_is_refused(answer):
    with pytest.raises(mapping.UnreadableError):
        mapping.listing_page(answer, 1, NOW)


@pytest.mark.parametrize(
    ("amount", "cents"),
    [("289.00", 28900), ("0.005", 1), (3, 300), ("-1", None), ("NaN", None), ("1e99", None), ("x", None), (True, None)],
)
def test_money(amount, cents):
    assert hundredths(amount) == cents
