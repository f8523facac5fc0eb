"""Files of many changes: taken at once, worked on later, reported by task."""

from __future__ import annotations

import codecs
import csv
import io
from typing import Any, NamedTuple, cast

from werkzeug.wrappers import Response

from ..api_call import RefusalError
from ..faults import Via
from ..records import RefusedError
from ..shop import Shop
from .account import BackMarketAccount, BackMarketListing, Task
from .answers import answer, bare, error
from .call import Call
from .listings import money, whole_number
from .states import Publication

MOST_LINES = 15_000
WAITING, RUNNING, FAILED, DONE = 0, 2, 8, 9
FIRST_TASK = 1_011_012


def start(call: Call) -> Response:
    """POST /ws/listings: a CSV text; the answer's bodymessage is the task's id."""
    body = call.body(bare)
    catalog, rows = _parsed(body)
    if len(catalog.splitlines()) > MOST_LINES:
        return bare(f"the catalog has more than {MOST_LINES} lines")
    if not call.account.limits["updates"].spend(call.now, len(rows)):
        return error(429, "too_many_requests", "Rate limit exceeded")
    task = Task(FIRST_TASK + len(call.account.tasks) + 1, call.now, float(call.account.settings["task_seconds"]))
    call.account.tasks[task.id] = task
    if not call.shop.faults.take("bulk_never", via=call.via):
        job = _Job(call.shop, call.account, call.market, call.via)
        call.shop.later(task.seconds, lambda: _work(job, task, rows))
    return answer({"bodymessage": task.id, "statuscode": 200})


def show(call: Call, task_id: int) -> Response:
    """GET /ws/tasks/{id}. The document does not say what `result` holds; ours has a word for each SKU."""
    task = call.account.tasks.get(task_id)
    if task is None:
        return error(404, "not_found", "Task not found")
    started = (call.now - task.started).total_seconds() * 2 >= task.seconds
    return answer(
        {
            "task_id": task.id,
            "action_status": task.status or (RUNNING if started else WAITING),
            "last_action_error": task.error,
            "result": task.result,
            "statuscode": 200,
        }
    )


def _parsed(body: dict[str, Any]) -> tuple[str, list[dict[str, str]]]:
    for name, longest in {"catalog": None, "quotechar": 1, "delimiter": 1, "encoding": 64}.items():
        value = body.get(name)
        if not isinstance(value, str) or not value or (longest and len(value) > longest):
            raise RefusalError(bare(f"parameter {name} not found"))
    try:
        codecs.lookup(body["encoding"])
        reader = csv.DictReader(
            io.StringIO(body["catalog"]),
            delimiter=body["delimiter"],
            quotechar=body["quotechar"],
            strict=True,
        )
        rows = list(reader)
    except (LookupError, csv.Error, TypeError, ValueError) as problem:
        raise RefusalError(bare(f"the catalog cannot be read: {problem}")) from None
    if "sku" not in (reader.fieldnames or ()):
        raise RefusalError(bare("the catalog has no column sku"))
    return body["catalog"], rows


class _Job(NamedTuple):
    """What is left of the call when its file is worked on."""

    shop: Shop
    account: BackMarketAccount
    market: str
    via: Via


def _work(job: _Job, task: Task, rows: list[dict[str, str]]) -> None:
    if job.shop.faults.take("bulk_failed", via=job.via):
        task.status, task.error = FAILED, "Task has been interrupted."
        return
    partial = job.shop.faults.take("partial_bulk", via=job.via)
    refused = (partial.number or 1) if partial else 0
    for position, row in enumerate(rows):
        sku = row["sku"] or ""
        task.result[sku] = "error: refused" if position < refused else _apply(job, sku, row)
    task.status = DONE


def _apply(job: _Job, sku: str, row: dict[str, str]) -> str:
    try:
        listing = cast(BackMarketListing | None, job.account.by_sku(sku))
        if listing is None:
            return _create(job.account, row)
        quantity = whole_number(row["quantity"]) if row.get("quantity") else None
        price = money(row["price"]) if row.get("price") else None
    except (RefusalError, RefusedError, KeyError):
        return "error: invalid row"
    if price is not None:
        listing.reprice(price, job.market, job.account.settings["platform"])
    if quantity is not None:
        job.shop.push("backmarket", listing.id, quantity, job.via)
    return "updated"


def _create(account: BackMarketAccount, row: dict[str, str]) -> str:
    """An unknown SKU with a product makes a new listing, which Back Market then checks."""
    product = row.get("product_id") or row.get("ean")
    if not product:
        return "error: unknown sku"
    made = {
        "title": f"Product {product}",
        "grade": row.get("grade") or "GOOD",
        "currency": row.get("currency") or "USD",
        "price": money(row["price"]),
        "quantity": whole_number(row["quantity"]),
        "publication_state": Publication.IN_REVIEW,
    }
    account.add({"sku": row["sku"], **made})
    return "created"
