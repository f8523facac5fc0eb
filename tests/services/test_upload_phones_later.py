"""Sheets of phones whose phones somebody else changed meanwhile, and taking sheets back."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.phone_sheets import count, item, phone, rows_of, upload
from wholecell.db import db
from wholecell.models import (
    ChangeBatch,
    InventoryStatus,
    Product,
    ProductVariation,
)
from wholecell.services import uploads
from wholecell.services.events import Actor


@pytest.fixture
def actor(app):
    return Actor(user_id=make.make_user(name="Maya").id, source="upload")


def test_phone_changed_since_the_dry_run_is_left_alone(actor):
    from wholecell.services import inventory

    variation = make.make_variation()
    first = make.make_item(variation, esn=make.imei(1))
    make.make_item(variation, esn=make.imei(2))
    tried = upload(actor, *(phone(n, Status="Repair") for n in (1, 2)), columns=["ESN", "Status"])
    ines = Actor(user_id=make.make_user("ines@example.com", name="Ines").id)
    incoming = make.named(InventoryStatus, "Incoming").id
    inventory.change_many([first.id], inventory.Bulk(status_id=incoming), ines, "Bulk")
    done = uploads.apply(actor, tried.id)
    assert done.counts == {"conflict": 1, "changed": 1}
    assert "Ines changed this after this sheet was read" in rows_of(done)[0].reason
    assert item(1).status_id == incoming
    assert db.session.get(InventoryStatus, item(2).status_id).name == "Repair"


def test_phone_taken_in_or_removed_since_the_dry_run_is_a_conflict(actor):
    variation = make.make_variation(sku="SKU-1")
    gone = make.make_item(variation, esn=make.imei(1))
    tried = upload(
        actor,
        phone(1, Status="Repair", SKU="SKU-1"),
        phone(2, SKU="SKU-1"),
        phone(3, SKU="SKU-1"),
        columns=["ESN", "SKU", "Status", "Warehouse"],
    )
    db.session.delete(gone)
    db.session.commit()
    make.make_item(variation, esn=make.imei(2))
    done = uploads.apply(actor, tried.id)
    assert [row.outcome for row in rows_of(done)] == ["conflict", "conflict", "new"]
    assert "removed" in rows_of(done)[0].reason
    assert "already here" in rows_of(done)[1].reason


def test_list_that_lost_the_row_named_makes_a_conflict(actor):
    spare = make.named(InventoryStatus, "Spare")
    tried = upload(actor, phone(1, Status="Spare"), phone(2))
    db.session.delete(spare)
    db.session.commit()
    done = uploads.apply(actor, tried.id)
    assert done.counts == {"conflict": 1, "new": 1}


def test_undo_takes_back_what_is_still_as_the_upload_left_it(actor):
    from wholecell.services import inventory

    variation = make.make_variation()
    for number in (1, 2):
        make.make_item(variation, esn=make.imei(number), cost_cents=100)
    tried = upload(actor, *(phone(n, Status="Repair", Cost="9") for n in (1, 2, 3, 4, 5)))
    uploads.apply(actor, tried.id)
    order = make.make_order(items=[{"variation_id": item(4).variation_id}])
    make.commit_phone(item(4), make.order_items(order)[0])
    incoming = make.named(InventoryStatus, "Incoming").id
    inventory.change_many([item(2).id, item(5).id], inventory.Bulk(status_id=incoming), actor, "Bulk")

    done = uploads.undo(actor, tried.id)
    assert done.state == "undone"
    assert [row.outcome for row in rows_of(done)] == ["changed", "kept", "new", "kept", "kept"]
    assert item(1).variation_id == variation.id
    assert (item(1).cost_cents, db.session.get(InventoryStatus, item(1).status_id).name) == (100, "Available")
    assert item(2).status_id == item(5).status_id == incoming
    assert item(3) is None
    assert item(4) is not None
    assert db.session.get(ChangeBatch, done.batch_id).undone_by_id == actor.user_id
    assert uploads.undo(actor, tried.id).state == "undone"


def test_undo_removes_the_variations_made_on_the_fly_when_nothing_rests_on_them(actor):
    uploads.apply(actor, (tried := upload(actor, phone(1), phone(2, Model="iPhone 14"))).id)
    kept = item(2)
    order = make.make_order(items=[{"variation_id": kept.variation_id}])
    make.commit_phone(kept, make.order_items(order)[0])
    uploads.undo(actor, tried.id)
    assert list(db.session.scalars(sa.select(Product.model))) == ["iPhone 14"]
    assert count(ProductVariation) == 1
