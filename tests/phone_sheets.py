"""Sheets of phones, and what uploads of them left."""

import sqlalchemy as sa

from tests import factories as make
from wholecell.db import db
from wholecell.models import (
    InventoryItem,
    Location,
    UploadRow,
    Warehouse,
)
from wholecell.services import sheets, uploads

HEADER = ["ESN", "Manufacturer", "Model", "Variant", "Network", "Capacity", "Color", "Grade", "Damages", "SKU"]
HEADER += ["Status", "Warehouse", "Location", "Cost"]
IPHONE = ["Apple", "iPhone 13", "A2633", "Unlocked", "128GB", "Midnight"]


def phone(number, **cells):
    """A row of the whole sheet; `number` makes a valid IMEI."""
    words = [make.imei(number), *IPHONE, "A", "", "", "Available", "Main warehouse", "", "12.50"]
    return {**dict(zip(HEADER, words, strict=True)), **cells}


def file(*rows, columns=None):
    columns = columns or HEADER
    return b"".join(sheets.write_csv(columns, [[row.get(name, "") for name in columns] for row in rows]))


def upload(actor, *rows, columns=None, defaults=None):
    return uploads.create(actor, "phones", "lot.csv", file(*rows, columns=columns), defaults)


def rows_of(upload):
    return list(db.session.scalars(sa.select(UploadRow).filter_by(upload_id=upload.id).order_by(UploadRow.number)))


def one(upload):
    (row,) = rows_of(upload)
    return row


def item(number):
    db.session.expire_all()
    return db.session.scalar(sa.select(InventoryItem).filter_by(esn=make.imei(number)))


def count(model):
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def location(name, warehouse="Main warehouse"):
    return make.save(Location(name=name, warehouse_id=make.named(Warehouse, warehouse).id))
