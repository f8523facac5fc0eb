"""Carrier codes that Amazon knows, to the letter; any other carrier goes as "Other" with its name."""

from __future__ import annotations

OTHER = "Other"
CARRIERS = frozenset(
    """
4PX
AAA Cooper
ABF
Amazon Shipping
Aramex
Asendia
Australia Post
Blue Package
Canada Post
Canpar
CEVA
China Post
CNE Express
Conway
DHL
DHL eCommerce
DHL Global Mail
DPD
Estes
Fastway
FedEx
FedEx Freight
FedEx SmartPost
First Mile
GLS
Hermes
Landmark
LaserShip
Lasership
Newgistics
Old Dominion
OnTrac
Parcelforce
Pilot
Pitney Bowes
Purolator
R+L
Royal Mail
SAIA
Seko
SF Express
Singapore Post
SmartPost
Streamlite
Target
TNT
UPS
UPS Freight
UPS Mail Innovations
UPSMI
USPS
WanB Express
XPO
XPO Freight
Yanwen
YunExpress
Yun Express
Other
""".strip().splitlines()
)
