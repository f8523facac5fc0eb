"""Invented customers."""

from __future__ import annotations


def _address(first: str, last: str, street: str, more: str, code: str, city: str, state: str) -> dict[str, str]:
    return {
        "firstName": first,
        "lastName": last,
        "company": "",
        "street": street,
        "street2": more,
        "postalCode": code,
        "city": city,
        "state": state,
        "country": "US",
        "phoneNumber": "+15555550142",
    }


ADDRESSES = (
    _address("Mara", "Lindqvist", "77 Harbor Lane", "", "04101", "Portland", "Maine"),
    _address("Theo", "Abara", "1202 Cedar Street", "Apt 3B", "55403", "Minneapolis", "Minnesota"),
    _address("Priya", "Raman", "9 Mill Road", "", "78701", "Austin", "Texas"),
    _address("José", "Ibáñez", "310 Mesa Drive", "Unit 12", "87501", "Santa Fe", "New Mexico"),
    _address("Ellen", "O'Dowd", "45 Quarry Hill", "", "05401", "Burlington", "Vermont"),
)
