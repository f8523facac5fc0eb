"""Who carries parcels: names, services, what their tracking numbers look like, and where to follow one.

Carriers change their formats, so a number that does not look right is a question to a person, never a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

OTHER = "Other"
LONGEST = 100  # of a tracking number
_NOT_IN_NUMBERS = re.compile(r"[\s\u200b-\u200f\u2010-\u2015\ufeff\-]+")


@dataclass(frozen=True, slots=True)
class Form:
    """One shape of a carrier's numbers; `fits` looks at the check digit. Only a telling shape names its carrier."""

    shape: str
    fits: Callable[[str], bool] = lambda number: True
    is_telling: bool = False

    def matches(self, number: str) -> bool:
        """Whether the number has this shape, whatever its check digit says."""
        return re.fullmatch(self.shape, number) is not None


@dataclass(frozen=True, slots=True)
class Carrier:
    """A carrier as it is spelled here; `link` has {number}, `looks` says for people what its numbers look like."""

    name: str
    services: tuple[str, ...] = ()
    link: str = ""
    looks: str = ""
    forms: tuple[Form, ...] = ()


def _weighed(digits: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weights[place % len(weights)] for place, digit in enumerate(digits))


def _mod10_from_right(first: int, second: int) -> Callable[[str], bool]:
    """The last digit fills the weighed sum of the others, counted from the right, up to a multiple of ten."""
    return lambda number: (_weighed(number[-2::-1], (first, second)) + int(number[-1])) % 10 == 0


def _ups(number: str) -> bool:
    values = [int(sign) if sign.isdigit() else (ord(sign) - 63) % 10 for sign in number[2:]]
    total = sum(values[:-1:2]) + 2 * sum(values[1:-1:2])
    return (total + values[-1]) % 10 == 0


def _fedex_express(number: str) -> bool:
    return _weighed(number[:-1], (3, 1, 7)) % 11 % 10 == int(number[-1])


def _postal(number: str) -> bool:
    """The check digit of the Universal Postal Union's S10, eight digits between two pairs of letters."""
    check = 11 - _weighed(number[2:10], (8, 6, 4, 2, 3, 5, 9, 7)) % 11
    return {10: 0, 11: 5}.get(check, check) == int(number[10])


def _mod7(number: str) -> bool:
    return int(number[:-1]) % 7 == int(number[-1])


def _ontrac(number: str) -> bool:
    first = {"C": "4", "D": "5"}[number[0]]
    return (_weighed(first + number[1:-1], (1, 2)) + int(number[-1])) % 10 == 0


_usps = _ground = _mod10_from_right(3, 1)


def _s10(country: str) -> Form:
    return Form(rf"[A-Z]{{2}}\d{{9}}{country}", _postal, is_telling=True)


