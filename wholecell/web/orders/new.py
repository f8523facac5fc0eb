"""The form for an order made by hand. Each button sends the whole form, so rows are added without JavaScript too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from wholecell.db import db
from wholecell.services import order_new, order_offers, orders_page
from wholecell.services.money import parse_cents, shown_cents
from wholecell.services.order_edit import read_quantity
from wholecell.services.order_new import ADDRESS, NewLine, NewOrder
from wholecell.services.refusal import Refusal
from wholecell.web.access import Least, actor, needs
from wholecell.web.orders.blueprint import bp, day_of, end_of
from wholecell.web.params import integers

MOST_ROWS = 300


@bp.get("/new")
@needs(Least.MANAGER)
def new() -> Response:
    """The empty form."""
    start: dict[str, str] = {"currency": "USD", "status": str(order_offers.first_status() or "")}
    return _page({**start, "customer": request.args.get("customer", "")}, [], {})


@bp.post("/new")
@needs(Least.MANAGER)
def create() -> BaseResponse:
    """Find phones, add or take away a row, fill in an address, or save, as the button pressed says."""
    form = request.form
    values = {name: text for name, text in form.items() if name not in ("csrf_token", "verb")}
    rows, verb = _rows(form), form.get("verb", "find")
    if verb == "save":
        return _save(values, rows)
    if verb.startswith("add-") and verb[4:].isdigit() and len(rows) < MOST_ROWS:
        rows.append(_row_for(int(verb[4:])))
    elif verb.startswith("remove-") and verb[7:].isdigit():
        rows = [row for place, row in enumerate(rows) if place != int(verb[7:])]
    elif verb == "address":
        values |= {name: text or "" for name, text in order_offers.last_address(form.get("customer", "")).items()}
    return _page(values, rows, {}, find=form.get("find", "").strip())


def _rows(form: MultiDict[str, str]) -> list[dict[str, Any]]:
    return [
        {"variation_id": key, "ordered": ordered, "price": price}
        for key, ordered, price in zip(
            integers(form, "variation_id"), form.getlist("ordered"), form.getlist("price"), strict=False
        )
    ][:MOST_ROWS]


def _row_for(variation_id: int) -> dict[str, Any]:
    known = order_offers.of_variations([variation_id]).get(variation_id)
    return {"variation_id": variation_id, "ordered": "1", "price": shown_cents(known.price_cents if known else None)}


def _save(values: Mapping[str, str], rows: list[dict[str, Any]]) -> BaseResponse:
    errors: dict[str, str] = {}
    order = _read(values, rows, errors)
    errors |= {key: text for key, text in order_new.problems(db.session(), order).items() if key not in errors}
    if any(row.get("problem") for row in rows):
        errors.setdefault("lines", "Correct the lines below.")
    if errors:
        return _page(values, rows, errors, status=422)
    try:
        key = order_new.create(order, actor())
    except Refusal as refusal:
        return _page(values, rows, {"form": str(refusal)}, status=422)
    flash("The order is saved.", "ok")
    return redirect(url_for("orders.detail", order_id=key), 303)


def _read(values: Mapping[str, str], rows: list[dict[str, Any]], errors: dict[str, str]) -> NewOrder:
    """The order as typed; what cannot be read is told in `errors`, or on its row."""
    day = day_of(values.get("ship_by"))
    if values.get("ship_by") and day is None:
        errors["ship_by"] = "Choose a day."
    status = values.get("status", "")
    return NewOrder(
        customer=values.get("customer", ""),
        channel=values.get("channel", "")[:60],
        status_id=int(status) if status.isascii() and status.isdigit() else None,
        lines=[line for row in rows if (line := _line(row))],
        number=values.get("number", ""),
        email=values.get("email", "").strip()[:200],
        address={key: values.get(f"ship_{key}", "").strip() for key in ADDRESS},
        currency=values.get("currency", "").strip().upper(),
        shipping_cents=_cents(values.get("shipping", ""), errors),
        ship_by=end_of(day),
        note=values.get("note", "")[:5000],
    )


def _line(row: dict[str, Any]) -> NewLine | None:
    try:
        return NewLine(row["variation_id"], read_quantity(row["ordered"]), parse_cents(row["price"]))
    except Refusal as refusal:
        row["problem"] = str(refusal)
        return None


def _cents(text: str, errors: dict[str, str]) -> int | None:
    try:
        return parse_cents(text)
    except Refusal as refusal:
        errors["shipping"] = str(refusal)
        return None


def _page(
    values: Mapping[str, str],
    rows: list[dict[str, Any]],
    errors: Mapping[str, str],
    *,
    find: str = "",
    status: int = 200,
) -> Response:
    known = order_offers.of_variations({row["variation_id"] for row in rows})
    page = render_template(
        "orders/new.html",
        values=values,
        rows=[{**row, "known": known.get(row["variation_id"])} for row in rows],
        errors=errors,
        find=find,
        found=order_offers.search(find),
        channels=order_offers.channels(),
        statuses=orders_page.statuses(),
    )
    return make_response(page, status)
