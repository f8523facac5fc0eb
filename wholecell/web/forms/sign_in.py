"""Flask-Security's sign-in forms, with our words and a limit on wrong tries."""

from __future__ import annotations

from typing import Any

from flask import g, request
from flask_security import LoginForm, TwoFactorVerifyCodeForm, VerifyForm, WebAuthnRegisterForm
from flask_security.forms import Form
from flask_security.recovery_codes import MfRecoveryForm
from wtforms import BooleanField, EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from wholecell.services.throttle import Attempt
from wholecell.web.filters import clock


def str_strip(value: str | None) -> str | None:
    """Without the spaces a copied value brings along."""
    return value.strip() if value else value


class Throttled(Form):
    """Counts wrong tries about one person and from one address, and pauses when there were too many."""

    action = "sign-in"
    wrong = "That is not right."

    def subject(self) -> str:
        """Whom the try is about."""
        raise NotImplementedError

    def validate(self, **kwargs: Any) -> bool:
        """Check the form, unless it was tried too often. Nothing tells a wrong password from an unknown person."""
        if any(field.flags.required and not field.data for field in self):
            return super().validate(**kwargs)  # an empty field is no try
        attempt = Attempt(self.action, self.subject(), request.remote_addr or "")
        if paused := attempt.again_at():
            g.retry_at = paused
            self.form_errors = [f"That was tried too often. Try again at {clock(paused)}."]
            return False
        if super().validate(**kwargs):
            return True
        left = attempt.failed()
        for field in self:
            field.errors = []
        self.form_errors = [f"{self.wrong} {_tries(left)}"]
        return False


def _tries(left: int) -> str:
    if not left:
        return "That was the last try for 10 minutes."
    return f"{left} {'try' if left == 1 else 'tries'} left, then a pause of 10 minutes."


class SignInForm(Throttled, LoginForm):
    """E-mail and password."""

    wrong = "That address and password do not go together."
    email = EmailField("Email", [InputRequired("Enter your address."), Length(max=255)], filters=[str_strip])
    password = PasswordField("Password", [InputRequired("Enter your password."), Length(max=200)])
    remember = BooleanField("Stay signed in on this computer for 14 days")

    def subject(self) -> str:
        """The address typed."""
        return self.email.data or ""


class PasswordAgainForm(Throttled, VerifyForm):
    """The password once more, before changing how one signs in."""

    action = "password"
    wrong = "That is not your password."
    password = PasswordField("Password", [InputRequired("Enter your password."), Length(max=200)])

    def subject(self) -> str:
        """The person signed in."""
        return str(self.user.id)


class CodeForm(Throttled, TwoFactorVerifyCodeForm):
    """The code of an authenticator app."""

    action = "code"
    wrong = "That code is not right. Wait for the next one in your app."
    code = StringField("Code", [InputRequired("Enter the code."), Length(max=10)], filters=[str_strip])

    def subject(self) -> str:
        """The person it belongs to."""
        return str(self.user.id if self.user else "")


class RecoveryCodeForm(Throttled, MfRecoveryForm):
    """One of the codes kept for a lost phone."""

    action = "code"
    wrong = "That is none of your unused recovery codes."
    code = StringField("Recovery code", [InputRequired("Enter a code."), Length(max=40)], filters=[str_strip])

    def subject(self) -> str:
        """The person it belongs to."""
        return str(self.user.id if self.user else "")


class PasskeyForm(WebAuthnRegisterForm):
    """A new passkey's name; every passkey signs in by itself."""

    name = StringField(
        "Name",
        [InputRequired("Name it after where it is kept, such as “Maya's laptop”."), Length(max=64)],
        description="Where it is kept, such as the laptop or the security key.",
    )
    usage = HiddenField(default="first")

    def validate(self, **kwargs: Any) -> bool:
        """Every passkey is a first one, whatever was sent."""
        self.usage.data = "first"
        return super().validate(**kwargs)
