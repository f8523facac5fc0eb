"""The login form, and the marketplaces it offers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from wtforms import Form, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError
from wtforms.widgets import DateInput

# A client secret stops working then ("Rotating your application's LWA credentials").
SECRET_LIVES = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the world with its own API and its own refresh tokens."""

    label: str
    host: str


@dataclass(frozen=True, slots=True)
class Marketplace:
    """One of Amazon's shops, known by its id."""

    label: str
    region: str
    domain: str
    currency: str

    @property
    def seller_central(self) -> str:
        """Its Seller Central, as "Seller Central URLs" has it: five shops of Europe share one."""
        return f"https://sellercentral{'-europe.amazon.com' if self.domain in AS_ONE else f'.{self.domain}'}"


AS_ONE = frozenset({"amazon.co.uk", "amazon.de", "amazon.fr", "amazon.it", "amazon.es"})
REGIONS = {
    "na": Region("North and South America", "https://sellingpartnerapi-na.amazon.com"),
    "eu": Region("Europe, Middle East, Africa and India", "https://sellingpartnerapi-eu.amazon.com"),
    "fe": Region("Far East", "https://sellingpartnerapi-fe.amazon.com"),
}
MARKETPLACES = {
    "ATVPDKIKX0DER": Marketplace("United States", "na", "amazon.com", "USD"),
    "A2EUQ1WTGCTBG2": Marketplace("Canada", "na", "amazon.ca", "CAD"),
    "A1AM78C64UM0Y8": Marketplace("Mexico", "na", "amazon.com.mx", "MXN"),
    "A2Q3Y263D00KWC": Marketplace("Brazil", "na", "amazon.com.br", "BRL"),
    "A1F83G8C2ARO7P": Marketplace("United Kingdom", "eu", "amazon.co.uk", "GBP"),
    "A1PA6795UKMFR9": Marketplace("Germany", "eu", "amazon.de", "EUR"),
    "A13V1IB3VIYZZH": Marketplace("France", "eu", "amazon.fr", "EUR"),
    "APJ6JRA9NG5V4": Marketplace("Italy", "eu", "amazon.it", "EUR"),
    "A1RKKUPIHCS9HS": Marketplace("Spain", "eu", "amazon.es", "EUR"),
    "A1805IZSGTT6HS": Marketplace("Netherlands", "eu", "amazon.nl", "EUR"),
    "AMEN7PMS3EDWL": Marketplace("Belgium", "eu", "amazon.com.be", "EUR"),
    "A2NODRKZP88ZB9": Marketplace("Sweden", "eu", "amazon.se", "SEK"),
    "A1C3SOZRARQ6R3": Marketplace("Poland", "eu", "amazon.pl", "PLN"),
    "A33AVAJ2PDY3EV": Marketplace("Türkiye", "eu", "amazon.com.tr", "TRY"),
    "A2VIGQ35RCS4UG": Marketplace("United Arab Emirates", "eu", "amazon.ae", "AED"),
    "A17E79C6D8DWNP": Marketplace("Saudi Arabia", "eu", "amazon.sa", "SAR"),
    "ARBP9OOSHTCHU": Marketplace("Egypt", "eu", "amazon.eg", "EGP"),
    "AE08WJ6YKNBMC": Marketplace("South Africa", "eu", "amazon.co.za", "ZAR"),
    "A21TJRUUN4KGV": Marketplace("India", "eu", "amazon.in", "INR"),
    "A1VC38T7YXB528": Marketplace("Japan", "fe", "amazon.co.jp", "JPY"),
    "A39IBJ37TRP1C6": Marketplace("Australia", "fe", "amazon.com.au", "AUD"),
    "A19VAU5U5O7RUS": Marketplace("Singapore", "fe", "amazon.sg", "SGD"),
}
HOSTS = {key: region.host for key, region in REGIONS.items()}


def place(login: Mapping[str, str]) -> str:
    """The country of the login's marketplace, for people."""
    found = MARKETPLACES.get(login.get("marketplace", ""))
    return found.label if found else ""


