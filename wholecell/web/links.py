"""One-time links: opening one shows a page, and only its button uses it up, for programs open links as well."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, url_for
from flask_security import login_user
from werkzeug.wrappers import Response as BaseResponse

from wholecell.config import Config
from wholecell.services import accounts, login_links
from wholecell.services.login_links import SpentLink
from wholecell.services.refusal import Refusal
from wholecell.web.forms.people import ChoosePasswordForm, SetUpForm
from wholecell.web.security import hashed

bp = Blueprint("links", __name__, url_prefix="/link")


@bp.errorhandler(SpentLink)
def spent(error: SpentLink) -> Response:
    """A link that works no more."""
    return make_response(render_template("links/spent.html", text=str(error)), 410)


@bp.get("/<token>")
def open(token: str) -> Response:
    """What the link is for, with the button that does it."""
    purpose, user = login_links.find(token)
    form = {"setup": SetUpForm, "password": ChoosePasswordForm}.get(purpose)
    return _page(purpose, token, form=form(obj=user) if form else None, user=user)


@bp.post("/<token>/set-up")
def set_up(token: str) -> BaseResponse:
    """Make the first admin and sign them in."""
    login_links.find(token)
    form = SetUpForm()
    if form.validate_on_submit():
        try:
            user = accounts.set_up(token, form.email.data, form.name.data, hashed(form.password.data))
        except SpentLink:
            raise
        except Refusal as refusal:
            form.email.errors = [str(refusal)]
        else:
            login_user(user, authn_via=["link"])
            return redirect(url_for("account.arrive"), 303)
    return _page("setup", token, 422, form=form)


@bp.post("/<token>/password")
def choose_password(token: str) -> BaseResponse:
    """Store the password an invited person chose; they sign in with it next."""
    _, user = login_links.find(token)
    form = ChoosePasswordForm()
    if form.validate_on_submit():
        accounts.choose_password(token, form.name.data, hashed(form.password.data))
        flash("Your password is saved. Sign in with it.", "success")
        return redirect(url_for("security.login"), 303)
    return _page("password", token, 422, form=form, user=user)


@bp.post("/<token>/sign-in")
def sign_in(token: str) -> BaseResponse:
    """Sign the link's person in."""
    login_user(accounts.sign_in_by_link(token), authn_via=["link"])
    return redirect(url_for("account.arrive"), 303)


def _page(purpose: str, token: str, status: int = 200, **context: object) -> Response:
    return make_response(render_template(f"links/{purpose}.html", token=token, **context), status)


def address(token: str) -> str:
    """The link as it is handed over, under the name the program is known by."""
    settings: Config = current_app.extensions["wholecell"]
    with current_app.test_request_context():
        return settings.public_url + url_for("links.open", token=token)
