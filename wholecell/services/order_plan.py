"""What one order as the channel tells it changes in ours: decided from rows in memory, written down by order_saving."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from wholecell.channels.contract import Meaning, RemoteLine, RemoteOrder
from wholecell.services import order_fields as fields
from wholecell.services.events import event_row
from wholecell.services.order_matching import Named, named
from wholecell.services.order_settings import Accepting
from wholecell.services.order_status import StatusMap

UNITS = ("ordered", "cancelled", "refunded_before_shipping")
Row = Mapping[Any, Any]  # by column name


@dataclass(frozen=True, slots=True)
class Rules:
    """What one integration's settings say about its orders."""

    integration_id: int
    channel: str  # the sales channel's name
    holds_for_scan: bool
    accepting: str  # order_settings.Accepting
    by_shipping_name: bool
    map: StatusMap


@dataclass(slots=True)
class Known:
    """An order we have: its row, its items by the channel's line, and what hangs on it."""

    row: Row
    items: dict[str, Row] = field(default_factory=dict)
    extra: list[Row] = field(default_factory=list)  # items the channel's order does not have
    live: Mapping[int, int] = field(default_factory=dict)  # committed phones by item
    is_on_its_way: bool = False  # a shipment of ours is told or being told to the channel

    @property
    def has_extra_phones(self) -> bool:
        """Whether phones wait on lines that the channel's order does not have."""
        return any(item["is_extra"] and self.live.get(item["id"]) for item in self.extra)


@dataclass(slots=True)
class Plan:
    """What to write for one order. `values` of a new one are its whole row."""

    remote: RemoteOrder
    order_id: int | None
    outcome: str = "same"  # new, changed, same, older, held back
    values: dict[str, Any] = field(default_factory=dict)
    new_items: list[dict[str, Any]] = field(default_factory=list)
    item_changes: list[dict[str, Any]] = field(default_factory=list)
    events: list[tuple[Any, ...]] = field(default_factory=list)  # kind, old, new and their ids
    touched: set[Named] = field(default_factory=set)  # items whose wants may count otherwise now
    counts: bool = True  # its wants do, before or after
    is_seen: bool = False  # units came or went: its listings were sold from
    sold_from: set[int] = field(default_factory=set)
    customer: str | None = None  # the name to look up

    def event_rows(self) -> list[dict[str, Any]]:
        """The timeline lines, once the order has an id."""
        assert self.order_id is not None
        return [
            event_row("order", self.order_id, kind, old, new, old_id=ids[0], new_id=ids[1])
            for kind, old, new, *ids in ((*event, None, None)[:5] for event in self.events)
        ]


def new_order(remote: RemoteOrder, rules: Rules, read_at: datetime, now: datetime, *, is_erased: bool = False) -> Plan:
    """An order we do not have yet, whole; nothing about its buyer where that was erased."""
    told, word = fields.told(remote, {"erased_at": now} if is_erased else None), fields.text(remote.status, 60)
    plan = Plan(remote, None, "new", is_seen=True, customer=told.get("ship_name", ""))
    status = rules.map.status_of(word)
    blank = {**dict.fromkeys(fields.TOLD_TEXTS, ""), "ship_by": None, "total_cents": None, "shipping_cents": None}
    plan.values = {
        "integration_id": rules.integration_id,
        "external_id": remote.external_id,
        "channel": rules.channel,
        "status_id": status,
        "channel_status": word,
        "is_channel_status_final": remote.is_final,
        "read_at": read_at,
        "accept_wanted_at": now if remote.is_to_accept and rules.accepting == Accepting.ON_IMPORT else None,
        "placed_at": remote.placed_at or read_at,
        **blank,
        "erased_at": now if is_erased else None,
        **fields.follows(remote, is_erased=is_erased),
        **told,
        "channel_said": fields.said_now({}, told),
    }
    plan.values["is_to_accept"] = remote.is_to_accept and rules.accepting != Accepting.NONE
    plan.counts = rules.map.counts_as_open(status, remote.is_final)
    plan.events.append(("imported", None, rules.map.label(word)))
    if status is not None:
        plan.events.append(("status", None, rules.map.titles[status], None, status))
    for key, line in fields.keyed(remote.lines).items():
        plan.new_items.append(_new_item(key, line))
    return plan


def _new_item(key: str, line: RemoteLine) -> dict[str, Any]:
    told = fields.line_told(line)
    return {
        "external_line_id": key,
        "variation_id": None,
        "listing_id": None,  # found for the whole page at once
        **told,
        **fields.line_follows(line),
        "channel_said": fields.said_now({}, told),
    }


