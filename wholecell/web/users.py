"""The people of the account, for admins."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.services import accounts, login_links
from wholecell.services.refusal import Refusal
from wholecell.services.start_lists import ROLES
from wholecell.web.access import Least, actor, needs
from wholecell.web.forms.people import InviteForm
from wholecell.web.links import address
from wholecell.web.settings.blueprint import TITLES

bp = Blueprint("users", __name__, url_prefix="/people")


@bp.get("/")
@needs(Least.ADMIN)
def index() -> Response:
    """Everybody, and a form to invite somebody."""
    return _page(InviteForm(formdata=None))


@bp.post("/")
@needs(Least.ADMIN)
def invite() -> Response:
    """Add a person and show the link that lets them choose a password."""
    form = InviteForm()
    if not form.validate_on_submit():
        return _page(form, 422)
    try:
        user = accounts.create_user(actor(), form.email.data, form.name.data, form.role.data)
    except Refusal as refusal:
        form.email.errors = [str(refusal)]
        return _page(form, 422)
    return _link(login_links.make("password", user.id), user.name)


@bp.post("/<int:user_id>/role")
@needs(Least.ADMIN)
def set_role(user_id: int) -> BaseResponse:
    """Give somebody another role."""
    return _change(lambda: accounts.set_role(actor(), user_id, request.form.get("role", "")), "The role is changed.")


@bp.post("/<int:user_id>/deactivate")
@needs(Least.ADMIN)
def deactivate(user_id: int) -> BaseResponse:
    """Shut somebody out."""
    return _change(lambda: accounts.deactivate(actor(), user_id), "Deactivated, and signed out everywhere.")


@bp.post("/<int:user_id>/reactivate")
@needs(Least.ADMIN)
def reactivate(user_id: int) -> BaseResponse:
    """Let somebody in again."""
    return _change(lambda: accounts.reactivate(actor(), user_id), "This person may sign in again.")


@bp.post("/<int:user_id>/two-factor-off")
@needs(Least.ADMIN)
def turn_off_two_factor(user_id: int) -> BaseResponse:
    """Take the second step away from somebody who lost their phone."""
    return _change(lambda: accounts.turn_off_two_factor(actor(), user_id), "Two-factor sign-in is off for this person.")


@bp.post("/<int:user_id>/link")
@needs(Least.ADMIN)
def make_link(user_id: int) -> BaseResponse:
    """Show a link with which somebody chooses a new password."""
    try:
        return _link(accounts.password_link(actor(), user_id), "")
    except Refusal as refusal:
        flash(str(refusal), "error")
        return redirect(url_for("users.index"), 303)


def _change(change: Callable[[], None], done: str) -> BaseResponse:
    try:
        change()
        flash(done, "success")
    except Refusal as refusal:
        flash(str(refusal), "error")
    return redirect(url_for("users.index"), 303)


def _page(form: InviteForm, status: int = 200) -> Response:
    page = render_template(
        "users/list.html",
        people=accounts.people(),
        seen=accounts.last_seen(),
        form=form,
        roles=ROLES,
        titles=TITLES,
    )
    return make_response(page, status)


def _link(token: str, name: str) -> Response:
    return make_response(render_template("users/link.html", url=address(token), name=name), 201)
