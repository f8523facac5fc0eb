"""Reports 2021-06-30: the list of all listings, made while the seller waits."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from werkzeug.wrappers import Response

from . import documents, jobs, report_file
from .account import AmazonAccount, AmazonListing
from .answers import answer, refuse
from .call import Call, check_marketplaces, moment_of
from .kept import Job

ALL_LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"


def create(call: Call) -> Response:
    """createReport: 202 at once; what the report holds is seen when it ends."""
    body, account = call.body(), call.account
    places = body.get("marketplaceIds")
    if not isinstance(places, list) or not 1 <= len(places) <= 25:
        raise refuse("marketplaceIds needs 1 to 25 values.")
    check_marketplaces(places)
    for name in ("dataStartTime", "dataEndTime"):
        if name in body and moment_of(body[name], name) > call.now:
            raise refuse(f"{name} must not be in the future.")
    options = body.get("reportOptions", {})
    if not isinstance(options, dict) or not all(isinstance(value, str) for value in options.values()):
        raise refuse("reportOptions must be an object of texts.")
    if body.get("reportType") != ALL_LISTINGS:
        raise refuse(f"reportType must be {ALL_LISTINGS}: the sandbox makes no other.")
    seconds = float(account.settings["report_seconds"])
    job = Job(account.next_job(), "report", ALL_LISTINGS, places, call.now, call.now + timedelta(seconds=seconds / 2))
    account.jobs[job.id] = job
    outcome = account.settings["report_outcome"]
    if outcome != "NEVER":
        call.shop.later(seconds, lambda: _finish(account, job, outcome, seconds))
    return answer({"reportId": job.id}, 202)


def show(call: Call, report_id: str) -> Response:
    """getReport."""
    return jobs.show(call, "report", report_id)


def index(call: Call) -> Response:
    """getReports."""
    return jobs.index(call, "report")


def document(call: Call, document_id: str) -> Response:
    """getReportDocument."""
    return documents.show(call, document_id, "reportDocumentId", "report")


def _finish(account: AmazonAccount, job: Job, outcome: str, seconds: float) -> None:
    ended, settings = job.created + timedelta(seconds=seconds), account.settings
    rows = [cast(AmazonListing, row).shown(ended) for row in account.listings.values()]
    if outcome == "DONE" and not rows:
        outcome = "CANCELLED"  # what becomes of a report without rows (Reports 2021-06-30, processingStatus)
    if outcome != "DONE":
        job.end(outcome, ended)
        return
    text = report_file.text_of(rows, settings["report_columns"].split(","))
    encoding = settings["report_encoding"]
    charset = f"; charset={encoding}" if settings["report_charset"] else ""
    body = text.encode(encoding, errors="replace")
    made = documents.new_document(account, "report", f"text/plain{charset}", body, packed=settings["report_gzip"])
    job.end("DONE", ended, made)
