"""Invented buyers, and the hub of eBay's international shipping."""

from __future__ import annotations

from typing import Any


def _person(name: str, street: str, more: str, city: str, state: str, code: str, phone: str) -> dict[str, Any]:
    address = {"addressLine1": street, "addressLine2": more, "city": city, "stateOrProvince": state}
    kept = {field: value for field, value in address.items() if value}
    return {"name": name, "phone": phone, "address": kept | {"postalCode": code, "countryCode": "US"}}


PEOPLE = (
    _person("Marta Quillfeather", "12 Orchard Lane", "", "Duluth", "MN", "55802", "2185550117"),
    _person("Theo Brandvold", "905 Harbor Street", "Unit 3", "Savannah", "GA", "31401", "9125550164"),
    _person("Noémie Castaign", "41 Copper Hill", "", "Taos", "NM", "87571", "5755550133"),
    _person("Joel D'Amico", "2200 Birch Avenue", "Floor 2", "Erie", "PA", "16501", "8145550128"),
    _person("Keiko Alvarado", "7 Pier Road", "", "Astoria", "OR", "97103", "5035550181"),
)
#: Where parcels for abroad are handed over, and whom they are for in the end.
HUB: dict[str, Any] = {
    "name": "Ines Fairweather",
    "phone": "8595550100",
    "address": {
        "addressLine1": "1850 Airport Exchange Boulevard",
        "addressLine2": "Suite 200",
        "city": "Erlanger",
        "stateOrProvince": "KY",
        "postalCode": "41025",
        "countryCode": "US",
    },
}
ABROAD = {"addressLine1": "8 Rue des Tilleuls", "city": "Lyon", "postalCode": "69003", "countryCode": "FR"}