def known_order(remote: RemoteOrder, known: Known, rules: Rules, read_at: datetime, now: datetime) -> Plan:
    """An order we have: what its newer reading changes."""
    old, word = known.row, fields.text(remote.status, 60)
    plan = Plan(remote, old["id"])
    if _is_older(old, remote, read_at):
        plan.outcome = "older"
        return plan
    plan.values["read_at"] = read_at
    if _goes_back(old, word, remote, rules) and not _is_second_reading(old, word, read_at):
        plan.outcome = "held back"  # until a second reading says so too
        plan.values["reopening_status"] = word
        return plan
    changes = _values(remote, old, plan)
    if old["reopening_status"]:
        changes["reopening_status"] = ""
    if changes.get("is_to_accept") and rules.accepting == Accepting.NONE:
        del changes["is_to_accept"]
    elif changes.get("is_to_accept"):
        changes["accept_wanted_at"] = now if rules.accepting == Accepting.ON_IMPORT else None
    elif "is_to_accept" in changes:
        changes |= {"accept_wanted_at": None, "accept_problem": ""}
    if "is_fulfilled_by_channel" in changes:
        plan.touched |= {named(item) for item in (*known.items.values(), *known.extra)}
    lacking = _lines(remote, known, plan)
    changes |= _status(remote, known, rules, word, lacking, plan)
    if changes or plan.new_items or plan.item_changes:
        plan.outcome = "changed"
    plan.values |= changes
    return plan


def _is_older(old: Row, remote: RemoteOrder, read_at: datetime) -> bool:
    before, now = old["channel_changed_at"], remote.changed_at
    if before is not None and now is not None and before != now:
        return bool(now < before)
    return old["read_at"] is not None and read_at < old["read_at"]


def _goes_back(old: Row, word: str, remote: RemoteOrder, rules: Rules) -> bool:
    was_over = rules.map.is_over(old["channel_status"], old["is_channel_status_final"])
    return was_over and not rules.map.is_over(word, remote.is_final)


def _is_second_reading(old: Row, word: str, read_at: datetime) -> bool:
    return bool(old["reopening_status"] == word and read_at > old["read_at"])


def _values(remote: RemoteOrder, old: Row, plan: Plan) -> dict[str, Any]:
    told = fields.told(remote, old)
    said = fields.said_now(old["channel_said"], told)
    changes = fields.overwritten(old, old["channel_said"], told)
    for name in changes:
        if name not in fields.PERSONAL_COLUMNS:
            plan.events.append((f"channel {name.removesuffix('_cents')}", old[name], changes[name]))
    if fields.ADDRESS_COLUMNS & changes.keys():
        plan.events.append(("channel address", None, "changed"))
    if "ship_name" in changes:
        plan.customer = changes["ship_name"]
    if said != old["channel_said"]:
        changes["channel_said"] = said
    follows = fields.follows(remote, is_erased=bool(old["erased_at"]))
    return changes | fields.different(old, follows)


def _lines(remote: RemoteOrder, known: Known, plan: Plan) -> int:
    """Plan what becomes of the items; returns how many units will lack a phone."""
    told = fields.keyed(remote.lines)
    items = _named_anew(told, known.items, plan)
    lacking = 0
    for key, line in told.items():
        if (item := items.get(key)) is None:
            plan.new_items.append(new := _new_item(key, line))
            plan.events.append(("line added", None, new["sku"] or new["title"]))
            plan.is_seen = True
            lacking += _wanted(new)
        else:
            lacking += _change_item(item, line, known, plan)
    for key, item in items.items():
        if key not in told:  # an order told without any line is a bad reading: it takes none away
            changes = fields.different(item, fields.line_is_gone(item)) if told else {}
            lacking += _note_item(item, changes, known, plan)
    return lacking + sum(max(_wanted(item) - known.live.get(item["id"], 0), 0) for item in known.extra)


def _named_anew(told: Mapping[str, RemoteLine], items: Mapping[str, Row], plan: Plan) -> Mapping[str, Row]:
    """The items by the lines' ids of now: another source of the same order, such as an API after files, has others.

    Only where no line is known by its id, and each has an item of its SKU and units: its phones stay with it then.
    """
    if told.keys() & items.keys() or len(told) != len(items):
        return items
    left: dict[tuple[Any, ...], list[Row]] = {}
    for item in items.values():
        said = item["channel_said"]
        left.setdefault((said.get("sku", item["sku"]), said.get("ordered", item["ordered"])), []).append(item)
    found = {}
    for key, line in told.items():
        now = fields.line_told(line)
        if not now["sku"] or not (same := left.get((now["sku"], now["ordered"]))):
            return items
        found[key] = same.pop(0)
    plan.item_changes += [{"id": item["id"], "external_line_id": key} for key, item in found.items()]
    return found


def _change_item(item: Row, line: RemoteLine, known: Known, plan: Plan) -> int:
    told = fields.line_told(line)
    changes = fields.overwritten(item, item["channel_said"], told)
    changes |= fields.different(item, fields.line_follows(line))
    changes |= _given_back(item, changes)
    said = fields.said_now(item["channel_said"], told)
    if said != item["channel_said"]:
        changes["channel_said"] = said
    return _note_item(item, changes, known, plan)


