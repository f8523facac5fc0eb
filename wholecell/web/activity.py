"""What happened over the whole account."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from wholecell.services import activity
from wholecell.services.activity import SOURCES, SUBJECTS, ActivityFilter
from wholecell.web.access import Least, needs
from wholecell.web.params import cursor, href

bp = Blueprint("activity", __name__, url_prefix="/activity")


@bp.get("/")
@needs(Least.VIEWER)
def index() -> str:
    """One page of events under the filter of the URL, newest first."""
    subject, source = request.args.get("subject", ""), request.args.get("source", "")
    wanted = ActivityFilter(
        subject=subject if subject in SUBJECTS else "",
        source=source if source in SOURCES else "",
        user_id=request.args.get("person", type=int),
        batch_id=request.args.get("batch", type=int),
    )
    values = {
        "subject": wanted.subject,
        "source": wanted.source,
        "person": wanted.user_id,
        "batch": wanted.batch_id,
    }
    page = activity.find(wanted, cursor())
    return render_template(
        "activity/list.html",
        page=page,
        wanted=wanted,
        values={key: value for key, value in values.items() if value},
        people=activity.people(),
        batch=activity.batch(wanted.batch_id) if wanted.batch_id else None,
        subjects=SUBJECTS,
        sources=SOURCES,
        previous=href("activity.index", values, after=page.previous) if page.previous else None,
        next=href("activity.index", values, before=page.next) if page.next else None,
    )
