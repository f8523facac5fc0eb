"""Variations that are one listing on their channel: imported with its id, connected one by one, summed up."""

import pytest

from tests import factories as make
from tests.push_world import World
from tests.web.pages import check_partial, get_page
from wholecell.db import db
from wholecell.models import Listing
from wholecell.services import listing_groups, listing_table
from wholecell.services.keyset import SIZE
from wholecell.services.listing_filter import ListingFilter
from wholecell.services.work import Kind


@pytest.fixture
def world(app):
    """Listings L0 and L1, both connected, are two of three variations; L2 is one by itself."""
    world = World(count=2, stock=3)
    for key in ("L0", "L1"):
        world.channel.set(
            key, group_id="G/1", group_title="A phone of many colors", price_cents=9000 + 1000 * int(key[1])
        )
    world.channel.put("G3", sku="elsewhere", quantity=4, group_id="G/1", group_title="A phone of many colors")
    world.channel.put("L2", sku="alone", quantity=1)
    world.run(Kind.IMPORT_LISTINGS)
    world.settle()
    return world


def key_of(external_id):
    return db.session.query(Listing.id).filter(Listing.external_id == external_id).scalar()


def test_a_group_is_summed_up_and_its_variations_connect_by_themselves(world, count_queries):
    found = listing_groups.of(key_of("G3"))
    assert (found.title, found.variations, found.connected, found.ended) == ("A phone of many colors", 3, 2, 0)
    assert (found.imported, found.calculated, found.cheapest_cents, found.dearest_cents) == (10, 6, 9000, 10000)
    assert listing_groups.of(key_of("L2")) is None
    rows = listing_table.find(ListingFilter(found.integration.id, group_id="G/1")).rows
    assert {row.shown.external_id: (row.variations, row.shown.is_connected) for row in rows} == {
        "L0": (3, True),
        "L1": (3, True),
        "G3": (3, False),
    }
    sizes = {row.shown.external_id: row.variations for row in listing_table.find(ListingFilter()).rows}
    assert sizes["L2"] == 0
    assert {row.shown.external_id for row in listing_table.find(ListingFilter(text="G/1")).rows} == {"L0", "L1", "G3"}


def test_the_same_id_on_another_integration_is_another_group(world):
    make.make_listing(make.make_integration(), "S0", group_id="G/1")
    assert listing_groups.of(key_of("G3")).variations == 3


def test_what_ended_is_not_summed(world):
    del world.channel.listings_by_id["G3"]
    world.run(Kind.IMPORT_LISTINGS)
    found = listing_groups.of(key_of("G3"))
    assert (found.variations, found.ended, found.imported, found.connected) == (3, 1, 6, 2)


def test_a_large_group_takes_as_many_queries_and_is_read_page_by_page(world, count_queries):
    def queries():
        db.session.commit()
        with count_queries() as seen:
            found = listing_groups.of(key)
            page = listing_table.find(ListingFilter(found.integration.id, group_id="G/1"))
        return len(seen), page

    key = key_of("L0")
    few, _ = queries()
    for number in range(SIZE):
        make.make_listing(world.integration, f"more {number}", group_id="G/1")
    many, page = queries()
    assert many == few
    assert (len(page.rows), page.next is not None) == (SIZE, True)


def test_the_page_of_a_group_and_the_ways_to_it(client_as, world):
    client, key = client_as("viewer"), key_of("L0")
    for url in ("/listings/", f"/listings/{key}", f"/integrations/{world.integration.id}/listings"):
        page = get_page(client, url)
        assert "1 of 3 variations" in page.text
        assert any(href.endswith("/variations") for href in page.links())
    page = get_page(client, f"/listings/{key}/variations")
    for text in ("A phone of many colors", "2 of 3", "Title of L1", "Not connected", "G/1"):
        assert text in page.text
    check_partial(client, client.get(f"/listings/{key}/variations", headers={"HX-Request": "true"}), "listing-table")
    assert client.get(f"/listings/{key_of('L2')}/variations").status_code == 404