CARRIERS: tuple[Carrier, ...] = (
    Carrier(
        "USPS",
        ("Ground Advantage", "Priority Mail", "Priority Mail Express", "First Class", "Media Mail"),
        "https://tools.usps.com/go/TrackConfirmAction?tLabels={number}",
        "20 or 22 digits (often beginning with 9), or two letters, nine digits and US",
        (
            # With or without the 420 and the ZIP code that scanners put in front.
            Form(r"(420\d{5}(\d{4})?)?9[1-5]\d{20}", lambda number: _usps(number[-22:]), is_telling=True),
            Form(r"9[1-5]\d{24}", _usps, is_telling=True),
            Form(r"[07]\d{19}", _usps, is_telling=True),
            Form(r"\d{20}", _usps),
            _s10("US"),
        ),
    ),
    Carrier(
        "UPS",
        ("Ground", "2nd Day Air", "Next Day", "Standard", "Express", "Express Saver", "3 Day Select"),
        "https://www.ups.com/track?tracknum={number}",
        "1Z and 16 letters and digits",
        (Form(r"1Z[0-9A-Z]{15}\d", _ups, is_telling=True),),
    ),
    Carrier(
        "FedEx",
        ("Ground", "Home Delivery", "2Day", "Overnight", "Express", "International"),
        "https://www.fedex.com/fedextrack/?trknbr={number}",
        "12, 15, 20, 22 or 34 digits",
        (
            Form(r"\d{12}", _fedex_express, is_telling=True),
            Form(r"\d{15}", _ground, is_telling=True),
            Form(r"96\d{20}", lambda number: _ground(number[-15:]), is_telling=True),
            Form(r"61\d{18}", lambda number: _usps("92" + number), is_telling=True),
            Form(r"92\d{20}", _usps),
            Form(r"(96|10)\d{32}", lambda number: _weighed(number[-14:-1], (1, 7, 3)) % 11 % 10 == int(number[-1])),
        ),
    ),
    Carrier(
        "DHL Express",
        ("Worldwide", "Domestic"),
        "https://www.dhl.com/en/express/tracking.html?AWB={number}",
        "10 or 11 digits, or J, two or three letters and about ten digits",
        (Form(r"\d{10,11}", _mod7, is_telling=True), Form(r"J[A-Z]{2,3}\d{9,18}", is_telling=True)),
    ),
    Carrier(
        "DHL",
        ("Parcel", "eCommerce"),
        "https://www.dhl.com/global-en/home/tracking.html?tracking-id={number}",
        "10 to 39 letters and digits",
        (Form(r"[A-Z]{0,4}\d{9,39}[A-Z]{0,2}"),),
    ),
    Carrier(
        "OnTrac",
        ("Ground", "Sunrise"),
        "https://www.ontrac.com/tracking/?number={number}",
        "C or D and 14 digits, or 1LS and letters and digits",
        (Form(r"[CD]\d{14}", _ontrac, is_telling=True), Form(r"1LS[0-9A-Z]{10,20}", is_telling=True)),
    ),
    Carrier(
        "Royal Mail",
        ("Tracked 24", "Tracked 48", "Special Delivery", "International Tracked"),
        "https://www.royalmail.com/track-your-item#/tracking-results/{number}",
        "two letters, nine digits and GB, or 16 to 21 letters and digits",
        (_s10("GB"), Form(r"[0-9A-Z]{16,21}")),
    ),
    Carrier(
        "Parcelforce",
        ("Express 24", "Express 48"),
        "https://www.parcelforce.com/track-trace?trackNumber={number}",
        "two letters and seven digits, or two letters, nine digits and GB",
        (Form(r"[A-Z]{2}\d{7}"), Form(r"[A-Z]{2}\d{9}GB", _postal)),
    ),
    Carrier(
        "DPD",
        ("Classic", "Express", "International"),
        "https://tracking.dpd.de/status/en_US/parcel/{number}",
        "14 digits, with or without one more letter or digit, or 10 digits",
        (Form(r"\d{14}[0-9A-Z]?"), Form(r"\d{10}"), Form(r"\d{27}[0-9A-Z]", is_telling=True)),
    ),
    Carrier(
        "GLS",
        ("Business Parcel", "Express"),
        "https://gls-group.com/track/{number}",
        "8 letters and digits, or 11 or 12 digits",
        (Form(r"\d{11,12}"), Form(r"[0-9A-Z]{8}")),
    ),
    Carrier(
        "Colissimo",
        ("Domicile", "Point retrait", "International"),
        "https://www.laposte.fr/outils/suivre-vos-envois?code={number}",
        "a digit, a letter and 11 digits, or two letters, nine digits and FR",
        (Form(r"\d[A-Z]\d{11}", is_telling=True), _s10("FR")),
    ),
    Carrier(
        "Chronopost",
        ("Chrono 13", "Express"),
        "https://www.chronopost.fr/tracking-no-cms/suivi-page?listeNumerosLT={number}",
        "two letters, nine digits and two letters, or 13 to 15 letters and digits",
        (Form(r"[0-9A-Z]{13,15}"),),
    ),
    Carrier(
        "Canada Post",
        ("Expedited Parcel", "Xpresspost", "Priority"),
        "https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor={number}",
        "16 digits, or two letters, nine digits and CA",
        (Form(r"\d{16}", _mod10_from_right(3, 1), is_telling=True), _s10("CA")),
    ),
    Carrier(
        "Purolator",
        ("Ground", "Express"),
        "https://www.purolator.com/en/shipping/tracker?pin={number}",
        "12 digits, or three letters and nine digits",
        (Form(r"\d{12}"), Form(r"[A-Z]{3}\d{9}", is_telling=True)),
    ),
    Carrier(
        "Australia Post",
        ("Parcel Post", "Express Post"),
        "https://auspost.com.au/mypost/track/#/details/{number}",
        "10 to 23 letters and digits, or two letters, nine digits and AU",
        (_s10("AU"), Form(r"[0-9A-Z]{10,23}")),
    ),
    Carrier(OTHER),
)
_BY_NAME = {carrier.name: carrier for carrier in CARRIERS}


def names() -> list[str]:
    """The carriers to choose from, in the order of the list."""
    return [carrier.name for carrier in CARRIERS]


def known(name: str) -> Carrier | None:
    """The carrier of this name, however its capitals are typed."""
    wanted = name.strip().casefold()
    return next((carrier for carrier in CARRIERS if carrier.name.casefold() == wanted), None)


def clean(number: str) -> str:
    """A tracking number as carriers print it for machines: capitals without blanks and dashes."""
    return _NOT_IN_NUMBERS.sub("", number).upper()


def guess(tracking: str) -> str:
    """The name of the carrier whose number this can only be, "" when none or several could be."""
    number = clean(tracking)
    if not number.isascii():
        return ""
    found = [
        carrier.name
        for carrier in CARRIERS
        if any(form.is_telling and form.matches(number) and form.fits(number) for form in carrier.forms)
    ]
    return found[0] if len(found) == 1 else ""


def check(carrier: str, tracking: str) -> str:
    """What is odd about a number of this carrier, as a sentence; "" when nothing is."""
    number, found = clean(tracking), _BY_NAME.get(carrier)
    if not number or found is None or not found.forms:
        return ""
    forms = [form for form in found.forms if number.isascii() and form.matches(number)]
    if any(form.fits(number) for form in forms):
        return ""
    if forms:
        return f"{number} has the form of a {found.name} number, but its check digit does not fit: compare the label."
    return f"{number} does not look like a number of {found.name}, which has {found.looks}.{_rather(number, carrier)}"


def _rather(number: str, carrier: str) -> str:
    other = guess(number)
    return f" It looks like one of {other}." if other and other != carrier else ""


def tracking_link(carrier: str, number: str) -> str:
    """Where to follow this parcel, "" when the carrier has no such page here."""
    found = _BY_NAME.get(carrier)
    return found.link.format(number=quote(clean(number), safe="")) if found and found.link and clean(number) else ""


def is_link(url: str) -> bool:
    """Whether this is an address a page may link to."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)
