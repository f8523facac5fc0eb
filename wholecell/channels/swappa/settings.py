"""The login form: by files, which needs no login, or by the proposed API; and the keys of the seller's app there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import Form, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

CSV, REST = "csv", "rest"
FILES = SelectChoice(CSV, "Files that you carry (CSV)")
API = SelectChoice(REST, "API (a proposal)")
ADDRESSES = ("authorize", "token")  # WHOLECELL_SWAPPA_AUTHORIZE_URL and _TOKEN_URL, beside _BASE_URL
SIGN_IN, TOKEN = "sign_in", "token"
WAYS = [
    SelectChoice(SIGN_IN, "Sign in at Swappa"),
    SelectChoice(TOKEN, "Fixed token"),
]
PROPOSAL = "The API is a proposal of ours: Swappa has confirmed none of it."
PLAIN = Regexp(r"[!-~]+\Z", message="This has no blanks or accents. Copy it again, whole.")


def is_by_hand(login: Mapping[str, str]) -> bool:
    """Whether people carry files, which is so unless the API was chosen."""
    return login.get("mode", CSV) != REST


def _strip(value: str | None) -> str:
    return (value or "").strip()


class LoginForm(Form):
    """How this integration works; files need nothing else. The API is offered where its address is set."""

    mode = SelectField(
        "How it works",
        choices=[FILES, API],
        default=CSV,
        description=(
            "Swappa publishes no API. With files you upload its listings and orders here, and enter numbers and "
            "shipments there from files made here: no login is needed, and nothing is ever called."
        ),
    )
    way = SelectField("How the API is opened", choices=WAYS, default=SIGN_IN)
    token = PasswordField(
        "Token",
        filters=[_strip],
        validators=[Optional(), Length(8, 2000, "A token has between 8 and 2,000 characters."), PLAIN],
        description="Only if Swappa gave you one that stays the same.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take away what belongs to the API while its addresses are not set; see `Channel.addresses`."""
        super().__init__(*args, **kwargs)
        addresses: Mapping[str, str] = getattr(self.meta, "addresses", {})
        if "base_url" not in addresses:
            self.mode.choices = [FILES]
            del self.way, self.token
            return
        self.mode.description = f"{self.mode.description} {PROPOSAL}"
        if not all(f"{name}_url" in addresses for name in ADDRESSES):
            self.way.choices = WAYS[1:]

    def validate_way(self, field: SelectField) -> None:
        """Refuse a token that is not there; with files it is no matter."""
        if self.mode.data == REST and field.data == TOKEN and not self.token.data:
            raise ValidationError("Enter the token below.")


class AppForm(Form):
    """The keys of the seller's own app at Swappa, for signing in on its pages."""

    client_id = StringField(
        "Client id",
        filters=[_strip],
        validators=[InputRequired("Enter the client id that Swappa gave you."), Length(max=200), PLAIN],
    )
    client_secret = PasswordField(
        "Client secret",
        filters=[_strip],
        validators=[InputRequired("Enter the client secret that Swappa gave you."), Length(max=500), PLAIN],
    )
