"""The products of the demo shop: what a small seller of used phones has on the shelf."""

from __future__ import annotations

from dataclasses import dataclass

from wholecell.services.catalog import ProductFields


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """A product, how its SKUs begin, the first eight digits of its IMEIs, and what grade A costs in dollars."""

    stem: str
    fields: ProductFields
    tac: str
    dollars: int

    @property
    def title(self) -> str:
        """As a marketplace writes it: iPhone 11 64GB - Black - Unlocked."""
        return f"{self.fields.model} {self.fields.capacity} - {self.fields.color} - {self.fields.network}"


# SKU stem | model | variant | network | capacity | color | first IMEI digits | dollars
_APPLE = """
IP8-UNL-64-GY | iPhone 8 | A1863 | Unlocked | 64GB | Space Gray | 35670209 | 84
IPXR-UNL-64-BK | iPhone XR | A1984 | Unlocked | 64GB | Black | 35736409 | 128
IPXR-UNL-128-RD | iPhone XR | A1984 | Unlocked | 128GB | Red | 35736409 | 141
IP11-UNL-64-BK | iPhone 11 | A2111 | Unlocked | 64GB | Black | 35328011 | 176
IP11-UNL-64-WH | iPhone 11 | A2111 | Unlocked | 64GB | White | 35328011 | 174
IP11-VZW-128-PU | iPhone 11 | A2111 | Verizon | 128GB | Purple | 35328011 | 181
IP12-UNL-64-BL | iPhone 12 | A2172 | Unlocked | 64GB | Blue | 35107715 | 228
IP12-UNL-128-BK | iPhone 12 | A2172 | Unlocked | 128GB | Black | 35107715 | 246
IP12M-ATT-64-GR | iPhone 12 mini | A2176 | AT&T | 64GB | Green | 35304811 | 184
IP13-UNL-128-MN | iPhone 13 | A2482 | Unlocked | 128GB | Midnight | 35004123 | 322
IP13-UNL-256-PK | iPhone 13 | A2482 | Unlocked | 256GB | Pink | 35004123 | 351
IP13P-UNL-256-SB | iPhone 13 Pro | A2483 | Unlocked | 256GB | Sierra Blue | 35186712 | 438
IP14-UNL-128-ST | iPhone 14 | A2649 | Unlocked | 128GB | Starlight | 35892014 | 411
IP14P-TMO-256-DP | iPhone 14 Pro | A2650 | T-Mobile | 256GB | Deep Purple | 35061845 | 548
IP15-UNL-128-BK | iPhone 15 | A2846 | Unlocked | 128GB | Black | 35512378 | 536
IPSE3-UNL-64-MN | iPhone SE 2022 | A2595 | Unlocked | 64GB | Midnight | 35475618 | 139
IPD9-CEL-64-GY | iPad 9 | A2604 | Unlocked | 64GB | Space Gray | 35420677 | 212
IPDA5-CEL-64-BL | iPad Air 5 | A2589 | Unlocked | 64GB | Blue | 35901334 | 368
IPDM6-CEL-64-PU | iPad mini 6 | A2568 | Unlocked | 64GB | Purple | 35260918 | 331
IPDP11-CEL-128-SL | iPad Pro 11 | A2301 | Unlocked | 128GB | Silver | 35118290 | 527
AWSE-CEL-32-MN | Watch SE 44mm | A2355 | Unlocked | 32GB | Midnight | 35561712 | 118
AW7-CEL-32-GR | Watch Series 7 45mm | A2477 | Unlocked | 32GB | Green | 35774201 | 171
AW8-CEL-32-ST | Watch Series 8 41mm | A2772 | Unlocked | 32GB | Starlight | 35870055 | 206
AWU-CEL-32-TI | Watch Ultra 49mm | A2622 | Unlocked | 32GB | Titanium | 35945508 | 402
"""
_SAMSUNG = """
GS10-UNL-128-BK | Galaxy S10 | SM-G973U | Unlocked | 128GB | Prism Black | 35299010 | 112
GS20-UNL-128-NV | Galaxy S20 FE | SM-G781U | Unlocked | 128GB | Cloud Navy | 35410611 | 148
GS21-UNL-128-PV | Galaxy S21 | SM-G991U | Unlocked | 128GB | Phantom Violet | 35183112 | 204
GS21U-UNL-256-BK | Galaxy S21 Ultra | SM-G998U | Unlocked | 256GB | Phantom Black | 35694813 | 318
GS22-UNL-128-GR | Galaxy S22 | SM-S901U | Unlocked | 128GB | Green | 35276516 | 286
GS22-VZW-128-BK | Galaxy S22 | SM-S901U | Verizon | 128GB | Phantom Black | 35276516 | 271
GS23-UNL-256-CR | Galaxy S23 | SM-S911U | Unlocked | 256GB | Cream | 35849317 | 394
GA53-UNL-128-BL | Galaxy A53 | SM-A536U | Unlocked | 128GB | Awesome Blue | 35607718 | 132
GN20-UNL-128-BZ | Galaxy Note20 | SM-N981U | Unlocked | 128GB | Mystic Bronze | 35102611 | 249
GZF4-UNL-128-LV | Galaxy Z Flip4 | SM-F721U | Unlocked | 128GB | Bora Purple | 35471299 | 307
"""
_GOOGLE = """
PX5-UNL-128-BK | Pixel 5 | GD1YQ | Unlocked | 128GB | Just Black | 35210311 | 146
PX6-UNL-128-SB | Pixel 6 | GB7N6 | Unlocked | 128GB | Stormy Black | 35877710 | 182
PX6A-UNL-128-SG | Pixel 6a | GX7AS | Unlocked | 128GB | Sage | 35661412 | 154
PX7-UNL-128-LM | Pixel 7 | GVU6C | Unlocked | 128GB | Lemongrass | 35744508 | 243
PX7P-VZW-256-HZ | Pixel 7 Pro | GP4BC | Verizon | 256GB | Hazel | 35503916 | 327
PX8-UNL-128-OB | Pixel 8 | G9BQD | Unlocked | 128GB | Obsidian | 35188127 | 398
"""


def _read(manufacturer: str, table: str) -> list[DemoProduct]:
    products = []
    for line in table.strip().splitlines():
        stem, *names, tac, dollars = (part.strip() for part in line.split("|"))
        products.append(DemoProduct(stem, ProductFields(manufacturer, *names), tac, int(dollars)))
    return products


PRODUCTS = tuple(_read("Apple", _APPLE) + _read("Samsung", _SAMSUNG) + _read("Google", _GOOGLE))
