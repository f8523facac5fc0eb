"""Put the demo shop into an empty database, through the same services that pages use, and on the sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import Base, db, transaction
from wholecell.demo import orders
from wholecell.demo.catalog import WAREHOUSES, DemoVariation, Plan
from wholecell.models import (
    Condition,
    Grade,
    Integration,
    InventoryStatus,
    Listing,
    Location,
    ProductVariation,
    Warehouse,
)
from wholecell.sandbox import Shop
from wholecell.services import accounts, integrations, logins, settings, skus, sync
from wholecell.services.bulk import update_each
from wholecell.services.catalog import VariationSpec, ensure_variations
from wholecell.services.events import SYSTEM
from wholecell.services.receiving import NewItem, receive_many
from wholecell.services.recompute import Cause
from wholecell.services.vault import Vault
from wholecell.services.work import Kind, Run

KIND = "backmarket"
ELSEWHERE = 40  # listings on each of the other marketplaces
COMPANY = "Second Ring"
ADMIN = "alex@demo.example"
PEOPLE = (
    (ADMIN, "Alex Moreno", "admin"),
    ("maya@demo.example", "Maya Lindqvist", "manager"),
    ("pete@demo.example", "Pete Okafor", "picker"),
    ("vera@demo.example", "Vera Sato", "viewer"),
)
LOGIN = {
    "platform": "north-america",
    "market": "en-us",
    "token": "sandbox-backmarket-token",
    "company": COMPANY,
    "email": ADMIN,
}


class SeedError(RuntimeError):
    """The demo could not be built; the text says what the channel answered."""


def put_up(shop: Shop, plan: Plan) -> None:
    """Put the plan's listings up on the sandbox, and the first of them on its other marketplaces for who tries them."""
    shop.seed(KIND, plan.listings)
    rows = [{name: row[name] for name in ("sku", "title", "price", "currency", "quantity")} for row in plan.listings]
    for kind in shop.marketplaces:
        if kind != KIND:
            shop.seed(kind, shop.account(kind).arranged(rows[:ELSEWHERE]))


def seed(plan: Plan, vault: Vault, shop: Shop) -> int:
    """Fill a database that has the start lists only; the sandbox must answer. Returns the armed integration's id.

    Buyers order on the sandbox before its listings are read, and the shop has picked and shipped some of that.
    """
    for email, name, role in PEOPLE:
        accounts.create_user(SYSTEM, email, name, role)
    with transaction() as session:
        settings.put(session, SYSTEM, settings.ORGANIZATION_NAME, COMPANY)
        places = _places(session)
        variations = _variations(session, plan)
        _phones(session, plan, variations, places)
    placed = orders.sell(shop, KIND, plan)
    integration_id = _integration(vault)
    orders.fulfil(placed)
    orders.order_by_hand()
    _run(integration_id, Kind.SEND_SHIPMENTS, vault)
    _run(integration_id, Kind.IMPORT_ORDERS, vault)
    integrations.arm(integration_id, SYSTEM)
    return integration_id


def recall(shop: Shop) -> None:
    """Let a sandbox that was started anew show what it showed when this database was last used."""
    number = sa.func.coalesce(Listing.last_synced, Listing.last_imported)
    query = sa.select(Integration.kind, Listing.external_id, Listing.sku, number).join_from(Listing, Integration)
    for kind, external_id, sku, quantity in db.session.execute(query.where(number.is_not(None))):
        account = shop.account(kind)
        found = account.listings.get(external_id) or account.by_sku(sku)
        if found is not None:
            shop.change(kind, found.id, quantity=quantity)
    orders.recall(shop, KIND)


def _ids(session: Session, model: type[Base], column: str = "name") -> dict[str, int]:
    columns = model.__table__.c
    return dict(session.execute(sa.select(columns[column], columns["id"])).all())


def _places(session: Session) -> Mapping[str, int]:
    """The locations by name, with their warehouses made where missing."""
    missing = [name for name in WAREHOUSES if name not in _ids(session, Warehouse)]
    session.add_all(Warehouse(name=name) for name in missing)
    session.flush()
    homes = _ids(session, Warehouse)
    session.add_all(
        Location(name=name, warehouse_id=homes[home]) for home, names in WAREHOUSES.items() for name in names
    )
    session.flush()
    return _ids(session, Location)


def _variations(session: Session, plan: Plan) -> Mapping[DemoVariation, int]:
    grades, conditions = _ids(session, Grade), _ids(session, Condition, "code")
    specs = {
        each: VariationSpec(
            each.product.fields, grades[each.grade], frozenset(conditions[code] for code in each.damages)
        )
        for each in plan.variations
    }
    made = ensure_variations(session, SYSTEM, list(specs.values()))
    ids = {each: made[spec] for each, spec in specs.items()}
    skus.set_skus(session, SYSTEM, {key: each.sku for each, key in ids.items()}, Cause.UPLOAD)
    update_each(session, ProductVariation, "price_cents", {key: each.price_cents for each, key in ids.items()})
    return ids


def _phones(session: Session, plan: Plan, ids: Mapping[DemoVariation, int], places: Mapping[str, int]) -> None:
    statuses, homes = _ids(session, InventoryStatus), _ids(session, Warehouse)
    items = [
        NewItem(
            esn=phone.esn,
            variation_id=ids[phone.variation],
            status_id=statuses[phone.status],
            warehouse_id=homes[phone.warehouse],
            location_id=places[phone.location] if phone.location else None,
            cost_cents=phone.cost_cents,
        )
        for phone in plan.phones
    ]
    receive_many(session, SYSTEM, items, Cause.UPLOAD)


def _integration(vault: Vault) -> int:
    """Connect the sandbox and read what it has; orders are imported from then on."""
    logins.check(KIND, LOGIN, vault)
    integration = integrations.add(KIND, "Back Market", LOGIN, vault, SYSTEM)
    if not _run(integration.id, Kind.IMPORT_LISTINGS, vault).counts.get("new"):
        raise SeedError("The sandbox did not give its listings.")
    old = integrations.settings_of(integration)
    new = replace(old, orders=replace(old.orders, imports=True))
    integrations.save_settings(integration.id, new, SYSTEM)
    _run(integration.id, Kind.IMPORT_ORDERS, vault)
    return integration.id


def _run(integration_id: int, kind: Kind, vault: Vault) -> Run:
    run = sync.run_work(integration_id, kind, vault)
    if run is None:
        raise SeedError(f"The sandbox did not take part in {kind.value}.")
    return run
