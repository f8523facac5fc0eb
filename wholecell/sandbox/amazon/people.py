"""Invented customers: where orders go, in the documents' CustomerAddress."""

from __future__ import annotations


def _address(name: str, street: str, more: str, city: str, state: str, code: str) -> dict[str, str]:
    address = {
        "name": name,
        "addressLine1": street,
        "addressLine2": more,
        "city": city,
        "stateOrRegion": state,
        "postalCode": code,
        "countryCode": "US",
        "phone": "+1 555-555-0142",
        "addressType": "RESIDENTIAL",
    }
    return {key: value for key, value in address.items() if value}


#: What only an application with the role for addresses gets to see.
PERSONAL = ("name", "companyName", "addressLine1", "addressLine2", "addressLine3", "phone")
FIELDS = (*PERSONAL, "city", "districtOrCounty", "stateOrRegion", "municipality", "postalCode", "countryCode")

ADDRESSES = (
    _address("Nora Whitfield", "18 Birch Terrace", "", "Columbus", "OH", "43215"),
    _address("Samuel Okoro", "2207 Lakeview Avenue", "Apt 5C", "Chicago", "IL", "60614"),
    _address("Lucía Peña", "640 Cactus Road", "", "Phoenix", "AZ", "85016"),
    _address("Ben O'Hara", "3 Chapel Street", "Floor 2", "Boston", "MA", "02108"),
    _address("Grace Tanaka", "915 Pine Hill Drive", "", "Seattle", "WA", "98109-4301"),
)
