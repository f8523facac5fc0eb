"""Variations that become another variation: given a new key, or merged into the one that has it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.models import (
    Condition,
    InventoryItem,
    ListingVariation,
    OrderItem,
    ProductVariation,
    variation_conditions,
)
from wholecell.services import item_changes, settings
from wholecell.services.bulk import chunks, insert_new, table, update_each
from wholecell.services.catalog import VariationKey
from wholecell.services.events import Actor, event_row, record_many
from wholecell.services.recompute import Cause
from wholecell.services.refusal import Refusal
from wholecell.services.variation_names import names

_VARIATIONS = table(ProductVariation)


def merge_variations(session: Session, actor: Actor, keys: Mapping[int, VariationKey]) -> int:
    """Give each variation its new key; those that meet become one. Gives how many phones moved to another row.

    The survivor keeps phones, SKU, listing choices and order items of all. Raises Refusal when two that meet
    carry different SKUs: one would be lost.
    """
    survivors = _survivors(session, keys)
    skus = _skus(session, survivors)
    _refuse_lost_skus(session, survivors, skus)
    gone = {key: keep for keep, others in survivors.items() for key in others}
    moved = _move_phones(session, actor, gone)
    _move_choices(session, gone)
    _move_order_items(session, gone)
    _delete(session, actor, gone, skus)
    _hand_on_skus(session, survivors, skus)
    _write_keys(session, {key: keys[key] for key in keys if key not in gone})
    return moved


def _survivors(session: Session, keys: Mapping[int, VariationKey]) -> dict[int, list[int]]:
    """The variation that stays for each new key, and those that become it: one that has the key, else the oldest."""
    meeting: dict[VariationKey, list[int]] = defaultdict(list)
    for variation, key in sorted(keys.items()):
        meeting[key].append(variation)
    columns = sa.tuple_(_VARIATIONS.c.product_id, _VARIATIONS.c.grade_id, _VARIATIONS.c.condition_codes)
    for chunk in chunks(meeting):
        wanted = [(key.product_id, key.grade_id, key.condition_codes) for key in chunk]
        query = sa.select(_VARIATIONS.c.id, *columns.clauses).where(columns.in_(wanted))
        for holder, product, grade, codes in session.execute(query):
            if holder not in keys:
                meeting[VariationKey(product, grade, codes)].insert(0, holder)
    return {variations[0]: variations[1:] for variations in meeting.values()}


def _skus(session: Session, survivors: Mapping[int, Iterable[int]]) -> dict[int, tuple[str | None, int | None]]:
    """SKU and price of every variation concerned."""
    found: dict[int, tuple[str | None, int | None]] = {}
    columns = (_VARIATIONS.c.id, _VARIATIONS.c.sku, _VARIATIONS.c.price_cents)
    for chunk in chunks({key for keep, others in survivors.items() for key in (keep, *others)}):
        for key, sku, price in session.execute(sa.select(*columns).where(_VARIATIONS.c.id.in_(chunk))):
            found[key] = (sku, price)
    return found


def _refuse_lost_skus(
    session: Session, survivors: Mapping[int, list[int]], skus: Mapping[int, tuple[Any, Any]]
) -> None:
    clashes = []
    for keep, others in survivors.items():
        several = {skus[key][0]: key for key in (keep, *others) if skus[key][0]}
        if len(several) > 1:
            clashes.append(several)
    if not clashes:
        return
    words = names(session, {key for several in clashes for key in several.values()})
    some = "; ".join(" and ".join(f"{words[key]} ({sku})" for sku, key in each.items()) for each in clashes[:3])
    more = f"; and {len(clashes) - 3} more" if len(clashes) > 3 else ""
    raise Refusal(
        f"These variations would become one but carry different SKUs: {some}{more}. "
        "Take one SKU off each pair in the catalog, then merge."
    )


def _move_phones(session: Session, actor: Actor, gone: Mapping[int, int]) -> int:
    wanted = {}
    for chunk in chunks(gone):
        query = sa.select(InventoryItem.id, InventoryItem.variation_id).where(InventoryItem.variation_id.in_(chunk))
        wanted.update({item: {"variation_id": gone[old]} for item, old in session.execute(query)})
    return len(item_changes.apply(session, actor, wanted, Cause.MERGE))


def _move_choices(session: Session, gone: Mapping[int, int]) -> None:
    target = table(ListingVariation)
    for chunk in chunks(gone):
        query = sa.select(target.c.listing_id, target.c.variation_id).where(target.c.variation_id.in_(chunk))
        rows = {(listing, gone[old]) for listing, old in session.execute(query)}
        values = [{"listing_id": listing, "variation_id": keep} for listing, keep in sorted(rows)]
        insert_new(session, target, values, unique=["listing_id", "variation_id"])
        session.execute(sa.delete(target).where(target.c.variation_id.in_(chunk)))


def _move_order_items(session: Session, gone: Mapping[int, int]) -> None:
    target = table(OrderItem)
    for old, keep in gone.items():
        session.execute(sa.update(target).where(target.c.variation_id == old).values(variation_id=keep))


def _delete(session: Session, actor: Actor, gone: Mapping[int, int], skus: Mapping[int, tuple[Any, Any]]) -> None:
    words = names(session, gone.keys() | set(gone.values()))
    lines = [
        event_row("variation", old, "merged", words[old], words[keep], old_id=old, new_id=keep)
        for old, keep in gone.items()
    ]
    record_many(session, actor, lines)
    for chunk in chunks(gone):
        session.execute(sa.delete(variation_conditions).where(variation_conditions.c.variation_id.in_(chunk)))
        session.execute(sa.delete(_VARIATIONS).where(_VARIATIONS.c.id.in_(chunk)))


def _hand_on_skus(session: Session, survivors: Mapping[int, list[int]], skus: Mapping[int, tuple[Any, Any]]) -> None:
    """A survivor without SKU or price takes those of the ones merged into it."""
    is_unique = settings.hold(session, settings.SKU_UNIQUENESS)
    for keep, others in survivors.items():
        sku, price = skus[keep]
        taken = sku or next((skus[key][0] for key in others if skus[key][0]), None)
        priced = price if price is not None else next((skus[k][1] for k in others if skus[k][1] is not None), None)
        if (taken, priced) != (sku, price):
            values = {"sku": taken, "unique_sku": taken if is_unique else None, "price_cents": priced}
            session.execute(sa.update(_VARIATIONS).where(_VARIATIONS.c.id == keep).values(values))


def _write_keys(session: Session, keys: Mapping[int, VariationKey]) -> None:
    by_code = {code: key for key, code in session.execute(sa.select(Condition.id, Condition.code))}
    update_each(session, ProductVariation, "grade_id", {key: each.grade_id for key, each in keys.items()})
    update_each(session, ProductVariation, "condition_codes", {key: each.condition_codes for key, each in keys.items()})
    link = variation_conditions
    for chunk in chunks(keys):
        session.execute(sa.delete(link).where(link.c.variation_id.in_(chunk)))
    rows = [
        {"variation_id": variation, "condition_id": by_code[code]}
        for variation, key in keys.items()
        for code in key.condition_codes.split("+")
        if code
    ]
    if rows:
        session.execute(sa.insert(link), rows)
