import pytest
from werkzeug.datastructures import MultiDict

from tests.channels.backmarket.payloads import SETTINGS
from wholecell.channels.backmarket.settings import LoginForm, company_word, user_agent


def filled(**changes):
    form = LoginForm(MultiDict(SETTINGS | changes))
    form.validate()
    return form


def test_good_form_gives_the_settings_that_connect_takes():
    form = filled()
    assert form.errors == {}
    assert form.data == SETTINGS


def test_blanks_around_a_pasted_token_are_dropped():
    assert filled(token=f" {SETTINGS['token']}\n").data["token"] == SETTINGS["token"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("token", ""),
        ("token", "short"),
        ("token", "Basic dG9rZW4tb2Y"),
        ("token", "dG9rZW4tb2Y\r\nX-Evil: 1"),
        ("token", "tökén-tökén"),
        ("platform", "mars"),
        ("platform", "https://evil.example"),
        ("market", "xx-xx"),
        ("company", ""),
        ("company", "株式会社"),
        ("email", "nobody"),
        ("email", "a@b.example;x"),
        ("email", "jürgen@northline.example"),
        ("email", "a@münchen.example"),
        ("email", "a@b.example\r\nX-Evil: 1"),
    ],
)
def test_bad_value_is_refused_at_its_field(field, value):
    assert list(filled(**{field: value}).errors) == [field]


@pytest.mark.parametrize(
    ("platform", "market", "is_served"),
    [
        ("north-america", "en-us", True),
        ("north-america", "fr-fr", False),
        ("europe", "en-gb", True),
        ("europe", "en-us", False),
        ("asia-pacific", "ja-jp", True),
        ("asia-pacific", "de-de", False),
        ("europe-trial", "sv-se", True),
        ("north-america-trial", "en-au", False),
    ],
)
def test_market_belongs_to_the_platform(platform, market, is_served):
    errors = filled(platform=platform, market=market).errors
    assert errors == {} if is_served else "serves these markets" in errors["market"][0]


@pytest.mark.parametrize(
    ("company", "word"),
    [("Northline Mobile", "NorthlineMobile"), ("Réparé & Söhne GmbH", "RepareSohneGmbH"), ("A-B;C", "ABC"), ("株", "")],
)
def test_company_becomes_one_ascii_word(company, word):
    assert company_word(company) == word


def test_user_agent_has_the_demanded_form():
    assert user_agent(SETTINGS) == "BM-NorthlineMobile-WholeCell;it@northline.example"
