"""Which armed listings a catalog sheet would leave without any variation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import Integration, Listing, ListingSku, ListingVariation, ProductVariation
from wholecell.services.bulk import chunks
from wholecell.services.connections import reached_by_sku
from wholecell.services.upload_kinds import Planned

_MOST_NAMED = 20


def losses(planned: Iterable[Planned]) -> list[str]:
    """A sentence for each listing of an armed integration that would no longer be followed."""
    moves = {
        each.target_id: each.plan["sku"]
        for each in planned
        if each.outcome == "changed" and each.target_id is not None and "sku" in each.plan
    }
    gained = {each.plan["sku"] for each in planned if each.outcome == "new"} | {new for _old, new in moves.values()}
    listings = _reached(sorted({old for old, _new in moves.values() if old}))
    skus = _skus_of(listings)
    texts = {sku for each in skus.values() for sku in each}
    held = _holders(texts)
    empty = {sku for sku in texts if sku not in gained and held[sku] <= moves.keys()}
    lost = [row for key, row in listings.items() if skus[key] <= empty]
    sentences = [_sentence(row) for row in lost[:_MOST_NAMED]]
    if len(lost) > _MOST_NAMED:
        sentences.append(f"{len(lost) - _MOST_NAMED} more listings would no longer be followed.")
    return sentences


def _sentence(row: Any) -> str:
    still = "" if row.last_offered is None else f" and would go on offering {row.last_offered}"
    return f"“{row.title}” on {row.name} would no longer be followed{still}: no variation would have its SKU."


def _reached(skus: Sequence[str]) -> dict[int, Any]:
    """The living listings of armed integrations that these SKUs connect, chosen variations aside."""
    found: dict[int, Any] = {}
    for chunk in chunks(skus):
        query = (
            sa.select(Listing.id, Listing.title, Integration.name, Listing.last_offered, Listing.sku)
            .join(Integration, Integration.id == Listing.integration_id)
            .where(
                Listing.id.in_(reached_by_sku(chunk)),
                Integration.armed_at.is_not(None),
                Listing.state != "ended",
                ~sa.exists().where(ListingVariation.listing_id == Listing.id),
            )
            .order_by(Listing.title, Listing.id)
        )
        for row in db.session.execute(query):
            found[row.id] = row
    return found


def _skus_of(listings: Mapping[int, Any]) -> dict[int, set[str]]:
    """The SKUs each listing goes by: those chosen by hand, else the channel's own."""
    chosen: dict[int, set[str]] = defaultdict(set)
    for chunk in chunks(sorted(listings)):
        query = sa.select(ListingSku.listing_id, ListingSku.sku).where(ListingSku.listing_id.in_(chunk))
        for key, sku in db.session.execute(query):
            chosen[key].add(sku)
    return {key: chosen.get(key) or {row.sku} for key, row in listings.items()}


def _holders(skus: Iterable[str]) -> dict[str, set[int]]:
    held: dict[str, set[int]] = defaultdict(set)
    for chunk in chunks(sorted(skus)):
        query = sa.select(ProductVariation.sku, ProductVariation.id).where(ProductVariation.sku.in_(chunk))
        for sku, key in db.session.execute(query):
            held[str(sku)].add(key)
    return held
