"""Invented customers."""

from __future__ import annotations


def _person(name: str, line1: str, line2: str, city: str, state: str, code: str) -> dict[str, str]:
    place = {"line1": line1, "line2": line2, "city": city, "state": state, "postal_code": code}
    return {"name": name, "company": "", **place, "country": "US", "phone": "+15555550173"}


PEOPLE = (
    (_person("Noor Haddad", "18 Orchard Row", "", "Dayton", "OH", "45402"), "noor@buyers.example"),
    (_person("Casper Lund", "640 Pine Street", "Apt 9", "Boise", "ID", "83702"), "casper@buyers.example"),
    (_person("Renée Duval", "5 Canal Walk", "", "Lowell", "MA", "01852"), "renee@buyers.example"),
    (_person("Tomás O'Shea", "2210 Alder Way", "Unit 4", "Eugene", "OR", "97401"), "tomas@buyers.example"),
)
