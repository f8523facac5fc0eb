"""What feeds and reports have in common when read: one by its id, and lists by page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from werkzeug.wrappers import Response

from .answers import answer, refuse, usual
from .call import Call, fields_of, token_of
from .kept import iso

STATUSES = ("CANCELLED", "DONE", "FATAL", "IN_PROGRESS", "IN_QUEUE")
KEPT_DAYS = 90


def show(call: Call, kind: str, job_id: str) -> Response:
    """One feed or report."""
    job = call.account.jobs.get(job_id)
    if job is None or job.kind != kind:
        return usual(404, f"There is no {kind} {job_id}.")
    return answer(job.shape(call.now))


def index(call: Call, kind: str) -> Response:
    """The newest first. A token for the next page holds the filters, and comes alone."""
    token = call.text("nextToken")
    if token is not None:
        if len(call.request.args) > 1:
            raise refuse("nextToken must be the only parameter.")
        fields = fields_of(token, "nextToken")
    else:
        fields = _filters(call, kind)
    found = [job.shape(call.now) for job in reversed(call.account.jobs.values()) if job.kind == kind]
    try:
        found = [shape for shape in found if _fits(shape, fields, kind)]
        size = int(fields["size"])
    except (KeyError, TypeError, ValueError):
        raise refuse("nextToken is not a token of ours.") from None
    shape: dict[str, Any] = {f"{kind}s": found[:size]}
    if size < len(found):
        shape["nextToken"] = token_of(fields | {"below": found[size - 1][f"{kind}Id"]})
    return answer(shape)


def _filters(call: Call, kind: str) -> dict[str, Any]:
    types = call.many(f"{kind}Types", most=10)
    if types is None:
        raise refuse(f"Either {kind}Types or nextToken is required.")
    since = call.moment("createdSince") or call.now - timedelta(days=KEPT_DAYS)
    until = call.moment("createdUntil") or call.now
    places = call.many("marketplaceIds", most=10)
    return {
        "types": types,
        "statuses": call.many("processingStatuses", known=STATUSES) or STATUSES,
        "marketplaces": places,
        "size": call.whole("pageSize", 10, 100),
        "since": iso(since),
        "until": iso(until),
        "below": None,  # the last id that was shown
    }


def _fits(shape: dict[str, Any], fields: dict[str, Any], kind: str) -> bool:
    moment = datetime.fromisoformat
    return (
        shape[f"{kind}Type"] in fields["types"]
        and shape["processingStatus"] in fields["statuses"]
        and (fields["marketplaces"] is None or bool(set(shape["marketplaceIds"]) & set(fields["marketplaces"])))
        and (fields["below"] is None or int(shape[f"{kind}Id"]) < int(fields["below"]))
        and moment(fields["since"]) <= moment(shape["createdTime"]) <= moment(fields["until"])
    )
