"""What tokens called: written down after each answer, and kept as far as the newest go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wholecell.db import transaction, utcnow
from wholecell.models import ApiCall, ApiToken
from wholecell.services.keyset import Cursor, Page, newest_first

KEPT = 20_000  # calls of all tokens together
CLEARED_EVERY = 100


@dataclass(frozen=True, slots=True)
class Call:
    """One line of the list."""

    id: int
    at: datetime
    token: str
    method: str
    path: str
    status: int
    address: str


def note(token_id: int, method: str, path: str, status: int, address: str) -> None:
    """Write down one call, without its query, and that the token was used."""
    now, address = utcnow(), address[:64]
    with transaction() as session:
        call = ApiCall(token_id=token_id, at=now, method=method[:10], path=path[:200], status=status, address=address)
        session.add(call)
        used = sa.update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=now, last_address=address)
        session.execute(used, execution_options={"synchronize_session": False})
        session.flush()
        if call.id % CLEARED_EVERY == 0:
            old = sa.delete(ApiCall).where(ApiCall.id <= call.id - KEPT)
            session.execute(old, execution_options={"synchronize_session": False})


def find(cursor: Cursor, token_id: int | None = None) -> Page[Call]:
    """One page, newest first; of one token only, if it is named."""
    query = sa.select(
        ApiCall.id, ApiCall.at, ApiToken.name, ApiCall.method, ApiCall.path, ApiCall.status, ApiCall.address
    ).join(ApiToken, ApiToken.id == ApiCall.token_id)
    if token_id is not None:
        query = query.where(ApiCall.token_id == token_id)
    page = newest_first(query, ApiCall.id, cursor)
    return Page([Call(*row) for row in page.rows], page.previous, page.next)
