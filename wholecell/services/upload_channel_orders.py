"""Orders of an integration that come by files: rows with one order_id become one order, as a channel's API tells it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import Base, db, utcnow
from wholecell.models import SalesOrder
from wholecell.services import order_saving, upload_personal
from wholecell.services import upload_channel_order_writes as writes
from wholecell.services.bulk import chunks
from wholecell.services.events import Actor, Subject
from wholecell.services.order_plan import Plan
from wholecell.services.sheets import Cell
from wholecell.services.upload_channel_order_known import KnownOrder, filled, orders_of
from wholecell.services.upload_channel_order_rows import FIELDS, Draft, read_orders
from wholecell.services.upload_channel_order_writes import SEEN
from wholecell.services.upload_channel_sheets import ChannelSheet
from wholecell.services.upload_kinds import Applied, Planned, Row, Stored

_MOST_TOLD = 4  # changes named beside one row
_REOPENS = (
    "This order is over here, and the file says otherwise: an older file? To open it again, change its status on "
    "the order's page."
)


@dataclass(frozen=True, slots=True)
class Known:
    """The rows read into orders, and what storing each would do."""

    drafts: Sequence[Draft]
    plans: Mapping[str, Plan]
    orders: Mapping[str, KnownOrder]  # those we have

    @property
    def statuses(self) -> dict[str, str]:
        """The channel's word of those we have."""
        return {key: order.status for key, order in self.orders.items()}


class ChannelOrders(ChannelSheet):
    """Rows are items of orders, found by the order's id on the channel."""

    model: type[Base] = SalesOrder
    key = "orders"
    subject: Subject = "order"
    label = "Orders sheet"
    noun, nouns = "order row", "order rows"
    fields = FIELDS
    head: tuple[str, ...] = ("order_id", "sku", "title")
    naming: tuple[str, ...] = ("sku", "title")
    is_exported = False
    hint = (
        "One row for each item; rows with one order_id form one order. A blank status means a new order, a blank "
        "quantity 1. Uploading a file twice changes nothing. Format ids and SKUs as text; times are UTC."
    )
    undoes = (
        "Orders it brought are set to cancelled, so that their phones are for sale again; one with phones committed or "
        "a shipment stays. What it changed on orders known before stays too."
    )

    def lacks(self, mapped: Collection[str]) -> str:
        """Only the order's id is needed."""
        return self.lacks_column(mapped, "order_id")

    def load(self, rows: Sequence[Row]) -> Known:
        """The orders in the sheet, compared with those we have."""
        known = orders_of(self.own_id, {row.get("order_id") for row in rows})
        statuses = {key: order.status for key, order in known.items()}
        drafts = read_orders(filled(rows, known), self.channel, statuses, utcnow())
        orders = [each.order for each in drafts if each.order is not None]
        plans = order_saving.plan_orders(db.session(), self.own_id, orders, utcnow())
        return Known(drafts, plans, known)

    def plan(self, known: Known, rows: Sequence[Row], defaults: Mapping[str, str]) -> list[Planned]:
        """What each row's order would become; the rows of an order go together or not at all."""
        found: dict[int, Planned] = {}
        for draft in known.drafts:
            plan = known.plans.get(draft.order.external_id) if draft.order is not None else None
            for row, planned in draft.rows:
                found[row.number] = planned
                if planned.outcome != "refused" and plan is not None:
                    self._tell(row, planned, plan, known.orders.get(plan.remote.external_id))
        return [found[row.number] for row in rows]

    def _tell(self, row: Row, planned: Planned, plan: Plan, known: KnownOrder | None) -> None:
        planned.target_id = plan.order_id
        seen = known.seen if known is not None else None
        planned.plan = {"cells": dict(row.values), "status": plan.remote.status, SEEN: seen}
        if plan.outcome == "held back":
            planned.refuse("status", _REOPENS)
        elif plan.outcome == "new":
            planned.outcome = "new"
        elif plan.outcome == "changed":
            planned.outcome = "changed"
            before = known.status if known is not None else ""
            if before != plan.remote.status:
                planned.change("status", before, plan.remote.status)
            else:
                planned.reason = _changes(plan)

    def warnings(self, planned: Sequence[Planned], known: Known, options: Mapping[str, str]) -> list[str]:
        """Words for orders that stand for no status of ours yet."""
        told = {word.word for word in self.channel.order_words} | set(known.statuses.values())
        strange = sorted({each.plan["status"] for each in planned if each.plan} - told)
        waits = "is a status not known yet: orders with it wait until you map it on the Details tab."
        return [f"“{word}” {waits}" for word in strange]

    def apply(self, session: Session, actor: Actor, rows: Sequence[Stored]) -> Applied:
        """Store the orders as an import would: the numbers of all channels follow."""
        done = writes.apply(session, actor, self.own_id, self.channel, rows)
        upload_personal.forget_stored(session, self.upload_id)
        return done

    def undo(self, session: Session, actor: Actor, rows: Sequence[Stored], batch_id: int) -> dict[int, str]:
        """Cancel the orders the file brought, as far as nothing was done for them."""
        return writes.undo(session, actor, self.own_id, self.channel, rows)

    def describe(self, ids: Collection[int]) -> Mapping[int, str]:
        """Their numbers."""
        found: dict[int, str] = {}
        for chunk in chunks(sorted(ids)):
            query = sa.select(SalesOrder.id, SalesOrder.number).where(SalesOrder.id.in_(chunk))
            found.update(db.session.execute(query).all())
        return found

    def export(self) -> Iterable[Sequence[Cell]]:
        """Nothing: orders are exported on their own page."""
        return ()


def _changes(plan: Plan) -> str:
    """What would change, in the words of the order's timeline, which never names people."""
    said = [f"{kind}: {_word(old)} → {_word(new)}" for kind, old, new, *_ in plan.events]
    return f"On the order, {', '.join(said[:_MOST_TOLD])}." if said else "Something of this order is not as we have it."


def _word(value: object) -> str:
    return "nothing" if value is None else str(value)
