"""Feeds 2021-06-30: a file of many changes, worked on in its turn."""

from __future__ import annotations

from datetime import datetime, timedelta

from werkzeug.wrappers import Response

from . import documents, feed_file, jobs
from .answers import answer, refuse
from .call import Call, check_marketplaces
from .kept import Job

LISTINGS = "JSON_LISTINGS_FEED"


def new_document(call: Call) -> Response:
    """createFeedDocument: where to upload; the Content-Type named here must come with the upload."""
    content_type = call.body().get("contentType")
    if not isinstance(content_type, str) or not content_type:
        raise refuse("contentType is required.")
    made = documents.new_document(call.account, "feed", content_type)
    return answer({"feedDocumentId": made, "url": documents.address(call, made, "PUT")}, 201)


def create(call: Call) -> Response:
    """createFeed: 202 at once. Feeds are worked on one after the other.

    XML and flat files for listings ended on 31 July 2025 ("Listings feed type values"): such a feed is FATAL.
    """
    body, account = call.body(), call.account
    kind, places, source = body.get("feedType"), body.get("marketplaceIds"), body.get("inputFeedDocumentId")
    if not isinstance(kind, str) or not (kind == LISTINGS or kind.startswith("POST_")):
        raise refuse(f"feedType must be {LISTINGS}: the sandbox takes no other.")
    if not isinstance(places, list) or not 1 <= len(places) <= 25:
        raise refuse("marketplaceIds needs 1 to 25 values.")
    check_marketplaces(places)
    options = body.get("feedOptions", {})
    if not isinstance(options, dict) or not all(isinstance(value, str) for value in options.values()):
        raise refuse("feedOptions must be an object of texts.")
    uploaded = account.documents.get(source) if isinstance(source, str) else None
    if uploaded is None or uploaded.kind != "feed" or uploaded.body is None:
        raise refuse("inputFeedDocumentId is not a document that was uploaded.")
    seconds = timedelta(seconds=float(account.settings["feed_seconds"]))
    begins = max(call.now, account.feeds_free_at or call.now) + seconds / 2
    job = Job(account.next_job(), "feed", kind, places, call.now, begins)
    account.jobs[job.id] = job
    content = uploaded.body
    if call.shop.faults.take("bulk_never", via=call.via):
        return answer({"feedId": job.id}, 202)
    ends = account.feeds_free_at = begins + seconds / 2
    call.shop.later((ends - call.now).total_seconds(), lambda: _finish(call, job, content, ends))
    return answer({"feedId": job.id}, 202)


def show(call: Call, feed_id: str) -> Response:
    """getFeed."""
    return jobs.show(call, "feed", feed_id)


def index(call: Call) -> Response:
    """getFeeds."""
    return jobs.index(call, "feed")


def document(call: Call, document_id: str) -> Response:
    """getFeedDocument."""
    return documents.show(call, document_id, "feedDocumentId", "feed")


def _finish(call: Call, job: Job, content: bytes, ends: datetime) -> None:
    failed = call.shop.faults.take("bulk_failed", via=call.via)
    if failed or job.type != LISTINGS:
        if failed and failed.number:  # FATAL does not say how much was done (Feeds 2021-06-30, processingStatus)
            feed_file.work(call, job, content, only=failed.number)
        job.end("FATAL", ends)
        return
    report, is_readable = feed_file.work(call, job, content)
    packed = bool(call.account.settings["feed_gzip"])
    made = documents.new_document(call.account, "feed", "application/json; charset=UTF-8", report, packed=packed)
    job.end("DONE" if is_readable else "FATAL", ends, made)
