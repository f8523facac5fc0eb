"""The SKU on a variation: set, kept unique where the account wants that, and what a change would unfollow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from wholecell.db import db, transaction
from wholecell.models import Integration, Listing, ListingSku, ListingVariation, ProductVariation
from wholecell.services import connections, extra_lines, order_matching, recompute, settings
from wholecell.services.bulk import chunks, table, update_each
from wholecell.services.events import Actor, event_row, record_many
from wholecell.services.recompute import Cause
from wholecell.services.refusal import Refusal, StaleEdit
from wholecell.services.variation_names import variation_name, with_names

MOST_CHARACTERS = 120


class SkuTaken(Refusal):
    """SKU uniqueness is on and another variation has the SKU; `sentences` are per variation id."""

    def __init__(self, sentences: Mapping[int, str]) -> None:
        super().__init__(next(iter(sentences.values())))
        self.sentences = dict(sentences)


class SharedSkus(Refusal):
    """SKU uniqueness cannot be switched on; `shared` is how many variations hold each SKU."""

    def __init__(self, shared: Mapping[str, int]) -> None:
        some = ", ".join(f"{sku} ({count} variations)" for sku, count in list(shared.items())[:10])
        more = f" and {len(shared) - 10} more" if len(shared) > 10 else ""
        super().__init__(
            f"SKU uniqueness stays off, because some SKUs are on several variations: {some}{more}. "
            "Give each variation its own SKU in the catalog, then switch it on."
        )
        self.shared = dict(shared)


@dataclass(frozen=True, slots=True)
class LosingListing:
    """An armed listing that a SKU change would leave without any variation."""

    listing_id: int
    title: str
    integration: str
    last_offered: int | None


def clean_sku(text: str | None) -> str | None:
    """Without blanks around it, None when nothing is left. Raises Refusal when it is too long."""
    sku = (text or "").strip()
    if len(sku) > MOST_CHARACTERS:
        raise Refusal(f"A SKU has at most {MOST_CHARACTERS} characters: shorten it.")
    return sku or None


def set_sku(variation_id: int, sku: str | None, actor: Actor, *, version: int | None = None) -> None:
    """Put this SKU on the variation, or none. Raises SkuTaken, and StaleEdit when its version is another by now."""
    with transaction() as session:
        if version is not None and version != session.scalar(
            sa.select(ProductVariation.version).where(ProductVariation.id == variation_id).with_for_update()
        ):
            raise StaleEdit("This variation")
        set_skus(session, actor, {variation_id: sku}, Cause.SKU)


def set_skus(session: Session, actor: Actor, skus: Mapping[int, str | None], cause: Cause) -> None:
    """Put SKUs on many variations, in the caller's transaction; SKUs may change places among them.

    All or nothing: raises SkuTaken with a sentence for each variation that cannot have its SKU.
    """
    wanted = {key: clean_sku(text) for key, text in skus.items()}
    waiting = order_matching.hold_waiting(session, skus=[sku for sku in wanted.values() if sku])
    is_unique = settings.hold(session, settings.SKU_UNIQUENESS)
    old = _current(session, wanted)
    changed = {key: sku for key, sku in wanted.items() if key in old and old[key] != sku}
    if not changed:
        return
    if is_unique and (taken := taken_skus(session, changed)):
        raise SkuTaken(taken)
    _write(session, changed, is_unique)
    rows = [event_row("variation", key, "sku", old[key], sku) for key, sku in changed.items()]
    record_many(session, actor, rows)
    texts = {text for key, sku in changed.items() for text in (old[key], sku) if text}
    recompute.request(session, cause, actor, variations=changed, listings=listings_of(session, texts))
    extra_lines.move_extras(session, waiting, actor)


def _current(session: Session, keys: Mapping[int, object]) -> dict[int, str | None]:
    query = sa.select(ProductVariation.id, ProductVariation.sku).order_by(ProductVariation.id).with_for_update()
    found: dict[int, str | None] = {}
    for chunk in chunks(sorted(keys)):
        found.update(session.execute(query.where(ProductVariation.id.in_(chunk))).all())
    return found


def _write(session: Session, skus: Mapping[int, str | None], is_unique: bool) -> None:
    update_each(session, ProductVariation, "sku", skus)
    target = table(ProductVariation)
    try:
        with session.begin_nested():
            for chunk in chunks(sorted(skus)):  # first free what they held, so that SKUs can change places
                session.connection().execute(sa.update(target).where(target.c.id.in_(chunk)).values(unique_sku=None))
            if is_unique:
                statement = sa.update(target).where(target.c.id == sa.bindparam("row_id"))
                rows = [{"row_id": key, "new_sku": sku} for key, sku in sorted(skus.items()) if sku]
                if rows:
                    session.connection().execute(statement.values(unique_sku=sa.bindparam("new_sku")), rows)
    except IntegrityError:  # somebody took one of them a moment ago
        raise SkuTaken(taken_skus(session, skus) or _just_taken(skus)) from None


def _just_taken(skus: Mapping[int, str | None]) -> dict[int, str]:
    return {key: f"{sku} was just given to another variation: choose another SKU." for key, sku in skus.items() if sku}


def taken_skus(session: Session, skus: Mapping[int, str | None]) -> dict[int, str]:
    """For each variation that cannot have its SKU because another holds it: the sentence that names the holder."""
    wants: dict[str, list[int]] = defaultdict(list)
    for key, sku in skus.items():
        if sku:
            wants[sku].append(key)
    sentences = {}
    for sku, keys in wants.items():
        for key in keys[1:]:
            sentences[key] = f"{sku} stands on two rows, and a SKU may be on one variation only: change one of them."
    for chunk in chunks(wants):
        query = with_names(ProductVariation.id, ProductVariation.sku).where(ProductVariation.sku.in_(chunk))
        for holder, sku, *name in session.execute(query):
            if holder in skus:  # its own, or one that gets another SKU in the same change
                continue
            for key in wants[sku]:
                sentences.setdefault(key, _taken_sentence(sku, variation_name(*name)))
    return sentences


def _taken_sentence(sku: str, holder: str) -> str:
    return (
        f"{sku} is already the SKU of {holder}. Choose another one, "
        "or switch SKU uniqueness off in Settings to let variations share it."
    )


def listings_of(session: Session, skus: set[str]) -> set[int]:
    """The listings that one of these SKU texts connects."""
    found: set[int] = set()
    for chunk in chunks(sorted(skus)):
        found.update(session.scalars(connections.reached_by_sku(chunk)))
    return found


def listings_losing(variation_id: int, new_sku: str | None) -> list[LosingListing]:
    """Listings of armed integrations that would stop being connected if the variation had this SKU instead."""
    new_sku = clean_sku(new_sku)
    old = db.session.scalar(sa.select(ProductVariation.sku).where(ProductVariation.id == variation_id))
    if not old or old == new_sku:
        return []
    own_skus = sa.select(ListingSku.sku).where(ListingSku.listing_id == Listing.id)
    other = sa.exists().where(
        ProductVariation.id != variation_id,
        sa.or_(
            ProductVariation.sku.in_(own_skus), sa.and_(ProductVariation.sku == Listing.sku, ~connections.has_choice())
        ),
    )
    query = (
        sa.select(Listing.id, Listing.title, Integration.name, Listing.last_offered)
        .join(Integration, Integration.id == Listing.integration_id)
        .where(
            Listing.id.in_(connections.reached_by_sku([old])),
            Integration.armed_at.is_not(None),
            Listing.state != "ended",
            ~sa.exists().where(ListingVariation.listing_id == Listing.id),
            ~other,
        )
        .order_by(Listing.title, Listing.id)
    )
    if new_sku:
        query = query.where(Listing.id.not_in(connections.reached_by_sku([new_sku])))
    return [LosingListing(*row) for row in db.session.execute(query)]


def set_uniqueness(is_on: bool, actor: Actor) -> None:
    """Switch SKU uniqueness. Raises SharedSkus while several variations hold one SKU."""
    with transaction() as session:
        settings.hold(session, settings.SKU_UNIQUENESS, to_change=True)
        if is_on and (shared := shared_skus()):
            raise SharedSkus(shared)
        value = ProductVariation.sku if is_on else sa.null()
        session.execute(sa.update(table(ProductVariation)).values(unique_sku=value))
        settings.put(session, actor, settings.SKU_UNIQUENESS, is_on)


def shared_skus() -> dict[str, int]:
    """The SKUs that stand on several variations, with their number."""
    count = sa.func.count()
    query = sa.select(ProductVariation.sku, count).where(ProductVariation.sku.is_not(None))
    query = query.group_by(ProductVariation.sku).having(count > 1).order_by(ProductVariation.sku)
    return dict(db.session.execute(query).all())  # type: ignore[arg-type]