def order_url(login: Mapping[str, str]) -> str:
    """The page of one order in the Seller Central of the login's marketplace, with {id}."""
    found = MARKETPLACES.get(login.get("marketplace", ""))
    return f"{found.seller_central}/orders-v3/order/{{id}}" if found else ""


def account_of(login: Mapping[str, str]) -> str:
    """A seller's shop on one marketplace, by whichever app: twice connected, its orders would come twice."""
    seller, marketplace = login.get("seller_id", ""), login.get("marketplace", "")
    return f"{login.get('platform', '')} {seller} {marketplace}" if seller and marketplace else ""


def limits_of(login: Mapping[str, str]) -> str:
    """Amazon counts the calls of each pair of app and seller, in each region ("Usage Plans and Rate Limits")."""
    return " ".join(login.get(name, "") for name in ("platform", "client_id", "seller_id"))


def login_ends(login: Mapping[str, str]) -> date | None:
    """The day from which the client secret is refused; None when nobody said when it was made."""
    made_on = _day(login.get("secret_made_on", ""))
    return None if made_on is None else made_on + SECRET_LIVES


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _strip(value: str | None) -> str:
    return (value or "").strip()


def _is_plain(name: str) -> Regexp:
    return Regexp(r"[!-~]+\Z", message=f"{name} has no blanks or accents. Copy it again, whole.")


class LoginForm(Form):
    """What a seller enters to connect Amazon. The address of the API is never a field."""

    marketplace = SelectField(
        "Marketplace",
        choices=[
            SelectChoice(key, f"{each.label} ({each.domain})", optgroup=REGIONS[each.region].label)
            for key, each in MARKETPLACES.items()
        ],
        default="ATVPDKIKX0DER",
        description="Each marketplace is an integration of its own. One authorization covers all of a region.",
    )
    seller_id = StringField(
        "Seller id",
        filters=[_strip],
        validators=[
            InputRequired("Enter your seller id, also called merchant token."),
            Regexp(r"[0-9A-Z]{6,32}\Z", message="A seller id has only capital letters and digits, such as A1B2C3D4E5."),
        ],
        description="In Seller Central under Settings, Account Info, Merchant Token.",
    )
    client_id = StringField(
        "LWA client id",
        filters=[_strip],
        validators=[
            InputRequired("Enter the client id of your app."),
            Length(8, 200, "A client id has between 8 and 200 characters. Copy it again, whole."),
            _is_plain("A client id"),
        ],
        description="In Seller Central under Apps and Services, Develop Apps, at your app: View LWA credentials.",
    )
    client_secret = PasswordField(
        "LWA client secret",
        filters=[_strip],
        validators=[
            InputRequired("Enter the client secret of your app."),
            Length(8, 400, "A client secret has between 8 and 400 characters. Copy it again, whole."),
            _is_plain("A client secret"),
        ],
        description="Beside the client id. Amazon lets it live for 180 days.",
    )
    refresh_token = PasswordField(
        "Refresh token",
        filters=[_strip],
        validators=[
            InputRequired("Enter the refresh token that you got when you authorized the app."),
            Length(8, 4000, "A refresh token has between 8 and 4,000 characters. Copy it again, whole."),
            _is_plain("A refresh token"),
        ],
        description="Made by Authorize app in Seller Central. It belongs to one region.",
    )
    secret_made_on = StringField(
        "Client secret made on",
        filters=[_strip],
        validators=[Optional()],
        widget=DateInput(),
        description="If you enter it, you are told in time that the secret has to be made anew.",
    )

    @property
    def data(self) -> dict[str, Any]:
        """The values of the fields, and the region that the marketplace is in as `platform`."""
        values = {name: field.data for name, field in self._fields.items()}
        chosen = MARKETPLACES.get(values["marketplace"])
        return values | {"platform": chosen.region if chosen else ""}

    def validate_secret_made_on(self, field: StringField) -> None:
        """Refuse what is no day, or one that is yet to come."""
        if not field.data:
            return
        made_on = _day(field.data)
        if made_on is None:
            raise ValidationError("This is not a date. Write it as 2026-03-31.")
        if made_on > date.today() + timedelta(days=1):  # noqa: DTZ011  # a day ahead it may be that day elsewhere
            raise ValidationError("This day is yet to come.")
