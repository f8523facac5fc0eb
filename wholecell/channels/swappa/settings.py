"""The login form: by files, which needs no login, or by the proposed API; and the keys of the seller's app there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import Form, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

CSV, REST = "csv", "rest"
FILES = SelectChoice(CSV, "Files that you carry (CSV)")
API = SelectChoice(REST, "API: a proposal of ours that Swappa has not confirmed")
ADDRESSES = ("authorize", "token")  # WHOLECELL_SWAPPA_AUTHORIZE_URL and _TOKEN_URL, beside _BASE_URL
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
    token = PasswordField(
        "Token, for the API",
        filters=[_strip],
        validators=[Optional(), Length(8, 2000, "A token has between 8 and 2,000 characters."), PLAIN],
        description="If Swappa gave you one that stays the same. Leave it empty to sign in on Swappa's pages.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take away what belongs to the API while its address is not set; see `Channel.addresses`."""
        super().__init__(*args, **kwargs)
        self._addresses: Mapping[str, str] = getattr(self.meta, "addresses", {})
        if "base_url" not in self._addresses:
            self.mode.choices = [FILES]
            del self.token

    def validate_mode(self, field: SelectField) -> None:
        """Refuse signing in on pages whose address nobody knows."""
        has_pages = all(f"{name}_url" in self._addresses for name in ADDRESSES)
        if field.data == REST and not has_pages and not self.token.data:
            raise ValidationError("Enter a token: where to sign in to Swappa is not set.")


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
