"""Your account: name, theme, password, second step, passkeys, the browsers you are signed in with."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from wholecell.services import accounts, browsers
from wholecell.services.refusal import Refusal
from wholecell.services.throttle import Attempt
from wholecell.web.access import Least, needs
from wholecell.web.filters import clock
from wholecell.web.forms.people import ChangePasswordForm, NameForm
from wholecell.web.security import hashed
from wholecell.web.shell import home_href

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.get("/home")
@needs(Least.VIEWER)
def arrive() -> BaseResponse:
    """Where sign-in ends: the first page there is."""
    return redirect(home_href())


@bp.get("/")
@needs(Least.VIEWER)
def index() -> Response:
    """The page."""
    return _page()


@bp.post("/name")
@needs(Least.VIEWER)
def save_name() -> BaseResponse:
    """Change how one is called."""
    form = NameForm()
    if not form.validate_on_submit():
        return _page(422, name_form=form)
    accounts.rename(current_user.id, form.name.data)
    return _done("Your name is saved.")


@bp.post("/theme")
@needs(Least.VIEWER)
def set_theme() -> BaseResponse:
    """Choose light, dark or what the system has, and stay on the page one was on."""
    try:
        accounts.set_theme(current_user.id, request.form.get("theme", ""))
    except Refusal as refusal:
        flash(str(refusal), "error")
    back = request.form.get("next", "")
    # Browsers and urlsplit leave out TAB and line breaks: "/\t/host" would lead to another host.
    is_ours = back.startswith("/") and back.isprintable() and not back.startswith(("//", "/\\"))
    return redirect(back if is_ours else url_for("account.index"), 303)


@bp.post("/password")
@needs(Least.VIEWER)
def change_password() -> BaseResponse:
    """Change the password; the other browsers are signed out."""
    form = ChangePasswordForm()
    attempt = Attempt("password", str(current_user.id), request.remote_addr or "")
    if paused := attempt.again_at():
        form.old.errors = [f"That was tried too often. Try again at {clock(paused)}."]
        return _page(429, password_form=form)
    if not form.validate_on_submit():
        return _page(422, password_form=form)
    if not current_user.password or not current_user.verify_and_update_password(form.old.data):
        attempt.failed()
        form.old.errors = ["That is not your password."]
        return _page(422, password_form=form)
    accounts.change_password(current_user.id, hashed(form.password.data), session.sid)  # type: ignore[attr-defined]
    return _done("Your password is changed, and your other browsers are signed out.")


@bp.post("/browsers/sign-out-others")
@needs(Least.VIEWER)
def sign_out_others() -> BaseResponse:
    """Sign out everywhere but here."""
    count = browsers.sign_out_others(current_user.id, session.sid)  # type: ignore[attr-defined]
    return _done(f"Signed out {count} other {'browser' if count == 1 else 'browsers'}.")


def _page(status: int = 200, **forms: object) -> Response:
    here = browsers.digest(session.sid)  # type: ignore[attr-defined]
    context = {
        "name_form": NameForm(formdata=None, obj=current_user),
        "password_form": ChangePasswordForm(formdata=None),
        "browsers": [(row, row.token_hash == here) for row in browsers.of_user(current_user.id)],
        **forms,
    }
    return make_response(render_template("account/index.html", **context), status)


def _done(text: str) -> BaseResponse:
    flash(text, "success")
    return redirect(url_for("account.index"), 303)
