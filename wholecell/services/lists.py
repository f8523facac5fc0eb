"""Changes of the lists people keep: add, rename, reorder, archive, delete. None of them moves a listing's number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import transaction
from wholecell.models import Condition, InventoryStatus, Location, ProductVariation, Warehouse, variation_conditions
from wholecell.services.bulk import table, update_each
from wholecell.services.catalog import join_codes
from wholecell.services.events import Actor, record
from wholecell.services.list_kinds import ListKind, entries
from wholecell.services.refusal import Refusal

COLORS = ("green", "blue", "yellow", "orange", "red", "gray")
CODE = re.compile(r"[A-Z0-9]{1,10}")


def _clean_name(session: Session, kind: ListKind, name: str, own_id: int | None = None) -> str:
    name = " ".join(name.split())
    most = table(kind.model).c.name.type.length  # type: ignore[attr-defined]
    if not name:
        raise Refusal(f"The {kind.word} needs a name.")
    if len(name) > most:
        raise Refusal(f"The name is longer than {most} characters: shorten it.")
    same = sa.select(kind.model.name).where(sa.func.lower(kind.model.name) == name.lower())
    if (there := session.scalar(same if own_id is None else same.where(kind.model.id != own_id))) is not None:
        raise Refusal(f"There is already a {kind.word} named {there}: choose another name.")
    return name


def _clean_code(session: Session, code: str, own_id: int | None = None) -> str:
    code = code.strip().upper()
    if not CODE.fullmatch(code):
        raise Refusal("A code has 1 to 10 letters and digits, such as CG: it stands in SKUs and sheets.")
    query = sa.select(Condition.name).where(Condition.code == code)
    if (holder := session.scalar(query if own_id is None else query.where(Condition.id != own_id))) is not None:
        raise Refusal(f"{code} is already the code of {holder}: choose another one.")
    return code


def _lock(session: Session, kind: ListKind) -> None:
    """Let one change of a list happen after the other, so that two cannot take one name."""
    session.execute(sa.select(kind.model.id).with_for_update())


def create(kind: ListKind, actor: Actor, name: str, *, code: str = "", color: str = "", warehouse_id: int = 0) -> int:
    """Add an entry at the end; integrations do not tick it. Raises Refusal."""
    with transaction() as session:
        _lock(session, kind)
        values: dict[str, Any] = {"name": _clean_name(session, kind, name)}
        if kind.is_ordered:
            values["position"] = (session.scalar(sa.select(sa.func.max(kind.model.position))) or 0) + 1
        values |= _details(session, kind, code, color, warehouse_id)
        row = kind.model(**values)
        session.add(row)
        session.flush()
        record(session, actor, "account", 0, f"{kind.word} added", None, row.name, new_id=row.id)
        return int(row.id)


def _details(session: Session, kind: ListKind, code: str, color: str, warehouse_id: int) -> dict[str, Any]:
    if kind.model is Condition:
        return {"code": _clean_code(session, code)}
    if kind.model is InventoryStatus:
        return {"color": color if color in COLORS else "gray"}
    if kind.model is Location:
        if session.get(Warehouse, warehouse_id) is None:
            raise Refusal("Choose the warehouse the location is in.")
        return {"warehouse_id": warehouse_id}
    return {}


def _get(session: Session, kind: ListKind, entry_id: int) -> Any:
    row = session.get(kind.model, entry_id)
    if row is None:
        raise Refusal(f"That {kind.word} is gone: load the page again.")
    return row


def change(kind: ListKind, actor: Actor, entry_id: int, name: str, *, code: str = "", color: str = "") -> None:
    """Rename an entry, and set a condition's code or a status's color. No listing's number moves."""
    with transaction() as session:
        _lock(session, kind)
        row = _get(session, kind, entry_id)
        old, row.name = row.name, _clean_name(session, kind, name, entry_id)
        if kind.model is InventoryStatus and color in COLORS:
            row.color = color
        if kind.model is Condition and code and (new := _clean_code(session, code, entry_id)) != row.code:
            old, row.code = f"{old} ({row.code})", new
            session.flush()
            rename_code(session, entry_id)
        if old != row.name:
            record(session, actor, "account", 0, f"{kind.word} renamed", old, row.name, new_id=entry_id)


