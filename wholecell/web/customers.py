"""Customers: the list, one with their orders, editing, and merging two that are one."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.models import Customer
from wholecell.services import customer_changes, customer_likeness, customers_page
from wholecell.services.refusal import Refusal
from wholecell.web.access import Least, actor, needs
from wholecell.web.params import cursor, href

bp = Blueprint("customers", __name__, url_prefix="/customers")


@bp.get("/")
@needs(Least.VIEWER)
def index() -> str:
    """One page of customers by name."""
    text, after = request.args.get("q", "").strip(), request.args.get("after", type=int)
    found = customers_page.find(text, after)
    values = {"q": text}
    return render_template(
        "customers/list.html",
        found=found,
        text=text,
        first=href("customers.index", values) if after is not None else None,
        next=href("customers.index", values, after=found.next) if found.next else None,
    )


@bp.get("/duplicates")
@needs(Least.MANAGER)
def duplicates() -> str:
    """Pairs that are likely one."""
    found = customer_likeness.pairs()
    counts = customers_page.order_counts({each.id for pair in found for each in (pair.one, pair.other)})
    return render_template("customers/duplicates.html", pairs=found, counts=counts, most=customer_likeness.MOST_PAIRS)


def _known(customer_id: int) -> Customer:
    return customers_page.get(customer_id) or abort(404)


@bp.get("/<int:customer_id>")
@needs(Least.VIEWER)
def detail(customer_id: int) -> Response:
    """One customer with their orders."""
    return _page(_known(customer_id))


def _page(customer: Customer, problem: str = "", status: int = 200) -> Response:
    orders = customers_page.orders_of(customer.id, cursor())
    here = {"customer_id": customer.id}
    page = render_template(
        "customers/detail.html",
        customer=customer,
        orders=orders,
        order_count=customers_page.order_counts([customer.id]).get(customer.id, 0),
        doubles=customer_likeness.doubles_of(customer.id),
        previous=href("customers.detail", here, after=orders.previous) if orders.previous else None,
        next=href("customers.detail", here, before=orders.next) if orders.next else None,
        problem=problem,
        typed=request.form if problem else None,
    )
    return make_response(page, status)


@bp.post("/<int:customer_id>")
@needs(Least.MANAGER)
def change(customer_id: int) -> BaseResponse:
    """Edit name, e-mail and phone."""
    customer = _known(customer_id)
    form = request.form
    try:
        customer_changes.change(
            customer_id, form.get("name", ""), form.get("email", ""), form.get("phone", ""), actor()
        )
    except Refusal as refusal:
        return _page(customer, str(refusal), 422)
    flash("Saved.", "ok")
    return redirect(url_for("customers.detail", customer_id=customer_id), 303)


@bp.get("/<int:customer_id>/merge")
@needs(Least.MANAGER)
def merge(customer_id: int) -> Response:
    """Choose who this customer is as well; once chosen, what merging does."""
    return _merge_page(_known(customer_id), request.args.get("into", 0, int))


def _merge_page(source: Customer, into: int, problem: str = "", status: int = 200) -> Response:
    text = request.args.get("q", "").strip()
    target = customers_page.get(into) if into and into != source.id else None
    found = [] if target else [each for each in customers_page.find(text, size=20).rows if each.customer is not source]
    ids = [source.id, *([target.id] if target else [])]
    page = render_template(
        "customers/merge.html",
        source=source,
        target=target,
        counts=customers_page.order_counts(ids),
        doubles=[] if target else customer_likeness.doubles_of(source.id),
        found=found,
        text=text,
        problem=problem,
    )
    return make_response(page, status)


@bp.post("/<int:customer_id>/merge")
@needs(Least.MANAGER)
def do_merge(customer_id: int) -> BaseResponse:
    """Merge."""
    source, into = _known(customer_id), request.form.get("into", 0, int)
    try:
        moved = customer_changes.merge(customer_id, into, actor())
    except Refusal as refusal:
        return _merge_page(source, into, str(refusal), 422)
    flash(f"Merged; {moved:,} order{'' if moved == 1 else 's'} moved.", "ok")
    return redirect(url_for("customers.detail", customer_id=into), 303)
