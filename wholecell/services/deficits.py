"""Which wants cannot all be met: the smallest groups of them that are short of what could fill them.

Wants may be met by any of several variations, so comparing sums of one variation, or of one want's, is wrong both
ways. What cannot be met is what a maximum flow from wants to phones leaves over; the wants a leftover one could
change places with are exactly the smallest group that is short by it.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass

Wants = Mapping[frozenset[int], int]  # units by the set of variations that would do


@dataclass(frozen=True, slots=True)
class Deficit:
    """Wants that all lie inside `variations` and exceed what there is of these by `units`."""

    variations: frozenset[int]
    wants: frozenset[frozenset[int]]
    units: int


def deficits(wants: Wants, phones: Mapping[int, int]) -> list[Deficit]:
    """The groups that are short, each once. Groups that share no variation are told apart."""
    found = []
    for group in overlapping(_Flow(wants, phones).short()):
        variations = frozenset[int]().union(*group)
        units = sum(wants[each] for each in group) - sum(phones.get(each, 0) for each in variations)
        found.append(Deficit(variations, frozenset(group), units))
    return found


def overlapping(sets: set[frozenset[int]]) -> list[list[frozenset[int]]]:
    """The sets in groups that are joined by what they share."""
    by_member: dict[int, list[frozenset[int]]] = defaultdict(list)
    for each in sets:
        for member in each:
            by_member[member].append(each)
    groups: list[list[frozenset[int]]] = []
    seen: set[frozenset[int]] = set()
    for each in sets:
        if each in seen:
            continue
        group, waiting = [], [each]
        seen.add(each)
        while waiting:
            group.append(current := waiting.pop())
            near = {other for member in current for other in by_member[member]} - seen
            seen |= near
            waiting += near
        groups.append(group)
    return groups


@dataclass(frozen=True, slots=True)
class _Step:
    """A want that would take a phone of `variation`, from another want where none is spare."""

    want: frozenset[int]
    variation: int
    before: _Step | None


class _Flow:
    """Phones given to wants, moved from one to the other while that meets more of them."""

    def __init__(self, wants: Wants, phones: Mapping[int, int]) -> None:
        self.left = {each: units for each, units in wants.items() if units > 0 and each}
        self.spare = dict(phones)
        self.given: dict[int, Counter[frozenset[int]]] = defaultdict(Counter)
        for want in self.left:
            while self.left[want] and (last := self._search(want, set())):
                self._take(want, last)

    def short(self) -> set[frozenset[int]]:
        """The wants that are not met, and all that could change places with them."""
        reached: set[frozenset[int]] = set()
        for want, units in self.left.items():
            if units and want not in reached:
                self._search(want, reached)
        return reached

    def _search(self, start: frozenset[int], reached: set[frozenset[int]]) -> _Step | None:
        """The last step of the shortest way to a spare phone, None when there is none; adds the wants it came by."""
        reached.add(start)
        tried: set[int] = set()
        waiting: deque[tuple[frozenset[int], _Step | None]] = deque([(start, None)])
        while waiting:
            want, before = waiting.popleft()
            for variation in sorted(want - tried):
                tried.add(variation)
                step = _Step(want, variation, before)
                if self.spare.get(variation, 0) > 0:
                    return step
                holders = [other for other, units in self.given[variation].items() if units and other not in reached]
                reached.update(holders)
                waiting.extend((other, step) for other in holders)
        return None

    def _take(self, start: frozenset[int], last: _Step) -> None:
        """Give one want as many phones as the way can carry: each want on it hands on what it takes further along."""
        units, step = min(self.left[start], self.spare[last.variation]), last
        while step.before is not None:
            units = min(units, self.given[step.before.variation][step.want])
            step = step.before
        self.left[start] -= units
        self.spare[last.variation] -= units
        step = last
        self.given[step.variation][step.want] += units
        while step.before is not None:
            self.given[step.before.variation][step.want] -= units
            step = step.before
            self.given[step.variation][step.want] += units
