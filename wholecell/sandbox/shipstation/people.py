"""Invented customers of the other stores."""

from __future__ import annotations

from typing import Any


def blank_address() -> dict[str, Any]:
    """V1's address with nothing in it."""
    names = ("name", "company", "street1", "street2", "street3", "city", "state", "postalCode", "country", "phone")
    return dict.fromkeys((*names, "residential", "addressVerified"))


def _person(name: str, street1: str, street2: str, city: str, state: str, code: str, country: str) -> dict[str, Any]:
    place = {"street1": street1, "street2": street2, "city": city, "state": state, "postalCode": code}
    told = {"name": name, "company": "", **place, "country": country, "phone": "555-555-0118", "residential": True}
    return blank_address() | told


PEOPLE = (
    (_person("Ines Castellan", "77 Foundry Lane", "", "Duluth", "MN", "55802", "US"), "ines@buyers.example"),
    (_person("Björn Aalto", "1204 Larch Avenue", "Suite 3", "Bend", "OR", "97701", "US"), "bjorn@buyers.example"),
    (_person("Grace O'Malley", "9 Quay Court", "", "Halifax", "NS", "B3H 1A1", "CA"), "grace@buyers.example"),
    (_person("Đỗ Minh", "330 Cedar Bluff Rd", "Apt 12", "Knoxville", "TN", "37923", "US"), "minh@buyers.example"),
)
