"""Who buys: customers are found again by their folded name."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.models import Customer
from wholecell.services.bulk import chunks, insert_new, table

LONGEST_NAME = 200
_CUSTOMER = table(Customer)
_BY_KEY = sa.select(_CUSTOMER.c.name_key, _CUSTOMER.c.id).where(
    _CUSTOMER.c.name_key.in_(sa.bindparam("keys", expanding=True))
)


def clean_name(name: str) -> str:
    """The name as it is shown and stored: no blanks around it or doubled, cut to what is kept."""
    return " ".join(name.split())[:LONGEST_NAME].strip()


def key_of(name: str) -> str:
    """The name folded, so that another spelling of case and blanks is the same customer; blank for no name."""
    return clean_name(unicodedata.normalize("NFKC", clean_name(name)).casefold())


def find_or_create(session: Session, name: str, is_channel: bool = False) -> int:
    """The customer of this name, added when missing, in the caller's transaction. The name must not be blank."""
    return find_or_create_many(session, [name], is_channel)[key_of(name)]


def find_or_create_many(session: Session, names: Iterable[str], is_channel: bool = False) -> dict[str, int]:
    """Customers of these names by `key_of`, those missing added; blank names have none."""
    wanted = {key: clean_name(name) for name in names if (key := key_of(name))}
    found = _find(session, wanted)
    missing = [
        {"name": name, "name_key": key, "is_channel": is_channel} for key, name in wanted.items() if key not in found
    ]
    if missing:
        insert_new(session, _CUSTOMER, sorted(missing, key=lambda row: str(row["name_key"])), unique=["name_key"])
        found |= _find(session, [row["name_key"] for row in missing])  # also those somebody else just added
    return found


def _find(session: Session, keys: Iterable[object]) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in chunks(keys):
        found.update(session.connection().execute(_BY_KEY, {"keys": chunk}).all())
    return found
