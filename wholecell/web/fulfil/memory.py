"""What a person's session remembers between scans: orders skipped, scans refused, and the answer to show next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import session

from wholecell.db import utcnow
from wholecell.services.fulfil_scan import Outcome, Result

SKIPPED, REFUSED, SAID = "fulfil_skipped", "fulfil_refused", "fulfil_said"
MOST = 50  # orders remembered as skipped
REFUSED_SHOWN = 5


@dataclass(frozen=True, slots=True)
class RefusedScan:
    """A scan that did nothing, for the list of the last ones."""

    at: datetime
    code: str
    sentence: str


def skip(order_id: int) -> None:
    """Let this order come after all others."""
    session[SKIPPED] = [*(each for each in skipped() if each != order_id), order_id][-MOST:]


def skipped() -> list[int]:
    """The orders skipped since signing in."""
    return list(session.get(SKIPPED, []))


def refuse(code: str, sentence: str) -> None:
    """Remember a refused scan; the timelines only hold those that did something."""
    row = [utcnow().isoformat(), code.strip()[:60], sentence]
    session[REFUSED] = [row, *session.get(REFUSED, [])][:REFUSED_SHOWN]


def refused() -> list[RefusedScan]:
    """The last refused scans, newest first."""
    return [RefusedScan(datetime.fromisoformat(at), *words) for at, *words in session.get(REFUSED, [])]


def say(result: Result) -> None:
    """Keep the answer for the page that follows a redirect."""
    session[SAID] = [result.outcome.value, result.sentence, result.order_id, result.commitment_id]


def said() -> Result | None:
    """The answer kept, once."""
    kept = session.pop(SAID, None)
    return Result(Outcome(kept[0]), *kept[1:]) if kept else None
