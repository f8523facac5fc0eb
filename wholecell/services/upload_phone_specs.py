"""Which variation a row of the inventory sheet names: by SKU, or by product, grade and damages."""

from __future__ import annotations

from rapidfuzz import fuzz, process

from wholecell.services.catalog import PRODUCT_COLUMNS
from wholecell.services.refusal import Refusal
from wholecell.services.upload_kinds import Planned, Row
from wholecell.services.upload_specs import SPEC_FIELDS, Catalog, Spec, Variation, read_spec

_NAMING = (*PRODUCT_COLUMNS, "grade")


def read_variation(catalog: Catalog, row: Row, current: Variation | None, planned: Planned) -> Spec | None:
    """The variation the phone is to be. Refuses the row and gives None when its cells do not say which.

    On a row of an export both the SKU and the cells name the old variation; the one edited wins.
    """
    sku = row.get("sku")
    has_cells = any(row.get(name) for name in _NAMING)
    if current is None and not sku and not has_cells:
        planned.refuse("model", "This phone is new: say what it is, by product and grade or by SKU.")
        return None
    by_cells = None
    if has_cells or current is not None:
        by_cells = read_spec(catalog, row, current, planned, is_blank_old=True)
        if by_cells is None:
            return None
        if current is None or by_cells.product != current.product:
            by_cells = by_cells.spelled(catalog)
    if not sku or (current is not None and sku == current.sku):
        return by_cells
    try:
        by_sku = _find_sku(catalog, sku, by_cells)
    except Refusal as refusal:
        planned.refuse("sku", str(refusal))
        return None
    if by_cells is None or by_cells.key == by_sku.key or (current is not None and by_cells.key == current.key):
        return by_sku
    planned.refuse("sku", f"“{sku}” is the SKU of {_shown(catalog, by_sku)}, the other cells say something else.")
    return None


def _find_sku(catalog: Catalog, sku: str, by_cells: Spec | None) -> Spec:
    found = catalog.by_sku.get(sku, [])
    if by_cells is not None and any(each.key == by_cells.key for each in found):
        return by_cells
    if len(found) > 1:
        raise Refusal(f"{len(found)} variations share the SKU “{sku}”: name the phone by product and grade instead.")
    if not found:
        near = process.extractOne(sku, catalog.by_sku, scorer=fuzz.ratio, score_cutoff=80)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise Refusal(
            f"No variation has the SKU “{sku[:60]}”.{hint} Correct it, or name the phone by product and grade."
        )
    return Spec.of(catalog, found[0])


def _shown(catalog: Catalog, spec: Spec) -> str:
    words = spec.words(catalog.grades)
    return " ".join(words[name] for name in SPEC_FIELDS if words[name])
