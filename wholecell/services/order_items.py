"""Order items changed by people: connected to a variation, matched again, set aside, and what they likely are."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from rapidfuzz import fuzz, process, utils
from sqlalchemy.orm import Session

from wholecell.db import db, transaction
from wholecell.models import OrderItem, ProductVariation, SalesOrder
from wholecell.services import free_phones, order_matching, recompute, wanting
from wholecell.services.events import Actor, record
from wholecell.services.extra_lines import move_extras
from wholecell.services.order_status import settle_scan
from wholecell.services.recompute import Cause
from wholecell.services.refusal import Refusal
from wholecell.services.variation_names import names, variation_name, with_names
from wholecell.services.wanting import Item

UNKNOWN = "Unknown SKU"
NEAR_SKU = 75  # of 100: below that, two SKUs only look alike by chance
NEAR_NAME = 60
NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The variation an Unknown SKU most likely means; `available` phones of it are free."""

    variation_id: int
    name: str
    sku: str | None
    score: int
    available: int


def connect_item(order_item_id: int, variation_id: int | None, actor: Actor) -> None:
    """Say which variation the item is; None leaves it to its SKU and listing again."""
    with transaction() as session:
        before = _hold(session, order_item_id)
        if before.is_extra:
            raise Refusal("This line stands for the phones on it: release them to change it.")
        if variation_id is not None and session.get(ProductVariation, variation_id) is None:
            raise Refusal("That variation is not in the catalog any more: choose another one.")
        if variation_id == before.variation_id:
            return
        _set(session, order_item_id, variation_id=variation_id)
        ids = {each for each in (before.variation_id, variation_id) if each is not None}
        shown = names(session, ids)
        old, new = shown.get(before.variation_id, _called(before)), shown.get(variation_id, _called(before))
        record(session, actor, "order", before.order_id, "item connected", old, new)
        _follow(session, actor, before)


def refresh_item(order_item_id: int, actor: Actor) -> bool:
    """Match the item again now, by its SKU and by the listing it was sold from; gives whether it is known."""
    with transaction() as session:
        before = _hold(session, order_item_id)
        if before.listing_id is None:
            _find_listing(session, order_item_id)
        return bool(_follow(session, actor, before).candidates)


def _find_listing(session: Session, order_item_id: int) -> None:
    query = sa.select(SalesOrder.integration_id, OrderItem.sku, OrderItem.listing_ids)
    query = query.join(SalesOrder, SalesOrder.id == OrderItem.order_id).where(OrderItem.id == order_item_id)
    integration_id, sku, listing_ids = session.execute(query).one()
    if integration_id is not None:
        found = order_matching.find_listings(session, integration_id, {order_item_id: (sku, listing_ids)})
        _set(session, order_item_id, listing_id=found.get(order_item_id))


def set_aside(order_item_id: int, is_set_aside: bool, actor: Actor) -> None:
    """Stop counting the item, or count it again; what the channel says about it stays."""
    with transaction() as session:
        before = _hold(session, order_item_id)
        if before.is_set_aside == is_set_aside:
            return
        if is_set_aside and before.live:
            phones = "a phone is" if before.live == 1 else f"{before.live} phones are"
            raise Refusal(f"Release first what is committed to this item: {phones} on it.")
        _set(session, order_item_id, is_set_aside=is_set_aside)
        kind = "item set aside" if is_set_aside else "item restored"
        record(session, actor, "order", before.order_id, kind, None, _called(before))
        _follow(session, actor, before)


def _hold(session: Session, order_item_id: int) -> Item:
    """The item, with its order locked."""
    order_id = session.scalar(sa.select(OrderItem.order_id).where(OrderItem.id == order_item_id))
    if order_id is None:
        raise Refusal("That item is not on the order any more.")
    wanting.hold_orders(session, [order_id])
    return wanting.items(session, [order_item_id])[0]


def _set(session: Session, order_item_id: int, **values: object) -> None:
    statement = sa.update(OrderItem).where(OrderItem.id == order_item_id).values(**values)
    session.execute(statement, execution_options={"synchronize_session": False})


def _follow(session: Session, actor: Actor, before: Item) -> Item:
    """What an item that became another one brings: phones move up to it, listings are computed again."""
    after = wanting.items(session, [before.id])[0]
    move_extras(session, [before.order_id], actor)
    affected = before.candidates | after.candidates
    recompute.request(session, Cause.ORDER, actor, variations=affected, order_id=before.order_id)
    settle_scan(session, before.order_id, actor)
    return after


def _called(item: Item) -> str:
    return item.sku or item.title or UNKNOWN


def suggestions(order_item_ids: Collection[int]) -> dict[int, Suggestion]:
    """What these items likely are, by their SKU, else by what the channel calls them; only those with a near match."""
    session = db.session()
    asked = [each for each in wanting.items(session, order_item_ids) if not each.candidates]
    found = _near(asked, "sku", _skus(session) if any(each.sku for each in asked) else {}, NEAR_SKU)
    left = [each for each in asked if each.id not in found and each.title]
    found |= _near(left, "title", _names(session) if left else {}, NEAR_NAME)
    return _described(session, found)


def _skus(session: Session) -> dict[int, str]:
    query = sa.select(ProductVariation.id, ProductVariation.sku).where(ProductVariation.sku.is_not(None))
    return {key: sku for key, sku in session.execute(query) if sku}


def _names(session: Session) -> dict[int, str]:
    return {key: variation_name(*parts) for key, *parts in session.execute(with_names(ProductVariation.id))}


def _near(asked: Sequence[Item], field: str, choices: Mapping[int, str], cutoff: int) -> dict[int, tuple[int, int]]:
    """Item -> the nearest choice and its score. Titles hold more words than our names, and in another order.

    A choice with another number in it is another model or capacity, however alike the letters are.
    """
    scorer = fuzz.ratio if field == "sku" else fuzz.token_set_ratio
    prepared = {key: utils.default_process(text) for key, text in choices.items()}
    numbers = {key: _numbers(text) for key, text in prepared.items()}
    found: dict[int, tuple[int, int]] = {}
    for item in asked:
        text = utils.default_process(getattr(item, field) or "")
        own = _numbers(text)
        fitting = {key: each for key, each in prepared.items() if _may_be(numbers[key], own, field)}
        best = process.extractOne(text, fitting, scorer=scorer, score_cutoff=cutoff) if text else None
        if best is not None:
            found[item.id] = (best[2], round(best[1]))
    return found


def _may_be(numbers: frozenset[str], own: frozenset[str], field: str) -> bool:
    """A SKU has the same numbers; a title may have more of them than our name."""
    return numbers == own if field == "sku" else numbers <= own


def _numbers(text: str) -> frozenset[str]:
    return frozenset(NUMBER.findall(text))


def _described(session: Session, found: Mapping[int, tuple[int, int]]) -> dict[int, Suggestion]:
    variations = {variation for variation, _ in found.values()}
    shown, free = names(session, variations), free_phones.units(session, variations)
    skus = dict(
        session.execute(
            sa.select(ProductVariation.id, ProductVariation.sku).where(ProductVariation.id.in_(variations))
        ).all()
    )
    return {
        key: Suggestion(variation, shown[variation], skus[variation], score, free.get(variation, 0))
        for key, (variation, score) in found.items()
    }
