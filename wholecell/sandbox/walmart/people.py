"""Invented customers."""

from __future__ import annotations


def _address(name: str, street: str, more: str, city: str, state: str, code: str) -> dict[str, str]:
    address = {
        "name": name,
        "address1": street,
        "address2": more,
        "city": city,
        "state": state,
        "postalCode": code,
        "country": "USA",
        "addressType": "RESIDENTIAL",
        "phone": "5555550142",
    }
    return {field: value for field, value in address.items() if value}


ADDRESSES = (
    _address("Ines Haldane", "18 Lantern Row", "", "Asheville", "NC", "28801"),
    _address("Walter Okoye", "4410 Juniper Court", "Apt 2", "Boise", "ID", "83702"),
    _address("Lucía Peña", "77 Old Ferry Road", "", "Providence", "RI", "02903"),
    _address("Dana O'Keefe", "3 Windmill Way", "Suite 9", "Fargo", "ND", "58102"),
    _address("Ravi Menon", "920 Plaza Street", "", "Tucson", "AZ", "85701"),
)
FIELDS = ("name", "address1", "address2", "city", "state", "postalCode", "country", "addressType", "phone")


def relay(order: int) -> str:
    """A customer's e-mail, which Walmart passes on."""
    return f"{order:032X}@relay.walmart.example"
