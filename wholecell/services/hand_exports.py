"""Files of numbers and shipments that people enter at a channel, and their word that they did.

Making a file claims nothing. *I have entered these* stores the numbers of that file, not today's: what changed since
waits on. A newer file replaces one that nobody confirmed, so that no two of them are carried about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import db, transaction, utcnow
from wholecell.models import HandExport, HandExportRow, Integration, Listing, SalesOrder, Shipment
from wholecell.services import hand_doubt, hand_due, hand_entered, offers, wanting
from wholecell.services.bulk import insert_rows, table
from wholecell.services.events import Actor, record
from wholecell.services.people_names import people_names
from wholecell.services.refusal import Refusal

_ROWS = table(HandExportRow)
_COLUMNS = ("listing_id", "old", "number", "changed_at", "shipment_id")


class Kind(StrEnum):
    """What a file is about."""

    QUANTITIES = "quantities"
    SHIPMENTS = "shipments"


@dataclass(frozen=True, slots=True)
class Made:
    """A file that was made; `left_out` is how many shipments are not in it, because their orders lack phones."""

    export_id: int
    rows: int
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What became of pressing *I have entered these*."""

    export: HandExport
    is_news: bool  # False: somebody had pressed it before
    rows: int = 0
    skipped: int = 0  # shipments that were voided after the file was made


def make_quantities(integration_id: int, actor: Actor, *, is_everything: bool = False) -> Made:
    """Make a file of the numbers that wait, or of all connected listings. Raises Refusal when there is none."""
    offers.compute_all()  # so that what was sold a moment ago is in it
    with transaction() as session:
        integration = _hold(session, integration_id)
        if integration.armed_at is None:
            raise Refusal(f"{integration.name} is in preview: look at the preview and arm it, then its numbers count.")
        if not integration.pushes_quantities:
            raise Refusal(f"Sending quantities is off for {integration.name}: switch it on on its Details tab.")
        hand_doubt.doubt(session, *_still_open(integration_id, Kind.QUANTITIES))
        which = hand_due.may_be_entered() if is_everything else hand_due.is_waiting()
        found = session.execute(
            sa.select(Listing.id, hand_due.shown_number(), Listing.last_offered, Listing.offered_at)
            .where(Listing.integration_id == integration_id, which)
            .order_by(*hand_due.is_worse())
        ).all()
        if not found:
            raise Refusal(_nothing(session, integration_id, is_everything=is_everything))
        return Made(_write(session, integration, Kind.QUANTITIES, [(*row, None) for row in found], actor), len(found))


def _nothing(session: Session, integration_id: int, *, is_everything: bool) -> str:
    held = sa.select(sa.exists().where(Listing.integration_id == integration_id, Listing.held.is_not(None)))
    if session.scalar(held):
        return "The guard holds the numbers that changed: look at the preview, and agree there or take back the change."
    return "No connected listing has a number." if is_everything else "No number waits to be entered."


def make_shipments(integration_id: int, actor: Actor) -> Made:
    """Make a file of the shipments that wait. Raises Refusal when there is none that may go."""
    with transaction() as session:
        integration = _hold(session, integration_id)
        waiting = session.execute(
            sa.select(Shipment.id, Shipment.order_id)
            .join(SalesOrder, SalesOrder.id == Shipment.order_id)
            .join(Integration, Integration.id == SalesOrder.integration_id)
            .where(Integration.id == integration_id, hand_due.is_shipment_waiting())
            .order_by(Shipment.id)
        ).all()
        if not waiting:
            raise Refusal("No shipment waits to be entered.")
        lacking = _lacking(session, integration, [order_id for _, order_id in waiting])
        rows = [(None, None, None, None, key) for key, order_id in waiting if order_id not in lacking]
        left_out = len(waiting) - len(rows)
        if not rows:
            raise Refusal(
                "The orders of the shipments that wait lack phones: fewer are committed than were sold. "
                "Commit them, then make the file."
            )
        return Made(_write(session, integration, Kind.SHIPMENTS, rows, actor), len(rows), left_out)


