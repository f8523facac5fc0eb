"""Text cells of exports, safe to open in a spreadsheet: a cell that would run as a formula gets one quote."""

from __future__ import annotations

import re

# Quotes in front count too, so that a text which itself begins "'=" comes back unchanged.
_RISKY = re.compile(r"'*[=+\-@\t\r]")


def quote(text: str) -> str:
    """The text as an export writes it: one ' before = + - @ TAB CR at the beginning."""
    return f"'{text}" if _RISKY.match(text) else text


def unquote(text: str) -> str:
    """What `quote` was given: takes off exactly the one quote it adds."""
    return text[1:] if text.startswith("'") and _RISKY.match(text[1:]) else text
