"""The shortage is the largest over all unions of candidate sets, and the group told is the smallest that has it."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from wholecell.services.deficits import deficits, overlapping

variation = st.integers(1, 5)
wants = st.dictionaries(st.frozensets(variation, min_size=1, max_size=3), st.integers(1, 4), max_size=6)
phones = st.dictionaries(variation, st.integers(0, 5))


def short_by(wants, phones, group):
    """Wants that lie inside the union of this group, less the phones of that union."""
    union = frozenset().union(*group)
    return sum(units for each, units in wants.items() if each <= union) - sum(phones.get(v, 0) for v in union)


def unions(wants):
    """All unions of candidate sets."""
    return [group for size in range(len(wants) + 1) for group in combinations(wants, size)]


@settings(max_examples=400, deadline=None)
@given(wants, phones)
def test_the_sum_is_what_no_assignment_can_avoid(wants, phones):
    worst = max(short_by(wants, phones, group) for group in unions(wants))
    assert sum(each.units for each in deficits(wants, phones)) == worst


@settings(max_examples=400, deadline=None)
@given(wants, phones)
def test_each_group_is_connected_short_by_what_it_says_and_none_inside_it_is_as_short(wants, phones):
    found = deficits(wants, phones)
    for each in found:
        assert each.units == short_by(wants, phones, each.wants) > 0
        assert len(overlapping(set(each.wants))) == 1
        inside = [group for group in unions(wants) if frozenset().union(*group) < each.variations]
        assert all(short_by(wants, phones, group) < each.units for group in inside)
    assert sum(len(each.variations) for each in found) == len(frozenset().union(*(each.variations for each in found)))


def a(*variations):
    return frozenset(variations)


def test_a_shared_sku_that_another_want_can_leave_is_not_short():
    wanted = {a(1, 2): 2, a(1): 2}
    assert deficits(wanted, {1: 2, 2: 2}) == []
    (short,) = deficits(wanted, {1: 2, 2: 1})
    assert (short.variations, short.units) == (a(1, 2), 1)


def test_only_the_part_that_is_short_is_told():
    (short,) = deficits({a(1): 5, a(1, 2): 1}, {1: 2, 2: 4})
    assert (short.variations, short.units) == (a(1), 3)


def test_two_shortages_joined_by_a_want_that_is_met_are_two():
    found = deficits({a(1): 2, a(2): 3, a(1, 2, 3): 1}, {1: 1, 2: 1, 3: 9})
    assert sorted((each.units, *each.variations) for each in found) == [(1, 1), (2, 2)]
