"""Why are orders not arriving? Every condition an order must meet on its way here, answered now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from wholecell.channels.contract import Channel, ImportsListings
from wholecell.db import db, utcnow
from wholecell.models import ChangeBatch, Integration, Listing, SalesOrderStatus, SyncRun, Upload, Work
from wholecell.services import integration_orders, order_due, settings, status_map
from wholecell.services.connect import can, channel_of
from wholecell.services.order_settings import order_settings_of
from wholecell.services.why import OVER, Check, Fix
from wholecell.services.work import Kind


def checks(integration: Integration, now: datetime | None = None) -> list[Check]:
    """All lines, in the order in which one would look; in a fixed number of queries."""
    now = now or utcnow()
    channel, work = channel_of(integration), db.session.get(Work, (integration.id, Kind.IMPORT_ORDERS.value))
    if integration.is_by_hand:
        return [_last_file(integration), *_map(integration, channel), _open_statuses(), *_listings(integration)]
    return [
        _switched_on(integration),
        *_login(integration, channel),
        _last_import(integration, work),
        *_next_import(integration, channel, work, now),
        _reach(integration),
        *_map(integration, channel),
        _open_statuses(),
        *(_listings(integration) if can(channel, ImportsListings) else ()),
        _errors(integration),
    ]


def _last_file(integration: Integration) -> Check:
    uploads = sa.select(ChangeBatch.at).join(Upload, Upload.batch_id == ChangeBatch.id)
    newest = uploads.where(Upload.integration_id == integration.id, Upload.kind == "orders", Upload.state == "applied")
    at = db.session.scalar(newest.order_by(Upload.id.desc()).limit(1))
    if at is None:
        return Check(False, "No file of orders was uploaded yet", "Upload what the channel shows you.")
    return Check(True, "Orders come by the files you upload", "the last one", at=at)


def _switched_on(integration: Integration) -> Check:
    if integration.imports_orders:
        return Check(True, "Order import is on")
    return Check(False, "Order import is off", "Tick it in the settings to let orders come in.", Fix.SETTINGS)


def _login(integration: Integration, channel: Channel) -> Iterator[Check]:
    if integration.login_refused_at is None:
        yield Check(True, f"{channel.label} takes the login")
    else:
        yield Check(
            False,
            f"{channel.label} refused the login",
            "Nothing is read until you enter a new one. It was refused",
            Fix.LOGIN,
            integration.login_problem,
            integration.login_refused_at,
        )


def _last_import(integration: Integration, work: Work | None) -> Check:
    query = sa.select(SyncRun).where(SyncRun.integration_id == integration.id, SyncRun.kind == Kind.IMPORT_ORDERS)
    run = db.session.scalars(query.order_by(SyncRun.id.desc()).limit(1)).first()
    good = work.last_good_at if work is not None else None
    if run is None:
        return Check(False, "Orders were never imported", "", Fix.IMPORT_ORDERS)
    if run.state in ("done", "running") and good is not None:
        return Check(True, "Orders were last imported", "at", at=good)
    if run.state == "running":
        return Check(True, "The first import is running", "since", at=run.started_at)
    said = run.advice if good is None else f"{run.advice} The last good one ended"
    return Check(False, "The last import did not finish", said, Fix.IMPORT_ORDERS, run.problem, good)


def _next_import(integration: Integration, channel: Channel, work: Work | None, now: datetime) -> Iterator[Check]:
    if work is None or not integration.imports_orders or integration.login_refused_at is not None:
        return
    if work.not_before is not None and work.not_before > now:
        yield Check(False, "The import waits", "It goes on by itself at", None, work.not_before_reason, work.not_before)
        return
    pause = order_due.every(channel, settings.get(settings.ORDERS_EVERY))
    due = work.last_started_at + pause if work.last_started_at is not None else now
    if now - due > 3 * pause:
        said = "No program looks for work: start it, or its worker. The next import was due"
        yield Check(False, "Nothing imports orders by itself", said, Fix.IMPORT_ORDERS, at=due)
    else:
        yield Check(True, "The next import starts by itself", "at", at=max(due, now))


def _reach(integration: Integration) -> Check:
    if integration.order_minimum_at is not None:
        said = "Older ones come only if they were open at the first import, or change. From"
        return Check(True, "Orders are fetched from a minimum date on", said, at=integration.order_minimum_at)
    said = "Orders that were shipped or cancelled before come only with a minimum order date."
    return Check(True, "The first import fetches open orders, later ones what changed", said)


def _map(integration: Integration, channel: Channel) -> Iterator[Check]:
    saved = order_settings_of(integration).statuses
    unmapped = [row.label for row in status_map.map_rows(integration, saved) if saved.get(row.word) is None]
    figures = integration_orders.figures_of(integration.id)
    if figures.unmapped:
        counted = "1 open order has" if figures.unmapped == 1 else f"{figures.unmapped} open orders have"
        text = f"{counted} a word of {channel.label} that becomes no status"
        yield Check(False, text, "They are kept, and count as open until you choose one.", Fix.SETTINGS)
    if unmapped:
        said = f"Not chosen: {', '.join(unmapped)}. Such orders still come in, without a status of ours."
        yield Check(not figures.unmapped, "The status map has gaps", said, Fix.SETTINGS)
    else:
        yield Check(True, "The status map is complete")
    for label, _, sentence in status_map.contradictions(integration.kind, saved):
        yield Check(False, f"The map of “{label}” contradicts {channel.label}", sentence, Fix.SETTINGS)


def _open_statuses() -> Check:
    query = sa.select(SalesOrderStatus.title).where(SalesOrderStatus.counts_as_open)
    titles = list(db.session.scalars(query.order_by(SalesOrderStatus.position)))
    if over := [title for title in titles if OVER.search(title)]:
        verb = "counts" if len(over) == 1 else "count"
        said = "Orders in it still hold phones back."
        return Check(False, f"{', '.join(over)} {verb} as open", said, Fix.ORDER_STATUSES)
    if not titles:
        return Check(False, "No status counts as open", "So no order lowers a number.", Fix.ORDER_STATUSES)
    return Check(True, "Order statuses that count as open", ", ".join(titles))


def _listings(integration: Integration) -> Iterator[Check]:
    has_some = db.session.scalar(sa.select(sa.exists().where(Listing.integration_id == integration.id)))
    if not has_some:
        said = "Orders come in all the same, but their items are known by SKU alone."
        if integration.is_by_hand:
            yield Check(False, "Listings were not uploaded yet", said)
        else:
            yield Check(False, "Listings were not imported yet", said, Fix.LISTINGS)


def _errors(integration: Integration) -> Check:
    waiting = integration_orders.figures_of(integration.id).errors
    if not waiting:
        return Check(True, "Every order that was read is stored")
    text = "1 order could not be stored" if waiting == 1 else f"{waiting} orders could not be stored"
    return Check(False, text, "Each import asks for them again.", Fix.IMPORT_ERRORS)
