"""The first page: set-up until it is done, then what needs a person, and how the channels fare."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, current_app, render_template

from wholecell.channels import discover
from wholecell.config import Config
from wholecell.db import utcnow
from wholecell.services import day_figures, first_steps, order_queue, sync_health, today, today_orders
from wholecell.web import days
from wholecell.web.access import Least, needs
from wholecell.web.filters import local

bp = Blueprint("today", __name__)


@bp.get("/")
@needs(Least.VIEWER)
def index() -> str:
    """Today."""
    settings: Config = current_app.extensions["wholecell"]
    health = sync_health.all_health()
    now, (day_starts, day_ends) = utcnow(), days.today()
    here = local(now)
    steps = None if first_steps.is_set_up() else first_steps.first_steps()
    return render_template(
        "today/index.html",
        health=health,
        steps=steps,
        channels=discover(),
        needs=today.needs(health),
        orders=today_orders.needs(day_ends, now),
        packed=order_queue.packed(day_starts, day_ends),
        figures=day_figures.since(now - timedelta(hours=24)),
        phones=today.phones_by_status(),
        today=f"{here:%A} {here.day} {here:%B %Y, %H:%M}",
        timezone=settings.timezone,
    )