def _given_back(item: Row, changes: Row) -> dict[str, Any]:
    """Units that a person took off the line are the first the channel cancels: they do not go twice."""
    after = {**item, **changes}
    more = sum(after[name] - item[name] for name in ("cancelled", "refunded_before_shipping"))
    missing = item["channel_said"].get("ordered", item["ordered"]) - item["ordered"]
    back = min(more, missing)
    return {"ordered": item["ordered"] + back} if back > 0 and "ordered" not in changes else {}


def _note_item(item: Row, changes: dict[str, Any], known: Known, plan: Plan) -> int:
    after = {**item, **changes}
    if changes:
        if item["cancel_wanted_at"] is not None and not _wanted({**after, "is_set_aside": False}):
            changes |= {"cancel_wanted_at": None, "cancel_problem": ""}
        plan.item_changes.append({"id": item["id"], **changes})
        plan.events += _item_events(item, changes)
    if changes.keys() & {*UNITS, "sku", "listing_ids"}:
        plan.touched.add(named(item))
    if changes.keys() & set(UNITS):
        plan.is_seen = True
        plan.sold_from |= {item["listing_id"]} - {None}
    return max(_wanted(after) - known.live.get(item["id"], 0), 0)


def _item_events(item: Row, changes: Row) -> list[tuple[Any, ...]]:
    name = changes.get("sku", item["sku"]) or item["title"] or "an item"
    words = {
        "ordered": "units",
        "cancelled": "units cancelled",
        "refunded_before_shipping": "units refunded",
        "shipped": "units shipped",
    }
    events: list[tuple[Any, ...]] = [
        (word, f"{name}: {item[column]}", f"{name}: {changes[column]}")
        for column, word in words.items()
        if column in changes
    ]
    if "sku" in changes:
        events.append(("channel sku", item["sku"], changes["sku"]))
    return events


def _wanted(item: Row) -> int:
    if item.get("is_set_aside"):
        return 0
    gone = item["cancelled"] + item["refunded_before_shipping"] + item.get("returned", 0)
    return max(int(item["ordered"] - gone), 0)


def _status(remote: RemoteOrder, known: Known, rules: Rules, word: str, lacking: int, plan: Plan) -> dict[str, Any]:
    """What the channel's word does to ours, and whether the order is to be scanned."""
    old, of = known.row, rules.map
    was_final, is_final = old["is_channel_status_final"], remote.is_final
    changes: dict[str, Any] = {}
    is_news = word != old["channel_status"]
    ours_was_open = of.counts_as_open(old["status_id"], was_final)
    if is_news:
        plan.events.append(("channel status", of.label(old["channel_status"]), of.label(word)))
        changes |= {"channel_status": word, "is_channel_status_final": is_final}
        # Ours stays Shipped while our own shipment is on its way: the channel will say so too.
        if not (known.is_on_its_way and not ours_was_open and not of.is_over(word, is_final)):
            changes["status_id"] = of.status_of(word)
    elif is_final != was_final:
        changes["is_channel_status_final"] = is_final
    is_held = old["is_to_be_scanned"]
    # A label bought elsewhere holds an order too: that ends once its status follows another word of the channel.
    ends = of.is_over(word, is_final) or "status_id" in changes
    if not lacking or (of.meanings.get(word) is not Meaning.SHIPPED and ends):
        is_held = False
    elif is_news and rules.holds_for_scan and not remote.is_fulfilled_by_channel:
        was_open = of.counts_as_open(of.status_of(old["channel_status"]), was_final)
        is_held = is_held or (was_open and ours_was_open)
    changes["is_to_be_scanned"] = is_held
    changes = fields.different(old, changes)
    _note_status(changes, known, rules, ours_was_open, plan)
    return changes


def _note_status(changes: Row, known: Known, rules: Rules, ours_was_open: bool, plan: Plan) -> None:
    old, of = known.row, rules.map
    if "status_id" in changes:
        before, after = old["status_id"], changes["status_id"]
        titles = [None if key is None else of.titles.get(key) for key in (before, after)]
        plan.events.append(("status", *titles, before, after))
    if changes.get("is_to_be_scanned"):
        plan.events.append(("to be scanned", None, "shipped there, not scanned here"))
    after_row = {**old, **changes}
    is_open = of.counts_as_open(after_row["status_id"], after_row["is_channel_status_final"])
    is_open, was_open = is_open or after_row["is_to_be_scanned"], ours_was_open or old["is_to_be_scanned"]
    plan.counts = is_open or was_open
    if is_open != was_open:
        plan.touched |= {named(item) for item in (*known.items.values(), *known.extra)}


__all__ = ["Known", "Plan", "Rules", "known_order", "new_order"]
