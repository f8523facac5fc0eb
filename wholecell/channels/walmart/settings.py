"""The login form, and the hosts."""

from __future__ import annotations

from wtforms import Form, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Regexp

# Walmart's sandbox host answers with fixed examples whatever it is told, so it is no place to try this program.
HOSTS = {"us": "https://marketplace.walmartapis.com"}


def _strip(value: str | None) -> str:
    return (value or "").strip()


class LoginForm(Form):
    """What a seller enters to connect Walmart. The address of the API is never a field."""

    platform = SelectField(
        "Marketplace",
        choices=[SelectChoice("us", "United States")],
        default="us",
        description="A second seller account is a second integration.",
    )
    client_id = StringField(
        "Client ID",
        filters=[_strip],
        validators=[
            InputRequired("Paste the client ID from Walmart's Developer Portal."),
            Length(8, 200, "A client ID has between 8 and 200 characters. Copy it again, whole."),
            # It is sent as "id:secret", so that a colon would move the border between the two.
            Regexp(r"[!-9;-~]+\Z", message="A client ID has no blanks, colons or accents. Copy it again."),
        ],
        description="In the Developer Portal under API keys, from the production keys.",
    )
    client_secret = PasswordField(
        "Client secret",
        filters=[_strip],
        validators=[
            InputRequired("Paste the client secret from Walmart's Developer Portal."),
            Length(8, 500, "A client secret has between 8 and 500 characters. Copy it again, whole."),
            Regexp(r"[!-~]+\Z", message="A client secret has no blanks or accents. Copy it again."),
        ],
        description=(
            "Beside the client ID. The keys need full access to orders, inventory and feeds, and at least view access"
            " to items."
        ),
    )
