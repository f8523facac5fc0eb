"""A SKU made from what the variation is: iPhone 11 64GB Black Unlocked A gives IP11-UNL-64-BK-A."""

from __future__ import annotations

import re

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import Grade, Product, ProductVariation

_NETWORKS = {"unlocked": "UNL", "at&t": "ATT", "t-mobile": "TMO", "verizon": "VZW", "sprint": "SPR", "cricket": "CRK"}
_COLORS = {
    "black": "BK",
    "blue": "BL",
    "bronze": "BZ",
    "gold": "GD",
    "graphite": "GR",
    "gray": "GY",
    "green": "GN",
    "midnight": "MN",
    "navy": "NV",
    "pink": "PK",
    "purple": "PU",
    "red": "RD",
    "silver": "SV",
    "starlight": "ST",
    "white": "WH",
    "yellow": "YL",
}
_PHRASES = {"rose gold": "RG", "space gray": "SG", "product red": "RD", "(product)red": "RD"}
_RADIO = {"5g", "4g", "lte"}  # says nothing that the model's name does not
_WORD = re.compile(r"[A-Za-z]+|[0-9]+")


def suggest(variation_id: int) -> str | None:
    """A SKU for this variation that no other one has; None when the variation is gone."""
    query = (
        sa.select(Product, Grade.name, ProductVariation.condition_codes)
        .join(ProductVariation, ProductVariation.product_id == Product.id)
        .join(Grade, Grade.id == ProductVariation.grade_id)
        .where(ProductVariation.id == variation_id)
    )
    if (row := db.session.execute(query).first()) is None:
        return None
    product, grade, codes = row
    sku = compose(product.manufacturer, product.model, product.network, product.capacity, product.color, grade, codes)
    return _free(sku, variation_id)


def compose(
    manufacturer: str, model: str, network: str, capacity: str, color: str, grade: str, condition_codes: str
) -> str:
    """The SKU from the attributes, whether or not somebody has it."""
    parts = (
        model_code(manufacturer, model),
        network_code(network),
        capacity_code(capacity),
        color_code(color),
        re.sub(r"\s+", "", grade).upper(),
        *condition_codes.split("+"),
    )
    return "-".join(filter(None, parts))[:110]


def model_code(manufacturer: str, model: str) -> str:
    """IP13P for iPhone 13 Pro, SGS20FE for Samsung's Galaxy S20 FE, GP7 for Google's Pixel 7."""
    words = [word for word in re.sub(r"\b(\d+)(st|nd|rd|th)\b(\s+gen)?", r"\1", model).split() if word.strip("()")]
    code = "".join(_short(word) for word in words if word.lower() not in _RADIO)
    is_apple = manufacturer.lower() == "apple" or model.lower().startswith(manufacturer.lower())
    return code if is_apple else manufacturer[:1].upper() + code


def _short(word: str) -> str:
    """The core of one word: its numbers whole, short capitals whole (SE, XR), of other words the capitals."""
    core = []
    for part in _WORD.findall(word):
        if part.isdigit() or (part.isupper() and len(part) <= 3):
            core.append(part)
        else:  # iPhone: the small first letter and the capital
            core.append("".join(letter for at, letter in enumerate(part) if at == 0 or letter.isupper()).upper())
    return "".join(core)


def network_code(network: str) -> str:
    """UNL for Unlocked; for one we do not know its first three letters."""
    known = _NETWORKS.get(network.lower())
    return known or "".join(filter(str.isalnum, network)).upper()[:3]


def capacity_code(capacity: str) -> str:
    """64 for 64GB, 1T for 1TB; other words by their letters."""
    if size := re.fullmatch(r"(\d+)\s*([GT])B", capacity.strip(), re.IGNORECASE):
        return size[1] + ("T" if size[2].upper() == "T" else "")
    return "" if capacity.lower() == "unknown" else "".join(filter(str.isalnum, capacity)).upper()[:6]


def color_code(color: str) -> str:
    """BK for Black, NV for Cloud Navy; for one we do not know the first two letters of its last word."""
    low = color.lower().strip()
    if low in ("unknown", ""):
        return ""
    last = low.split()[-1].strip("()")
    return _PHRASES.get(low) or _COLORS.get(last.replace("grey", "gray")) or last[:2].upper()


def _free(sku: str, variation_id: int) -> str:
    """The SKU, or with -2, -3 ... behind it: the first that no other variation has."""
    begins = ProductVariation.sku.startswith(sku, autoescape=True)
    query = sa.select(ProductVariation.sku).where(begins, ProductVariation.id != variation_id)
    taken = set(db.session.scalars(query))
    if sku not in taken:
        return sku
    number = 2
    while f"{sku}-{number}" in taken:
        number += 1
    return f"{sku}-{number}"
