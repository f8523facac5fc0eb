"""Order items made to say what was really committed: quantities and variations follow the phones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import db, transaction
from wholecell.models import OrderItem
from wholecell.services import commitments, extra_lines, recompute, wanting
from wholecell.services.commitments import Live
from wholecell.services.events import Actor, event_row, record_many
from wholecell.services.order_status import settle_scan
from wholecell.services.recompute import Cause
from wholecell.services.variation_names import names
from wholecell.services.wanting import Item

MATCHED = "matched to phones"


@dataclass(frozen=True, slots=True)
class ItemChange:
    """What the button does to one item; `order_item_id` is None for a line it adds."""

    order_item_id: int | None
    name: str  # what the item is called now
    before_units: int
    after_units: int
    new_variation_id: int | None  # where its phones are another variation than it wants
    new_name: str
    is_set_aside: bool  # no phone is committed to it: it will not count any more
    becomes_ordinary: bool  # an extra line that will be part of the order


@dataclass(frozen=True, slots=True)
class _Plan:
    """One item after the change, with the phones of other variations that get lines of their own."""

    item: Item
    units: int
    variation_id: int | None
    leaving: tuple[Live, ...] = ()

    @property
    def is_set_aside(self) -> bool:
        return self.units == 0

    @property
    def is_change(self) -> bool:
        return (
            self.units != self.item.wanted or self.variation_id is not None or self.item.is_extra or bool(self.leaving)
        )


def match_changes(order_id: int) -> list[ItemChange]:
    """What `match_items` would do now, item by item; nothing when all of them fit."""
    session = db.session()
    plans = _plans(session, order_id)
    leaving = Counter(phone.variation_id for plan in plans for phone in plan.leaving)
    known = {plan.item.variation_id: plan for plan in plans if plan.item.is_extra}
    new = {each for plan in plans for each in (plan.variation_id, plan.item.variation_id) if each is not None}
    shown = names(session, new | set(leaving))
    changes = [_shown(plan, shown, leaving) for plan in plans]
    added = [key for key in sorted(leaving) if key not in known]
    return changes + [ItemChange(None, "", 0, leaving[key], key, shown[key], False, True) for key in added]


def _shown(plan: _Plan, shown: dict[int | None, str], leaving: Counter[int]) -> ItemChange:
    item = plan.item
    joining = leaving[item.variation_id] if item.is_extra and item.variation_id is not None else 0
    return ItemChange(
        item.id,
        shown.get(item.variation_id) or item.title or item.sku or "",
        item.wanted,
        plan.units + joining,
        plan.variation_id,
        shown.get(plan.variation_id, ""),
        plan.is_set_aside,
        item.is_extra,
    )


def match_items(order_id: int, actor: Actor) -> int:
    """Make the order's items say what is committed to it; gives how many items changed.

    An item that has no phone is set aside, and can be restored; an extra line becomes part of the order.
    """
    with transaction() as session:
        wanting.hold_orders(session, [order_id])
        plans = _plans(session, order_id)
        if not plans:
            return 0
        affected = wanting.all_candidates(plan.item for plan in plans)
        affected |= {each.variation_id for each in commitments.of_orders(session, [order_id])}
        _move_others(session, order_id, plans)
        for plan in plans:
            session.execute(_update(plan))
        session.execute(
            sa.update(OrderItem)
            .where(OrderItem.order_id == order_id, OrderItem.is_extra, OrderItem.ordered > 0)
            .values(is_extra=False),
            execution_options={"synchronize_session": False},
        )
        record_many(session, actor, _lines(session, order_id, plans))
        recompute.request(session, Cause.ORDER, actor, variations=affected, order_id=order_id)
        settle_scan(session, order_id, actor)
        return len(plans)


def _plans(session: Session, order_id: int) -> list[_Plan]:
    phones = commitments.of_orders(session, [order_id])
    items = [each for each in wanting.items_of(session, [order_id]) if each.is_shown and not each.is_set_aside]
    plans = [_plan(each, [phone for phone in phones if phone.order_item_id == each.id]) for each in items]
    return [plan for plan in plans if plan.is_change]


def _plan(item: Item, phones: Sequence[Live]) -> _Plan:
    """Phones that fit stay; where none fits, the item becomes what most of them are. The others leave."""
    if not phones:
        return _Plan(item, 0, None)
    staying = [each for each in phones if each.variation_id in item.candidates]
    variation_id = None
    if not staying:
        variation_id = Counter(each.variation_id for each in phones).most_common(1)[0][0]
        staying = [each for each in phones if each.variation_id == variation_id]
    kept = {each.id for each in staying}
    return _Plan(item, len(staying), variation_id, tuple(each for each in phones if each.id not in kept))


def _move_others(session: Session, order_id: int, plans: Iterable[_Plan]) -> None:
    places = {
        phone.id: extra_lines.ensure(session, order_id, phone.variation_id) for plan in plans for phone in plan.leaving
    }
    commitments.move(session, places)
    extra_lines.resize(session, [order_id])


def _update(plan: _Plan) -> sa.Update:
    statement = sa.update(OrderItem).where(OrderItem.id == plan.item.id)
    if plan.is_set_aside:
        return statement.values(is_set_aside=True)
    values = {} if plan.item.is_extra else {"ordered": plan.units + plan.item.gone}
    if plan.variation_id is not None:
        values["variation_id"] = plan.variation_id
    return statement.values(is_set_aside=False, **values)


def _lines(session: Session, order_id: int, plans: Sequence[_Plan]) -> list[dict[str, object]]:
    shown = names(session, {plan.variation_id for plan in plans if plan.variation_id is not None})
    lines = []
    for plan in plans:
        after = "set aside" if plan.is_set_aside else f"{plan.units} {shown.get(plan.variation_id, '')}".strip()
        lines.append(event_row("order", order_id, MATCHED, plan.item.wanted, after, new_id=plan.item.id))
    return lines
