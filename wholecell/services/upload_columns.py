"""Which column of a file is which of our fields."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz, process

from wholecell.services.refusal import Refusal
from wholecell.services.upload_kinds import Field

_LIKE = 84  # of 100: "Manufactuer" is Manufacturer, "Model" is not Modem
_PUNCTUATION = re.compile(r"[\W_]+")


def match_columns(fields: Sequence[Field], header: Sequence[str]) -> dict[str, int]:
    """Field -> index of its column: by name first, then by likeness; a column serves one field."""
    names = [_plain(name) for name in header]
    mapping: dict[str, int] = {}
    for each in fields:
        for name in _names(each):
            if name in names and names.index(name) not in mapping.values():
                mapping[each.key] = names.index(name)
                break
    for each in fields:
        if each.key in mapping:
            continue
        free = {index: name for index, name in enumerate(names) if name and index not in mapping.values()}
        found = [process.extractOne(name, free, scorer=fuzz.ratio, score_cutoff=_LIKE) for name in _names(each)]
        best = max(filter(None, found), key=lambda match: match[1], default=None)
        if best:
            mapping[each.key] = best[2]
    return mapping


def check_mapping(fields: Sequence[Field], header: Sequence[str], mapping: Mapping[str, int]) -> None:
    """Raise Refusal when a field is unknown, a column is not in the file, or one column is to be two fields."""
    labels = {each.key: each.label for each in fields}
    taken: dict[int, str] = {}
    for key, index in mapping.items():
        if key not in labels or not 0 <= index < len(header):
            raise Refusal("A column chosen is not in this file: choose again.")
        if index in taken:
            raise Refusal(
                f"“{header[index]}” is chosen for both {labels[taken[index]]} and {labels[key]}: choose one of them."
            )
        taken[index] = key


def _names(field: Field) -> list[str]:
    return [_plain(name) for name in (field.key, field.label, *field.aliases)]


def _plain(name: str) -> str:
    return _PUNCTUATION.sub("", name.casefold())
