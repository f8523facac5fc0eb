"""Where the phones are that would fill an item."""

import pytest

from tests import factories as make
from tests.fulfil_world import shelf, waiting_order
from wholecell.services import pick_places
from wholecell.services.pick_places import Choice


@pytest.mark.parametrize(
    ("here", "nearest"), [("", "A1"), ("A1", "A1"), ("A2", "B1"), ("B1", "B1"), ("C9", "A1"), ("Z", "A1")]
)
def test_shelves_are_walked_by_name_on_from_where_the_picker_is(here, nearest):
    free = {1: {"B1": 2, "A1": 1}, 2: {"C1": 5, "": 3}}
    assert pick_places.choose({1}, free, here) == Choice(3, nearest)


def test_several_candidates_are_one_choice_and_a_place_may_be_unknown():
    free = {1: {"B1": 2}, 2: {"C1": 5, "": 3}, 3: {"": 4}}
    assert pick_places.choose({1, 2}, free, "B2") == Choice(10, "C1")
    assert pick_places.choose({3}, free) == Choice(4, "")
    assert pick_places.choose({9}, free) == pick_places.choose((), free) == Choice(0, "")


def test_free_phones_are_uncommitted_and_in_a_status_that_is_sold(app):
    phone = make.make_variation("S1")
    place = shelf("A1")
    make.make_items(phone, 2, location=place)
    make.make_item(phone)
    make.make_item(phone, warehouse=None)
    make.make_item(phone, status="Repair", location=place)
    taken = make.make_item(phone, location=place)
    make.commit_phone(taken, make.order_items(waiting_order(phone))[0])
    everywhere = {"A1": 3, "Main warehouse": 1, "": 1}
    assert pick_places.free_phones([phone.id]) == {phone.id: everywhere}, "without a channel every status counts"
    make.make_integration()
    assert pick_places.free_phones([phone.id]) == {phone.id: {**everywhere, "A1": 2}}
    assert pick_places.free_phones([]) == {}
