"""Which customers are likely the same person or company, under two spellings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import sqlalchemy as sa
from rapidfuzz import fuzz

from wholecell.db import db
from wholecell.models import Customer

ALIKE = 90  # of 100
NEIGHBORS = 6  # names are put in order, and each is compared with so many behind it
MOST_PAIRS = 100
MOST_LOOKED_AT = 2000  # around one customer
MARKS = re.compile(r"[^\w\s]")


@dataclass(frozen=True, slots=True)
class Known:
    """A customer as two are compared."""

    id: int
    name: str
    name_key: str
    email: str
    phone: str

    @property
    def words(self) -> str:
        """The name without accents and marks, its words in order: Smith, John is John Smith."""
        plain = unicodedata.normalize("NFKD", self.name_key)
        letters = "".join(each for each in plain if not unicodedata.combining(each))
        return " ".join(sorted(MARKS.sub(" ", letters).split()))

    @property
    def digits(self) -> str:
        """The phone number's last nine digits: the country may be written or not."""
        digits = re.sub(r"\D", "", self.phone)[-9:]
        return digits if len(digits) >= 7 else ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two customers that are likely one, and why."""

    one: Known
    other: Known
    why: str


def pairs() -> list[Pair]:
    """The first likely pairs of all customers; one that stands for a channel is nobody's double. One query."""
    everybody = [*_everybody()]
    found: dict[tuple[int, int], Pair] = {}
    for pair in _pairs(everybody):
        found.setdefault((min(pair.one.id, pair.other.id), max(pair.one.id, pair.other.id)), pair)
        if len(found) == MOST_PAIRS:
            break
    return list(found.values())


def _everybody(*conditions: sa.ColumnElement[bool]) -> Iterator[Known]:
    query = sa.select(Customer.id, Customer.name, Customer.name_key, Customer.email, Customer.phone)
    rows = db.session.execute(query.where(Customer.is_channel.is_(False), *conditions))
    return (Known(*row) for row in rows)


def _pairs(everybody: list[Known]) -> Iterator[Pair]:
    for why, keys in (
        ("same e-mail", [each.email.casefold() for each in everybody]),
        ("same phone number", [each.digits for each in everybody]),
    ):
        first: dict[str, Known] = {}
        for key, each in zip(keys, everybody, strict=True):
            if key and first.setdefault(key, each) is not each:
                yield Pair(first[key], each, why)
    # Alike names stand near each other once they are in order, so not everybody is compared with everybody.
    ordered = sorted((each.words, each.id, each) for each in everybody)
    for place, (words, _, each) in enumerate(ordered):
        for others, _, other in islice(ordered, place + 1, place + NEIGHBORS):
            if fuzz.ratio(words, others, score_cutoff=ALIKE):
                yield Pair(each, other, _why(words, others))


def _why(words: str, others: str) -> str:
    return "same name" if words == others else "nearly the same name"


def doubles_of(customer_id: int) -> list[Pair]:
    """Who may be this customer as well, likeliest first. Two queries."""
    own = next(_everybody(Customer.id == customer_id), None)
    if own is None:
        return []
    others = islice(_everybody(Customer.id != customer_id, sa.or_(*_near(own))), MOST_LOOKED_AT)
    found = sorted(_alike(own, others), key=lambda scored: -scored[0])
    return [pair for _, pair in found[:10]]


def _near(own: Known) -> Iterator[sa.ColumnElement[bool]]:
    """What a double has in common with them: the beginning of a word, the e-mail or the phone number."""
    if own.email:
        yield sa.func.lower(Customer.email) == own.email.lower()
    if own.phone:
        yield Customer.phone == own.phone
    for word in own.name_key.split()[:4]:
        yield Customer.name_key.contains(word[:4], autoescape=True)


def _alike(own: Known, others: Iterable[Known]) -> Iterator[tuple[float, Pair]]:
    for other in others:
        if own.email and own.email.casefold() == other.email.casefold():
            yield 102, Pair(own, other, "same e-mail")
        elif own.digits and own.digits == other.digits:
            yield 101, Pair(own, other, "same phone number")
        elif score := fuzz.ratio(own.words, other.words, score_cutoff=ALIKE):
            yield score, Pair(own, other, _why(own.words, other.words))
