"""The login form: the Custom Store, for which ShipStation calls us, or the API with a key and a secret."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import Form, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional, Regexp, ValidationError

CUSTOM, API = "custom", "api"
PLAIN = Regexp(r"[!-9;-~]+\Z", message="This has no blanks, colons or accents. Copy it again, whole.")


def calls_us(login: Mapping[str, str]) -> bool:
    """Whether ShipStation calls us, which is so unless the API was chosen."""
    return login.get("mode", CUSTOM) != API


def place(login: Mapping[str, str]) -> str:
    """How it works, for people."""
    return "Custom Store" if calls_us(login) else "API"


def _strip(value: str | None) -> str:
    return (value or "").strip()


class LoginForm(Form):
    """How orders get to ShipStation."""

    mode = SelectField(
        "How it works",
        choices=[
            SelectChoice(CUSTOM, "Custom Store: ShipStation asks us for orders"),
            SelectChoice(API, "API: we send orders and look for shipments"),
        ],
        default=CUSTOM,
        description=(
            "A Custom Store works with every plan of ShipStation that has it, and needs WholeCell to be reached from "
            "the internet by https. The API needs no such address, but a plan of ShipStation that includes it; it can "
            "also bring in orders of your other stores there."
        ),
    )
    api_key = StringField(
        "API Key",
        filters=[_strip],
        validators=[Optional(), Length(8, 200, "A key has between 8 and 200 characters."), PLAIN],
        description="For the API only: in ShipStation under Settings, Account, API Settings, of version V1.",
    )
    api_secret = PasswordField(
        "API Secret",
        filters=[_strip],
        validators=[Optional(), Length(8, 200, "A secret has between 8 and 200 characters."), PLAIN],
        description="Shown beside the key.",
    )

    def validate_mode(self, field: SelectField) -> None:
        """Refuse the API without a key and a secret; a Custom Store needs none."""
        if field.data == API and not (self.api_key.data and self.api_secret.data):
            raise ValidationError("The API needs the key and the secret below.")
