"""What no two variations may share, judged as it would be once the whole catalog sheet was applied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from wholecell.services.upload_kinds import Planned
from wholecell.services.upload_specs import SPEC_FIELDS, Catalog, Spec, Variation


@dataclass(slots=True, eq=False)
class Draft:
    """A row while it is planned: its variation (None for a new one), and what it is to become."""

    number: int
    planned: Planned
    current: Variation | None = None
    spec: Spec | None = None
    sku: str | None = None

    @property
    def is_alive(self) -> bool:
        """Whether the row would be applied."""
        return self.planned.outcome != "refused" and self.spec is not None


def refuse_clashes(catalog: Catalog, drafts: Sequence[Draft], is_sku_unique: bool) -> None:
    """Refuse rows that would make a variation twice, or put one SKU on two.

    Rows may change places among each other; a refused row stays where it is, which can refuse the next one.
    """
    refused = -1
    while refused != (refused := sum(not each.is_alive for each in drafts)):
        staying = {each.current.id: each for each in drafts if each.is_alive and each.current is not None}
        _refuse_taken(drafts, staying, catalog.by_id.values(), _key_of, _key_wanted, _say_same(catalog))
        if is_sku_unique:
            _refuse_taken(drafts, staying, catalog.by_id.values(), _sku_of, _sku_wanted, _say_sku(catalog))


Clash = Callable[[Draft, "Variation | Draft"], None]


def _refuse_taken(
    drafts: Iterable[Draft],
    moving: dict[int, Draft],
    variations: Iterable[Variation],
    old: Callable[[Variation], Hashable],
    wanted: Callable[[Draft], Hashable],
    clash: Clash,
) -> None:
    holders: dict[Hashable, Variation] = {}
    for variation in variations:
        if variation.id not in moving and old(variation) is not None:
            holders[old(variation)] = variation
    rows: dict[Hashable, list[Draft]] = defaultdict(list)
    for draft in drafts:
        if draft.is_alive and wanted(draft) is not None:
            rows[wanted(draft)].append(draft)
    for value, same in rows.items():
        for draft in same:
            if draft.current is not None and old(draft.current) == value:
                continue  # it has it already: the other one has to give way
            others = [each for each in same if each is not draft]
            if value in holders:
                clash(draft, holders[value])
            elif others:
                clash(draft, others[0])


def _key_of(variation: Variation) -> Hashable:
    return variation.key


def _key_wanted(draft: Draft) -> Hashable:
    return draft.spec.key if draft.spec else None


def _sku_of(variation: Variation) -> Hashable:
    return variation.sku


def _sku_wanted(draft: Draft) -> Hashable:
    return draft.sku


def _say_same(catalog: Catalog) -> Clash:
    def say(draft: Draft, holder: Variation | Draft) -> None:
        if isinstance(holder, Draft):
            draft.planned.refuse("model", f"Row {holder.number} is the same variation: keep one of them.")
        elif draft.current is None:
            draft.planned.refuse("id", f"This is variation {holder.id} already: write {holder.id} as ID to change it.")
        else:
            draft.planned.refuse("model", f"Variation {holder.id} is exactly this already: give its phones that one.")

    return say


def _say_sku(catalog: Catalog) -> Clash:
    def say(draft: Draft, holder: Variation | Draft) -> None:
        if isinstance(holder, Draft):
            draft.planned.refuse("sku", f"Row {holder.number} has the SKU “{draft.sku}” too: change one of them.")
            return
        words = holder.words(catalog.grades)
        name = " ".join(words[key] for key in SPEC_FIELDS if words[key])
        draft.planned.refuse("sku", f"“{draft.sku}” is already the SKU of variation {holder.id}, {name}.")

    return say
