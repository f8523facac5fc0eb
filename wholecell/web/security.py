"""Sign-in: Flask-Security set up for passwords, authenticator codes, recovery codes and passkeys, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, Response, current_app, g, make_response, render_template, request, session
from flask_login import user_logged_in, user_logged_out
from flask_security import (
    Security,
    SQLAlchemySessionUserDatastore,
    Totp,
    UserMixin,
    WebauthnUtil,
    hash_password,
    uia_email_mapper,
)
from flask_wtf import CSRFProtect
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from wtforms import Form

from wholecell.config import Config
from wholecell.db import db, utcnow
from wholecell.models import Role, User, WebAuthn
from wholecell.services import browsers, throttle
from wholecell.web import access
from wholecell.web.forms.sign_in import CodeForm, PasskeyForm, PasswordAgainForm, RecoveryCodeForm, SignInForm
from wholecell.web.sessions import PERSON, DatabaseSessions

URLS = {
    "LOGIN_URL": "/sign-in",
    "LOGOUT_URL": "/sign-out",
    "VERIFY_URL": "/sign-in/again",
    "WAN_VERIFY_URL": "/sign-in/again/passkey",
    "WAN_SIGNIN_URL": "/sign-in/passkey",
    "TWO_FACTOR_TOKEN_VALIDATION_URL": "/sign-in/code",
    "TWO_FACTOR_SELECT_URL": "/sign-in/second-step",
    "TWO_FACTOR_RESCUE_URL": "/sign-in/rescue",
    "MULTI_FACTOR_RECOVERY_URL": "/sign-in/recovery-code",
    "MULTI_FACTOR_RECOVERY_CODES_URL": "/account/recovery-codes",
    "TWO_FACTOR_SETUP_URL": "/account/two-factor",
    "WAN_REGISTER_URL": "/account/passkeys",
    "WAN_DELETE_URL": "/account/passkeys/delete",
    "POST_LOGIN_VIEW": "account.arrive",
    "POST_LOGOUT_VIEW": "security.login",
    "POST_VERIFY_VIEW": "account.index",
    "TWO_FACTOR_POST_SETUP_VIEW": "account.index",
    "WAN_POST_REGISTER_VIEW": "security.wan_register",
}
WORDS = {
    "REAUTHENTICATION_REQUIRED": ("Enter your password once more: this changes how you sign in.", "info"),
    "REAUTHENTICATION_SUCCESSFUL": ("Thank you. Go on where you were.", "info"),
    "TWO_FACTOR_INVALID_TOKEN": ("That code is not right. Begin again with the new picture.", "error"),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": ("You are signed in.", "success"),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": (
        "Two-factor sign-in is on. Make recovery codes too, for the day your phone is lost.",
        "success",
    ),
    "TWO_FACTOR_DISABLED": ("Two-factor sign-in is off.", "success"),
    "TWO_FACTOR_PERMISSION_DENIED": ("Begin again with your address and password.", "error"),
    "WEBAUTHN_REGISTER_SUCCESSFUL": ("Added the passkey “%(name)s”.", "success"),
    "WEBAUTHN_CREDENTIAL_DELETED": ("Deleted the passkey “%(name)s”.", "success"),
    "WEBAUTHN_UNKNOWN_CREDENTIAL_ID": (
        "This passkey is not known here. Sign in with your password, and add it on your account page.",
        "error",
    ),
    "WEBAUTHN_NO_VERIFY": ("The passkey did not work (%(cause)s). Try again, or use your password.", "error"),
    "WEBAUTHN_EXPIRED": ("That took longer than %(within)s. Begin again.", "error"),
}

csrf = CSRFProtect()


class OneTimeTotp(Totp):
    """Codes of authenticator apps; each works once, also within its half minute."""

    def get_last_counter(self, user: UserMixin) -> int | None:
        """The newest half minute whose code was used."""
        return throttle.last_code(user.id)

    def set_last_counter(self, user: UserMixin, tmatch: Any) -> None:
        """Remember the half minute of a code that was right."""
        throttle.remember_code(user.id, tmatch.counter)


class Passkeys(WebauthnUtil):
    """Passkeys that name their person and ask for a finger or PIN, so one alone signs in; any device may hold them."""

    def authenticator_selection(self, user: UserMixin, usage: str) -> AuthenticatorSelectionCriteria:
        """Which authenticators may make one."""
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        )

    def user_verification(self, user: UserMixin | None, usage: list[str]) -> UserVerificationRequirement:
        """Always asked for: the passkey stands for password and second step."""
        return UserVerificationRequirement.REQUIRED


def init_app(app: Flask, settings: Config) -> None:
    """Set up sessions, the token on every change, sign-in and the check of every route."""
    secure = not settings.is_local
    app.config.update(
        SESSION_COOKIE_NAME="__Host-wholecell" if secure else "wholecell",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=browsers.STAYS,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: this page stays open all day
        **{f"SECURITY_{name}": value for name, value in _options(settings).items()},
    )
    app.session_interface = DatabaseSessions(app, key_prefix="", permanent=False)
    csrf.init_app(app)
    _security(app)
    access.init_app(app)
    user_logged_in.connect(_signed_in, app)
    user_logged_out.connect(_signed_out, app)


def hashed(password: str) -> str:
    """A password as it is stored: argon2, of the text in one Unicode form."""
    return str(hash_password(current_app.extensions["security"].password_util.normalize(password)))


def _options(settings: Config) -> dict[str, Any]:
    return {
        **URLS,
        **{f"MSG_{name}": words for name, words in WORDS.items()},
        "PASSWORD_HASH": "argon2",
        "PASSWORD_SCHEMES": ["argon2"],
        "PASSWORD_SINGLE_HASH": {"argon2"},
        "USER_IDENTITY_ATTRIBUTES": [{"email": {"mapper": uia_email_mapper, "case_insensitive": True}}],
        "STATIC_FOLDER": None,
        "CLI_USERS_NAME": None,
        "CLI_ROLES_NAME": None,
        "API_ENABLED_METHODS": ["session"],
        "CACHE_CONTROL": None,  # headers.py says it for every page
        "DATETIME_FACTORY": utcnow,
        "FRESHNESS": timedelta(hours=1),
        "FRESHNESS_GRACE_PERIOD": timedelta(minutes=10),
        "TWO_FACTOR": True,
        "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,
        "TWO_FACTOR_RESCUE_EMAIL": False,
        "TOTP_SECRETS": {"1": settings.secret_key},
        "TOTP_ISSUER": "WholeCell",
        "MULTI_FACTOR_RECOVERY_CODES": True,
        "MULTI_FACTOR_RECOVERY_CODES_N": 8,
        "MULTI_FACTOR_RECOVERY_CODES_KEYS": list(settings.credentials_keys),
        "WEBAUTHN": True,
        "WAN_RP_NAME": "WholeCell",
        "WAN_ALLOW_USER_HINTS": False,
        "WAN_NAME_ALLOWED_CHARS": ["L", "N", "M", "Pc", "Pd", "Pf", "Po", "Ps", "Pe", "Zs"],  # with Maya's apostrophe
        "WAN_ALLOW_AS_VERIFY": ["first"],
    }


def _security(app: Flask) -> None:
    security = Security(
        app,
        SQLAlchemySessionUserDatastore(db.session, User, Role, WebAuthn),
        login_form=SignInForm,
        verify_form=PasswordAgainForm,
        two_factor_verify_code_form=CodeForm,
        mf_recovery_form=RecoveryCodeForm,
        wan_register_form=PasskeyForm,
        totp_cls=OneTimeTotp,
        webauthn_util_cls=Passkeys,
        render_template=_render,  # type: ignore[arg-type]  # its views return what this gives
    )
    security.want_json(lambda _request: False)  # its JSON answers hand out tokens that outlive the session
    security.unauthn_handler(access.ask_to_sign_in)
    app.login_manager.unauthorized_handler(access.ask_to_sign_in)  # type: ignore[attr-defined]
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]


def _render(template: str, **context: Any) -> Response:
    """A page of Flask-Security; 422 when a form on it has errors, 429 when it was tried too often."""
    response = make_response(render_template(template, **context))
    wrong = any(isinstance(value, Form) and value.errors for value in context.values())
    if paused := g.get("retry_at"):
        response.status_code = 429
        response.retry_after = int((paused - utcnow()).total_seconds()) + 1
    elif request.method == "POST" and wrong:
        response.status_code = 422
    return response


def _signed_in(app: Flask, user: User) -> None:
    # Flask-Login would set a cookie that signs in by itself, and go on doing so after sign-out.
    session.permanent = session.pop("_remember", None) == "set"
    session.pop("_remember_seconds", None)
    session[PERSON] = user.id
    app.session_interface.regenerate(session)  # type: ignore[attr-defined]


def _signed_out(app: Flask, **_: object) -> None:
    session.clear()
    session.permanent = False
    app.session_interface.regenerate(session)  # type: ignore[attr-defined]
