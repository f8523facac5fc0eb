"""What people type or paste into a search box: codes, one or many, or words."""

from __future__ import annotations

import re

from wholecell.services.esn import compact
from wholecell.services.refusal import Refusal

MOST = 500
_BETWEEN = re.compile(r"[\s,;]+")
_CODE = re.compile(r"(?=.*[0-9])[0-9A-Z]{4,40}")


def split(text: str) -> list[str]:
    """The parts of a pasted list, each once, in its order. Raises Refusal when there are more than 500."""
    parts = list(dict.fromkeys(filter(None, _BETWEEN.split(text.strip()))))
    if len(parts) > MOST:
        raise Refusal(f"That are {len(parts):,} codes: search for at most {MOST} at once.")
    return parts


def as_codes(text: str) -> list[str] | None:
    """The codes in upper case without dashes, or None when the text is words such as iPhone 11 Black.

    A single IMEI may be written in groups: 35 398510 204817 5.
    """
    whole = compact(text)
    if re.fullmatch(r"[0-9]{15}", whole) and "\n" not in text.strip():
        return [whole]
    parts = split(text)
    codes = [compact(part) for part in parts]
    if "\n" in text.strip():
        return codes
    if len(parts) == 1:
        return codes if len(codes[0]) >= 4 else None
    return codes if all(_CODE.fullmatch(code) for code in codes) else None


def lines(text: str) -> list[str]:
    """The lines of a pasted list: a SKU may hold blanks."""
    return list(dict.fromkeys(filter(None, (line.strip() for line in text.splitlines()))))


def following(prefix: str) -> str | None:
    """The lowest text of digits and capitals after all that begin with `prefix`, None when there is none.

    A range is answered by an index on both databases, under any collation; LIKE is not.
    """
    for place in range(len(prefix) - 1, -1, -1):
        last = prefix[place]
        if last != "Z":
            return prefix[:place] + ("A" if last == "9" else chr(ord(last) + 1))
    return None
