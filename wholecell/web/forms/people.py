"""Forms about people: set-up, choosing a password, inviting."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, SelectChoice, SelectField, StringField
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length

from wholecell.services.start_lists import ROLES
from wholecell.web.forms.sign_in import str_strip

MOST_ROLES = {
    "viewer": "Viewer: reads everything",
    "picker": "Picker: also takes in, scans and ships phones",
    "manager": "Manager: also catalog, uploads, listings and sync",
    "admin": "Admin: also logins, people, settings and backup",
}


def name_field() -> StringField:
    """How a person is called."""
    return StringField(
        "Name",
        [DataRequired("Enter a name."), Length(max=120, message="Use up to 120 characters.")],
        filters=[str_strip],
        render_kw={"autocomplete": "name"},
    )


def email_field(autocomplete: str) -> EmailField:
    """The address a person signs in with."""
    return EmailField(
        "Email",
        [DataRequired("Enter an e-mail address."), Length(max=255, message="Use up to 255 characters.")],
        filters=[str_strip],
        render_kw={"autocomplete": autocomplete},
    )


class NewPassword(FlaskForm):
    """A password, twice."""

    password = PasswordField(
        "New password",
        [InputRequired("Enter a password."), Length(10, 200, message="Use at least 10 characters.")],
        description="At least 10 characters. Several words are easier to type than signs.",
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        "The same once more",
        [EqualTo("password", "The two are not the same: type both again.")],
        render_kw={"autocomplete": "new-password"},
    )


class SetUpForm(NewPassword):
    """The first admin."""

    name = name_field()
    email = email_field("username")


class ChoosePasswordForm(NewPassword):
    """What an invited person fills in."""

    name = name_field()


class ChangePasswordForm(NewPassword):
    """The old password and the new one."""

    old = PasswordField(
        "Your password now",
        [InputRequired("Enter the password you have now.")],
        render_kw={"autocomplete": "current-password"},
    )


class NameForm(FlaskForm):
    """How a person is called."""

    name = name_field()


class InviteForm(FlaskForm):
    """A new person."""

    name = name_field()
    email = email_field("off")
    role = SelectField("Role", choices=[SelectChoice(role, MOST_ROLES[role]) for role in ROLES], default="picker")
