"""What an integration that ships for us is given: which sales channels, how lines and addresses are written."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels import discover
from wholecell.db import db, transaction
from wholecell.models import Integration, SalesChannel, SalesOrder, ShippingSettings
from wholecell.services.events import Actor, record


class LineFormat(StrEnum):
    """How the lines of an order are written."""

    ITEMS = "items"
    PHONES = "phones"
    GROUPED = "grouped"


class AddressSource(StrEnum):
    """Whom the bill goes to."""

    ORDER = "order"
    CUSTOMER = "customer"


LINE_FORMATS = {
    LineFormat.ITEMS: "The items of the order",
    LineFormat.PHONES: "Committed phones, one line each with its IMEI",
    LineFormat.GROUPED: "Committed phones, the same ones on one line",
}
ADDRESS_SOURCES = {
    AddressSource.ORDER: "The order: ship to and bill to its address",
    AddressSource.CUSTOMER: "The order's address, and its customer as the one who pays",
}
ATTRIBUTES = {
    "manufacturer": "Manufacturer",
    "model": "Model",
    "variant": "Variant",
    "capacity": "Capacity",
    "color": "Color",
    "network": "Network",
    "grade": "Grade",
    "damages": "Damages",
}
FIRST_ATTRIBUTES = ("model", "capacity", "color", "network", "grade", "damages")


@dataclass(frozen=True, slots=True)
class Handing:
    """The settings as a value."""

    channels: frozenset[str] = frozenset()
    line_format: LineFormat = LineFormat.ITEMS
    address_source: AddressSource = AddressSource.ORDER
    attributes: tuple[str, ...] = FIRST_ATTRIBUTES


@dataclass(frozen=True, slots=True)
class ChannelTick:
    """A sales channel to tick: whose orders carry exactly its name, and what is odd about the name."""

    name: str
    integrations: Sequence[str]
    has_orders: bool
    is_ticked: bool
    meant: str = ""  # a name that differs in capitals, blanks or dashes alone, and that orders do carry
    also: Sequence[str] = ()  # other integrations that ship, and that its orders go to as well

    @property
    def matches(self) -> bool:
        """Whether any order carries the name, or will."""
        return bool(self.integrations) or self.has_orders


def ensure(session: Session, integration_id: int) -> ShippingSettings:
    """The settings of a new integration: all channels that are connected are ticked."""
    row = session.get(ShippingSettings, integration_id)
    if row is None:
        row = ShippingSettings(
            integration_id=integration_id,
            prefix=secrets.token_hex(4),
            channels=sorted(_integrations(session)),
            line_format=LineFormat.ITEMS.value,
            address_source=AddressSource.ORDER.value,
            attributes=list(FIRST_ATTRIBUTES),
        )
        session.add(row)
        session.flush()
    return row


def value_of(row: ShippingSettings) -> Handing:
    """A row as a value."""
    return Handing(
        frozenset(row.channels),
        LineFormat(row.line_format),
        AddressSource(row.address_source),
        tuple(name for name in ATTRIBUTES if name in row.attributes),
    )


def load(integration_id: int) -> ShippingSettings | None:
    """The row of an integration; None when it ships nothing."""
    return db.session.get(ShippingSettings, integration_id)


def sends_orders(integration_id: int) -> bool:
    """Whether orders are sent to a program that we call."""
    row = load(integration_id)
    return row is not None and row.sends_orders


def save(integration_id: int, new: Handing, actor: Actor) -> None:
    """Save the settings; History keeps what changed. Orders that qualify now go with the next asking."""
    with transaction() as session:
        session.get_one(Integration, integration_id, with_for_update={"key_share": True})
        row = ensure(session, integration_id)
        old = value_of(row)
        if old == new:
            return
        row.channels, row.attributes = sorted(new.channels), list(new.attributes)
        row.line_format, row.address_source = new.line_format.value, new.address_source.value
        for name, was, now in _differences(old, new):
            record(session, actor, "integration", integration_id, name, was, now)


def _differences(old: Handing, new: Handing) -> list[tuple[str, str, str]]:
    pairs = [
        ("sales channels to send", _list(sorted(old.channels)), _list(sorted(new.channels))),
        ("lines", LINE_FORMATS[old.line_format], LINE_FORMATS[new.line_format]),
        ("address", ADDRESS_SOURCES[old.address_source], ADDRESS_SOURCES[new.address_source]),
        ("name of a line", _list(old.attributes), _list(new.attributes)),
    ]
    return [pair for pair in pairs if pair[1] != pair[2]]


def _list(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def channel_ticks(row: ShippingSettings) -> list[ChannelTick]:
    """The sales channels there are, with what is odd about the name of each."""
    session = db.session()
    mine = _integrations(session)
    carried = _carried(session)
    shippers = {channel.name for channel in discover().values() if channel.ships_orders}
    names = ({*session.scalars(sa.select(SalesChannel.name)), *mine} - shippers) | carried | set(row.channels)
    known = carried | mine.keys()
    others = _ticked_elsewhere(session, row.integration_id)
    by_key: dict[str, str] = {}
    for name in sorted(known):
        by_key.setdefault(_folded(name), name)
    return [
        ChannelTick(
            name,
            tuple(mine.get(name, ())),
            name in carried,
            name in row.channels,
            "" if name in known else by_key.get(_folded(name), ""),
            others.get(name, ()),
        )
        for name in sorted(names, key=str.casefold)
    ]


def _integrations(session: Session) -> dict[str, list[str]]:
    """The marketplaces' integrations by the exact name their orders carry."""
    found: dict[str, list[str]] = {}
    for kind, name in session.execute(sa.select(Integration.kind, Integration.name).order_by(Integration.name)):
        channel = discover().get(kind)
        if channel is not None and not channel.ships_orders:
            found.setdefault(channel.name, []).append(name)
    return found


def _ticked_elsewhere(session: Session, integration_id: int) -> dict[str, list[str]]:
    """The names of the other integrations that ship, by the sales channels they are given."""
    query = (
        sa.select(Integration.name, ShippingSettings.channels)
        .join(ShippingSettings, ShippingSettings.integration_id == Integration.id)
        .where(Integration.id != integration_id)
    )
    found: dict[str, list[str]] = {}
    for title, channels in session.execute(query.order_by(Integration.name)):
        for channel in channels:
            found.setdefault(channel, []).append(title)
    return found


def _carried(session: Session) -> set[str]:
    """The names that orders carry."""
    return set(session.scalars(sa.select(SalesOrder.channel).distinct())) - {""}


def _folded(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign.isalnum())
