"""One piece of work on demand, for the command line: which integration, and what came of it in a sentence."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from wholecell.db import db, utcnow
from wholecell.models import Integration, SyncRun, Work
from wholecell.services import offers, shipping_settings, sync
from wholecell.services.connect import works_by_files
from wholecell.services.refusal import Refusal
from wholecell.services.vault import Vault
from wholecell.services.work import Kind, Run


@dataclass(frozen=True, slots=True)
class Report:
    """Whether the work was done, and what to tell a person about it."""

    is_done: bool
    sentence: str


def find_integration(text: str) -> Integration:
    """The integration with this id or name. Raises Refusal that names those there are."""
    key = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
    named = sa.select(Integration).where(sa.or_(Integration.name == text, Integration.id == key))
    # A name that is a number goes before the id.
    found = db.session.scalars(named.order_by(Integration.name != text)).first()
    if found is None:
        everything = db.session.execute(sa.select(Integration.id, Integration.name).order_by(Integration.id))
        others = [f"{number} ({name})" for number, name in everything]
        known = f"There are: {', '.join(others)}." if others else "Connect one on the Integrations page first."
        raise Refusal(f"There is no integration “{text}”. {known}")
    return found


def run_now(integration: Integration, kind: Kind, vault: Vault) -> Report:
    """Do it here, or say why not. Numbers that changes ask for are computed first, so that no scheduler is needed."""
    name, key = integration.name, integration.id
    if integration.is_by_hand and not works_by_files(integration):
        return Report(False, f"{name} calls us by itself: there is nothing to do from here.")
    if integration.is_by_hand:
        return Report(False, f"{name} works by files that people carry: see its Updates tab. Nothing is called.")
    if kind is Kind.IMPORT_ORDERS and not integration.imports_orders:
        return Report(False, f"Order import is off for {name}: switch it on on its Details tab first.")
    if kind is Kind.SEND_ORDERS and not shipping_settings.sends_orders(key):
        return Report(False, f"{name} is not sent orders: switch that on on its Stores tab first.")
    if kind is Kind.PUSH_QUANTITIES:
        offers.compute_all()
        if why := _sends_nothing(integration):
            return Report(False, why)
    run = sync.run_work(key, kind, vault)
    return _report(run, name, kind) if run else Report(False, _why_not(key, kind))


def _sends_nothing(integration: Integration) -> str:
    if not integration.is_armed:
        return f"{integration.name} is in preview and sends nothing: arm it on its Preview tab first."
    if not integration.pushes_quantities:
        return f"Quantity sync is off for {integration.name}: switch it on on its Details tab first."
    return ""


def _report(run: Run, name: str, kind: Kind) -> Report:
    row = db.session.get_one(SyncRun, run.run_id, populate_existing=True)
    counts = ", ".join(f"{number} {word}" for word, number in row.counts.items() if number)
    if row.state == "done":
        return Report(True, f"{name}, {kind.value}: {counts or 'nothing to do'}.")
    before = f"Before that: {counts}." if counts else ""
    words = filter(None, (row.problem or "Another runner took over.", row.advice, before))
    return Report(False, f"{name}, {kind.value}: {' '.join(words)}")


def _why_not(integration_id: int, kind: Kind) -> str:
    integration = db.session.get_one(Integration, integration_id, populate_existing=True)
    work = db.session.get_one(Work, (integration_id, kind.value), populate_existing=True)
    if integration.login_refused_at is not None:
        return f"{integration.name} refused its login: {integration.login_problem} Enter a new one on its Details tab."
    if work.not_before is not None and work.not_before > utcnow():
        return f"{integration.name} must wait until {work.not_before:%H:%M:%S} UTC: {work.not_before_reason}"
    return f"Somebody else runs {kind.value} for {integration.name} right now: look at its History tab."
