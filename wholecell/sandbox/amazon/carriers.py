"""Carrier codes that Amazon knows, to the letter; any other carrier goes as "Other" with its name.

The codes are those of the old order fulfillment feed: the documents of the API name none.
"""

from __future__ import annotations

OTHER = "Other"
CARRIERS = frozenset(
    """
Aramex
Blue Package
BlueDart
Canada Post
Chronopost
City Link
Delhivery
Deutsche Post
DHL
DHL Global Mail
DPD
DTDC
Fastway
FedEx
FedEx SmartPost
First Flight
GLS
GO!
Hermes Logistik Gruppe
India Post
La Poste
Lasership
Newgistics
NipponExpress
OnTrac
OSM
Overnite Express
Parcelforce
Poste Italiane
Royal Mail
SagawaExpress
SDA
Streamlite
Target
TNT
UPS
UPS Mail Innovations
UPSMI
USPS
YamatoTransport
""".strip().splitlines()
)
