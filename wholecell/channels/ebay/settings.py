"""What is entered to connect eBay: the keys of the operator's own app, and a seller's login."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from wtforms import Form, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp

HOSTS = {"production": "https://api.ebay.com", "sandbox": "https://api.sandbox.ebay.com"}
IDENTITY_HOSTS = {
    "https://api.ebay.com": "https://apiz.ebay.com",
    "https://api.sandbox.ebay.com": "https://apiz.sandbox.ebay.com",
}
SIGN_IN_HOSTS = {
    "https://api.ebay.com": "https://auth.ebay.com",
    "https://api.sandbox.ebay.com": "https://auth.sandbox.ebay.com",
}
SCHEMA = "1423"  # of Trading's messages, the version this was written for


@dataclass(frozen=True, slots=True)
class Site:
    """One of eBay's sites: where it is, its number in Trading, its marketplace in REST, its language."""

    label: str
    domain: str
    number: int
    marketplace: str
    locale: str


SITES = {
    "us": Site("United States", "ebay.com", 0, "EBAY_US", "en-US"),
    "ca": Site("Canada", "ebay.ca", 2, "EBAY_CA", "en-CA"),
    "gb": Site("United Kingdom", "ebay.co.uk", 3, "EBAY_GB", "en-GB"),
    "au": Site("Australia", "ebay.com.au", 15, "EBAY_AU", "en-AU"),
    "de": Site("Germany", "ebay.de", 77, "EBAY_DE", "de-DE"),
    "fr": Site("France", "ebay.fr", 71, "EBAY_FR", "fr-FR"),
    "it": Site("Italy", "ebay.it", 101, "EBAY_IT", "it-IT"),
    "es": Site("Spain", "ebay.es", 186, "EBAY_ES", "es-ES"),
}


def site_of(login: Mapping[str, str]) -> Site:
    """The site of a login."""
    return SITES.get(login.get("site", ""), SITES["us"])


def place(login: Mapping[str, str]) -> str:
    """The country of the login's site, for people."""
    return "eBay's sandbox" if login.get("platform") == "sandbox" else site_of(login).label


def account_of(login: Mapping[str, str]) -> str:
    """The account that a login is of: all its sites are read by one login."""
    user_id = login.get("user_id", "")
    return f"{login.get('platform', '')} {user_id}" if user_id else ""


def order_url(login: Mapping[str, str]) -> str:
    """The page of one order on the login's site, with {id}."""
    domain = "sandbox.ebay.com" if login.get("platform") == "sandbox" else site_of(login).domain
    return f"https://www.{domain}/mesh/ord/details?orderid={{id}}"


def login_ends(login: Mapping[str, str]) -> date | None:
    """The day from which the refresh token is refused: about 18 months after the sign-in, and renewing moves it not."""
    try:
        return date.fromisoformat(login.get("refresh_token_ends", ""))
    except ValueError:
        return None


def _strip(value: str | None) -> str:
    return (value or "").strip()


def _is_plain(name: str) -> Regexp:
    # The id and the secret are sent as "id:secret", so that a colon would move the border between the two.
    return Regexp(r"[!-9;-~]+\Z", message=f"{name} has no blanks, colons or accents. Copy it again, whole.")


class AppForm(Form):
    """The keyset of the operator's own app at eBay's Developers Program, entered once for all logins."""

    client_id = StringField(
        "App ID (client ID)",
        filters=[_strip],
        validators=[
            InputRequired("Enter the App ID of your keyset."),
            Length(8, 200, "An App ID has between 8 and 200 characters. Copy it again, whole."),
            _is_plain("An App ID"),
        ],
        description="At developer.ebay.com under Application Keys, of the environment that you connect to.",
    )
    client_secret = PasswordField(
        "Cert ID (client secret)",
        filters=[_strip],
        validators=[
            InputRequired("Enter the Cert ID of your keyset."),
            Length(8, 200, "A Cert ID has between 8 and 200 characters. Copy it again, whole."),
            _is_plain("A Cert ID"),
        ],
        description="Beside the App ID.",
    )
    ru_name = StringField(
        "RuName (redirect URL name)",
        filters=[_strip],
        validators=[
            InputRequired("Enter the RuName of your keyset."),
            Length(4, 200, "A RuName has between 4 and 200 characters. Copy it again, whole."),
            Regexp(r"[!-~]+\Z", message="A RuName has no blanks or accents, and is no address. Copy it again."),
        ],
        description=(
            "At developer.ebay.com under User Tokens, Get a Token from eBay via Your Application. It is a name that"
            " eBay gives to your return address, not the address itself."
        ),
    )
    verification_token = PasswordField(
        "Verification token for account deletion",
        filters=[_strip],
        validators=[
            Optional(),
            Length(32, 80, "A verification token has between 32 and 80 characters."),
            Regexp(r"[A-Za-z0-9_-]+\Z", message="A verification token has letters, digits, _ and - only."),
        ],
        description=(
            "You make it up, and enter the same at developer.ebay.com under Alerts and Notifications. eBay lets"
            " the keys work only once we have answered at the address shown here, or eBay has exempted you."
        ),
    )


class LoginForm(Form):
    """What a seller chooses before signing in at eBay. The address of the API is never a field."""

    platform = SelectField(
        "Environment",
        choices=[SelectChoice("production", "Production"), SelectChoice("sandbox", "eBay's sandbox")],
        default="production",
        description="eBay's sandbox has sellers and a keyset of its own, and is only for trying out.",
    )
    site = SelectField(
        "Site",
        choices=[SelectChoice(key, each.label) for key, each in SITES.items()],
        default="us",
        description="Where you sell mostly. Listings on your other sites are imported, too.",
    )
    inventory_batch = SelectField(
        "Quantities in one call of the Inventory API",
        choices=[SelectChoice("1", "1, as eBay writes"), SelectChoice("5", "5"), SelectChoice("25", "25")],
        default="1",
        description="Only for listings that another tool made through the Inventory API.",
    )
    schema = StringField(
        "Trading API version",
        default=SCHEMA,
        filters=[_strip],
        validators=[Regexp(r"[0-9]{3,4}\Z", message="A version has three or four digits, such as 1423.")],
        description="Leave it as it is unless eBay asks for a newer one.",
    )
