"""The login form, and the platforms it offers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from wtforms import Form, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Email, InputRequired, Length, Regexp, ValidationError

INTEGRATION = "WholeCell"


@dataclass(frozen=True, slots=True)
class Platform:
    """One of Back Market's separate worlds: accounts, tokens and listings of one are unknown to the others.

    `markets` are names by Accept-Language.
    """

    label: str
    host: str
    markets: Mapping[str, str]


NORTH_AMERICA = {"en-us": "United States"}
EUROPE = {
    "fr-fr": "France",
    "fr-be": "Belgium",
    "es-es": "Spain",
    "de-de": "Germany",
    "de-at": "Austria",
    "it-it": "Italy",
    "en-gb": "United Kingdom",
    "nl-nl": "Netherlands",
    "pt-pt": "Portugal",
    "en-ie": "Ireland",
    "el-gr": "Greece",
    "sk-sk": "Slovakia",
    "sv-se": "Sweden",
}
ASIA_PACIFIC = {"ja-jp": "Japan", "en-au": "Australia"}

SHOPS = {
    "north-america": Platform("North America", "https://www.backmarket.com", NORTH_AMERICA),
    "europe": Platform("Europe", "https://www.backmarket.fr", EUROPE),
    "asia-pacific": Platform("Asia-Pacific", "https://www.backmarket.co.jp", ASIA_PACIFIC),
}
TRIALS = {
    "north-america-trial": Platform("North America, trial", "https://preprod.backmarket.com", NORTH_AMERICA),
    "europe-trial": Platform("Europe, trial", "https://preprod.backmarket.fr", EUROPE),
    "asia-pacific-trial": Platform("Asia-Pacific, trial", "https://preprod.backmarket.co.jp", ASIA_PACIFIC),
}
PLATFORMS = SHOPS | TRIALS


def company_word(company: str) -> str:
    """Return the company as the one ASCII word of the User-Agent; empty when no letter of it is Latin."""
    letters = unicodedata.normalize("NFKD", company).encode("ascii", "ignore").decode()
    return re.sub(r"[^0-9A-Za-z]", "", letters)


def user_agent(settings: Mapping[str, str]) -> str:
    """Return the header without whose form Back Market may refuse every call: BM-Company-Integration;email."""
    return f"BM-{company_word(settings['company'])}-{INTEGRATION};{settings['email']}"


def _strip(value: str | None) -> str:
    return (value or "").strip()


class LoginForm(Form):
    """What a seller enters to connect Back Market. The address of the API is never a field."""

    platform = SelectField(
        "Platform",
        choices=[SelectChoice(key, platform.label) for key, platform in PLATFORMS.items()],
        default="north-america",
        description="Where your seller account was made. A second platform is a second integration.",
    )
    market = SelectField(
        "Main market",
        choices=[
            SelectChoice(code, f"{name} ({code})", optgroup=platform.label)
            for platform in SHOPS.values()
            for code, name in platform.markets.items()
        ],
        default="en-us",
        description="Prices and states are read as this market shows them. Quantities are one number for all.",
    )
    token = PasswordField(
        "Token",
        filters=[_strip],
        validators=[
            InputRequired("Paste the token from Back Market's back office."),
            Length(8, 2000, "A token has between 8 and 2,000 characters. Copy it again, whole."),
            Regexp(r"[!-~]+\Z", message="A token has no blanks or accents. Copy it again, without the word Basic."),
        ],
        description="In Back Market's back office under Options, Integrations.",
    )
    company = StringField(
        "Company",
        filters=[_strip],
        validators=[InputRequired("Enter your company's name."), Length(max=80)],
        description="Back Market wants to see who calls.",
    )
    email = StringField(
        "Contact email",
        filters=[_strip],
        validators=[
            InputRequired("Enter an email address Back Market can write to."),
            Email("This is not an email address."),
            Length(max=200),
            Regexp(r"[!-:<-~]+\Z", message="Use an address with plain letters only, without accents."),
        ],
        description="Back Market writes here when something is wrong with our calls.",
    )

    def validate_market(self, field: SelectField) -> None:
        """Refuse a market that the platform does not serve."""
        platform = PLATFORMS.get(self.platform.data)
        if platform and field.data not in platform.markets:
            served = ", ".join(platform.markets.values())
            raise ValidationError(f"{platform.label} serves these markets: {served}.")

    def validate_company(self, field: StringField) -> None:
        """Refuse a name of which nothing is left in ASCII."""
        if not company_word(field.data):
            raise ValidationError("Write the name with Latin letters or digits too, for example Suzuki Mobile.")
