"""Carriers and services: V1 says codes, a ship notice says names."""

from __future__ import annotations

from typing import NamedTuple


class Carrier(NamedTuple):
    """Its name, and code -> name of its services."""

    name: str
    services: dict[str, str]


CARRIERS = {
    "stamps_com": Carrier(
        "USPS",
        {
            "usps_priority_mail": "Priority Mail",
            "usps_ground_advantage": "Ground Advantage",
            "usps_first_class_mail": "First Class Mail",
        },
    ),
    "ups": Carrier("UPS", {"ups_ground": "UPS Ground", "ups_2nd_day_air": "UPS 2nd Day Air"}),
    "fedex": Carrier("FedEx", {"fedex_ground": "FedEx Ground", "fedex_2day": "FedEx 2Day"}),
    "dhl_express": Carrier("DHL Express", {"dhl_express_worldwide": "Express Worldwide"}),
}


def names(carrier: str, service: str) -> tuple[str, str]:
    """Carrier and service as a notice writes them; codes that are not known as they are."""
    known = CARRIERS.get(carrier)
    return (known.name, known.services.get(service, service)) if known else (carrier, service)