def _lacking(session: Session, integration: Integration, order_ids: Sequence[int]) -> set[int]:
    if not integration.needs_all_phones:
        return set()
    return {item.order_id for item in wanting.items_of(session, order_ids) if item.lacking}


def _hold(session: Session, integration_id: int) -> Integration:
    """Whoever makes or confirms a file of an integration does so alone. Raises Refusal when it has an API."""
    integration = session.get(Integration, integration_id, with_for_update={"key_share": True})
    if integration is None or not integration.is_by_hand:
        raise Refusal("This integration does not work by files: nothing is entered by hand.")
    session.refresh(integration)
    return integration


def _write(
    session: Session, integration: Integration, kind: Kind, rows: Sequence[tuple[Any, ...]], actor: Actor
) -> int:
    now = utcnow()
    _replace_open(session, integration.id, kind, now)
    export = HandExport(integration_id=integration.id, kind=kind.value, rows=len(rows), at=now, user_id=actor.user_id)
    session.add(export)
    session.flush()
    values = [
        {"export_id": export.id, "position": place, **dict(zip(_COLUMNS, row, strict=True))}
        for place, row in enumerate(rows, 1)
    ]
    insert_rows(session, _ROWS, values)
    said = f"{len(rows)} in file {export.id}"
    record(session, actor, "integration", integration.id, f"{kind.value} file made", new=said, new_id=export.id)
    return export.id


def _replace_open(session: Session, integration_id: int, kind: Kind, now: datetime) -> None:
    update = sa.update(HandExport).where(*_still_open(integration_id, kind)).values(replaced_at=now)
    session.execute(update, execution_options={"synchronize_session": False})


def _still_open(integration_id: int, kind: Kind) -> Sequence[sa.ColumnElement[bool]]:
    one = (HandExport.integration_id == integration_id, HandExport.kind == kind.value)
    return (*one, hand_due.is_open())


def confirm(export_id: int, actor: Actor) -> Confirmed:
    """Store what is in this file as entered. Pressing twice, also by two at once, stores it once.

    Raises Refusal when a newer file has replaced it: some of its numbers may be too high by now, and wait again.
    """
    if (confirmed := _confirm(export_id, actor)) is None:
        raise Refusal(
            "A newer file replaced this one: what this one may have changed there waits again. Make another file, and "
            "enter what is in that one."
        )
    return confirmed


def _confirm(export_id: int, actor: Actor) -> Confirmed | None:
    with transaction() as session:
        export = session.get(HandExport, export_id)
        if export is None:
            raise Refusal("That file is not here any more.")
        integration = _hold(session, export.integration_id)
        if not _claim(session, export_id, actor):
            session.refresh(export)
            if export.confirmed_at is None:
                hand_doubt.doubt(session, HandExport.id == export_id)
                return None
            return Confirmed(export, is_news=False)
        session.refresh(export)
        who = people_names([actor.user_id]).get(actor.user_id or 0, "somebody")
        if export.kind == Kind.QUANTITIES:
            done, skipped = hand_entered.numbers(session, integration, export_id, who), 0
        else:
            done, skipped = hand_entered.shipments(session, export_id, actor)
        said = f"{done} of file {export_id}"
        record(session, actor, "integration", integration.id, f"{export.kind} entered", new=said, new_id=export_id)
    return Confirmed(export, True, done, skipped)


def _claim(session: Session, export_id: int, actor: Actor) -> bool:
    """The guarded UPDATE: of any number who press, one confirms, and none once a newer file was made."""
    update = (
        sa.update(HandExport)
        .where(HandExport.id == export_id, hand_due.is_open())
        .values(confirmed_at=utcnow(), confirmed_by_id=actor.user_id)
    )
    return bool(session.execute(update, execution_options={"synchronize_session": False}).rowcount)  # type: ignore[attr-defined]


def find(integration_id: int, export_id: int) -> HandExport | None:
    """This file, where it is of this integration."""
    export = db.session.get(HandExport, export_id)
    return export if export is not None and export.integration_id == integration_id else None
