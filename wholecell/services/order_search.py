"""Orders by what people type or paste: order numbers, phones, tracking numbers, SKUs, names."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import (
    Commitment,
    Customer,
    Integration,
    InventoryItem,
    OrderItem,
    ProductVariation,
    SalesOrder,
    Shipment,
)
from wholecell.services.codes import as_codes, lines, split
from wholecell.services.esn import compact, search_forms
from wholecell.services.refusal import Refusal

MOST_WORDS = 6  # a longer text is a pasted list or a sentence, not a name


def is_pasted_list(text: str) -> bool:
    """Whether several numbers were pasted, one a line or with blanks between them."""
    try:
        return len(split(text)) > 1 and as_codes(text) is not None and len(as_codes(text) or ()) > 1
    except Refusal:
        return False


def search(text: str) -> sa.CompoundSelect[Any]:
    """Ids of the orders the text may mean. Raises Refusal for a list that is too long."""
    asked = _exact(text)
    branches = [
        sa.select(SalesOrder.id).where(SalesOrder.number.in_(asked)),
        # Both columns of the unique index are named, so that it answers.
        sa.select(SalesOrder.id).where(
            SalesOrder.integration_id.in_(sa.select(Integration.id)), SalesOrder.external_id.in_(asked)
        ),
        # The index holds only orders with a buyer: the condition lets it answer.
        sa.select(SalesOrder.id).where(SalesOrder.buyer != "", SalesOrder.buyer.in_(asked)),
        sa.select(Shipment.order_id).where(Shipment.tracking_number.in_(_compacted(asked))),
        _of_items(_committed(text)),
        _of_items(OrderItem.sku.in_(asked)),
        _of_items(OrderItem.variation_id.in_(sa.select(ProductVariation.id).where(ProductVariation.sku.in_(asked)))),
    ]
    if _may_be_a_name(text):
        named = sa.select(Customer.id).where(*words_in(Customer.name_key, text))
        branches.append(sa.select(SalesOrder.id).where(SalesOrder.customer_id.in_(named)))
        branches.append(sa.select(SalesOrder.id).where(*words_in(sa.func.lower(SalesOrder.ship_name), text)))
    return sa.union(*branches)


def words_in(column: Any, text: str) -> list[sa.ColumnElement[bool]]:
    """Each word stands somewhere in the column, which is in lower case."""
    return [column.contains(word.lower(), autoescape=True) for word in text.split()[:MOST_WORDS]]


def _exact(text: str) -> set[str]:
    typed = {*split(text), *lines(text)}
    return typed | {each.upper() for each in typed}


def _compacted(asked: Collection[str]) -> set[str]:
    return {*asked, *(compact(each) for each in asked)}


def _of_items(condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(OrderItem.order_id).where(condition)


def _committed(text: str) -> sa.ColumnElement[bool]:
    """Items that these phones are or were committed to."""
    codes = {compact(each) for each in (*split(text), *lines(text))}
    forms = {form for code in codes for form in search_forms(code)}
    phones = sa.select(InventoryItem.id).where(sa.or_(InventoryItem.esn.in_(forms), InventoryItem.hex_id.in_(codes)))
    return OrderItem.id.in_(sa.select(Commitment.order_item_id).where(Commitment.item_id.in_(phones)))


def _may_be_a_name(text: str) -> bool:
    words = text.split()
    return (
        "\n" not in text.strip()
        and len(words) <= MOST_WORDS
        and any(not any(sign.isdigit() for sign in word) for word in words)
    )


def missing(text: str) -> list[str]:
    """The pasted numbers that no order, shipment or committed phone bears. One query."""
    typed = {part: {part, part.upper(), compact(part), *search_forms(part)} for part in split(text)}
    forms = set().union(*typed.values())
    committed = sa.select(InventoryItem.id).join(Commitment, Commitment.item_id == InventoryItem.id)
    found = set(
        db.session.scalars(
            sa.union(
                sa.select(SalesOrder.number).where(SalesOrder.number.in_(forms)),
                sa.select(SalesOrder.external_id).where(
                    SalesOrder.integration_id.in_(sa.select(Integration.id)), SalesOrder.external_id.in_(forms)
                ),
                sa.select(Shipment.tracking_number).where(Shipment.tracking_number.in_(forms)),
                committed.with_only_columns(InventoryItem.esn).where(InventoryItem.esn.in_(forms)),
                committed.with_only_columns(InventoryItem.hex_id).where(InventoryItem.hex_id.in_(forms)),
                sa.select(OrderItem.sku).where(OrderItem.sku.in_(forms)),
            )
        )
    )
    return [part for part, known in typed.items() if not known & found]