def rename_code(session: Session, condition_id: int) -> None:
    """Write the key of damages again on each variation that has this one."""
    link = variation_conditions.c
    having = sa.select(link.variation_id).where(link.condition_id == condition_id)
    query = sa.select(link.variation_id, Condition.code).join(Condition, Condition.id == link.condition_id)
    codes: dict[int, list[str]] = {}
    for variation, code in session.execute(query.where(link.variation_id.in_(having))):
        codes.setdefault(variation, []).append(code)
    update_each(session, ProductVariation, "condition_codes", {key: join_codes(each) for key, each in codes.items()})


def reorder(kind: ListKind, entry_ids: Sequence[int]) -> None:
    """Put the entries in this order; those not named stay behind them."""
    place = {key: index for index, key in enumerate(entry_ids)}
    with transaction() as session:
        rows = session.scalars(sa.select(kind.model).with_for_update())
        for index, row in enumerate(sorted(rows, key=lambda row: (place.get(row.id, len(place)), row.position))):
            row.position = index


def move(kind: ListKind, entry_id: int, step: int) -> None:
    """Move one entry up (-1) or down (1) among those not archived."""
    ids = [entry.id for entry in entries(kind) if not entry.is_archived]
    if entry_id not in ids:
        return
    at = ids.index(entry_id)
    to = min(max(at + step, 0), len(ids) - 1)
    ids.insert(to, ids.pop(at))
    reorder(kind, ids)


def set_archived(kind: ListKind, actor: Actor, entry_id: int, is_archived: bool) -> None:
    """Archive an entry, so that forms no longer offer it, or bring it back. What uses it keeps it."""
    with transaction() as session:
        _lock(session, kind)
        row = _get(session, kind, entry_id)
        if is_archived and not row.is_archived:
            _keep_one(session, kind, entry_id, "archived")
        if row.is_archived != is_archived:
            row.is_archived = is_archived
            word = "archived" if is_archived else "brought back"
            record(session, actor, "account", 0, f"{kind.word} {word}", row.name, row.name, new_id=entry_id)


def _keep_one(session: Session, kind: ListKind, entry_id: int, verb: str) -> None:
    if kind.key in ("locations", "conditions"):
        return
    query = sa.select(sa.func.count()).where(kind.model.id != entry_id, ~kind.model.is_archived)
    if not session.scalar(query):
        raise Refusal(f"The last {kind.word} cannot be {verb}: phones need one. Add another one first.")


def delete(kind: ListKind, actor: Actor, entry_id: int) -> None:
    """Delete an entry nothing uses. Raises Refusal that offers to merge or archive it otherwise."""
    with transaction() as session:
        _lock(session, kind)
        row = _get(session, kind, entry_id)
        if used := use_sentence(session, kind, entry_id, row.name):
            raise Refusal(used)
        if not row.is_archived:
            _keep_one(session, kind, entry_id, "deleted")
        if kind.ticks is not None:
            session.execute(sa.delete(kind.ticks).where(kind.ticks.c[f"{kind.word}_id"] == entry_id))
        record(session, actor, "account", 0, f"{kind.word} deleted", row.name, None, old_id=entry_id)
        session.delete(row)


def use_sentence(session: Session, kind: ListKind, entry_id: int, name: str) -> str:
    """Why the entry cannot be deleted, empty when nothing uses it."""
    uses = session.scalar(sa.select(sa.func.count()).where(kind.used_by == entry_id)) or 0
    users = kind.users
    if not uses and kind.model is Warehouse:
        uses = session.scalar(sa.select(sa.func.count()).where(Location.warehouse_id == entry_id)) or 0
        users = "locations"
    if not uses:
        return ""
    some = f"{uses:,} {users} use" if uses != 1 else f"1 {users[:-1]} uses"
    return f"{some} {name}, so it cannot be deleted. Merge it into another {kind.word}, or archive it."
