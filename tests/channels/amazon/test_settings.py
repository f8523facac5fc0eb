from datetime import date, timedelta

import pytest
from werkzeug.datastructures import MultiDict

from tests.channels.amazon.payloads import SETTINGS
from wholecell.channels.amazon import CHANNEL
from wholecell.channels.amazon.settings import MARKETPLACES, REGIONS, LoginForm


def filled(**changes):
    form = LoginForm(MultiDict({name: value for name, value in SETTINGS.items() if name != "platform"} | changes))
    form.validate()
    return form


def test_good_form_gives_the_settings_that_connect_takes():
    form = filled()
    assert form.errors == {}
    assert form.data == SETTINGS


def test_the_day_of_the_secret_may_stay_open():
    assert filled(secret_made_on="").errors == {}


def test_blanks_around_what_is_pasted_are_dropped():
    assert filled(refresh_token=f" {SETTINGS['refresh_token']}\n").data["refresh_token"] == SETTINGS["refresh_token"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("marketplace", "mars"),
        ("marketplace", "https://evil.example"),
        ("seller_id", ""),
        ("seller_id", "a1b2c3d4e5"),
        ("seller_id", "A1B2/../C3"),
        ("client_id", ""),
        ("client_id", "amzn1 application"),
        ("client_secret", ""),
        ("client_secret", "short"),
        ("client_secret", "sécret-sécret"),
        ("client_secret", "secret\r\nX-Evil: 1"),
        ("refresh_token", ""),
        ("refresh_token", "Atzr|with a blank"),
        ("secret_made_on", "yesterday"),
        ("secret_made_on", (date.today() + timedelta(days=9)).isoformat()),
    ],
)
def test_bad_value_is_refused_at_its_field(field, value):
    assert list(filled(**{field: value}).errors) == [field]


@pytest.mark.parametrize(
    ("marketplace", "platform"), [("ATVPDKIKX0DER", "na"), ("A1PA6795UKMFR9", "eu"), ("A1VC38T7YXB528", "fe")]
)
def test_the_region_follows_from_the_marketplace(marketplace, platform):
    assert filled(marketplace=marketplace).data["platform"] == platform
    assert CHANNEL.hosts[platform] == f"https://sellingpartnerapi-{platform}.amazon.com"


def test_every_marketplace_is_in_a_region_and_offered_under_its_name():
    assert {each.region for each in MARKETPLACES.values()} == set(REGIONS)
    assert 'optgroup label="Far East"' in filled().marketplace()
    assert 'type="date"' in filled().secret_made_on()


def test_the_login_ends_180_days_after_the_secret_was_made():
    assert CHANNEL.login_ends(SETTINGS) == date(2026, 7, 30)
    assert CHANNEL.login_ends({**SETTINGS, "secret_made_on": ""}) is None
    assert CHANNEL.login_ends({}) is None


def test_secrets_are_never_shown_again():
    page = "".join(filled()[name]() for name in CHANNEL.secrets)
    assert not [name for name in CHANNEL.secrets if SETTINGS[name] in page]


@pytest.mark.parametrize(
    ("country", "host"),
    [
        ("United States", "sellercentral.amazon.com"),
        ("Germany", "sellercentral-europe.amazon.com"),
        ("United Kingdom", "sellercentral-europe.amazon.com"),
        ("Belgium", "sellercentral.amazon.com.be"),
        ("Japan", "sellercentral.amazon.co.jp"),
    ],
)
def test_an_order_is_looked_up_where_its_marketplace_is(country, host):
    login = {"marketplace": next(key for key, each in MARKETPLACES.items() if each.label == country)}
    assert CHANNEL.place(login) == country
    assert CHANNEL.order_page(login, "1-2?/3") == f"https://{host}/orders-v3/order/1-2%3F%2F3"


def test_without_a_marketplace_or_an_order_there_is_no_page():
    assert [CHANNEL.order_page({}, "1"), CHANNEL.order_page(SETTINGS, ""), CHANNEL.place({})] == [""] * 3


def test_an_account_is_a_seller_on_a_marketplace_whatever_the_app():
    one = {"seller_id": "A1B2C3", "marketplace": "ATVPDKIKX0DER", "client_id": "one"}
    assert CHANNEL.account_of(one) == CHANNEL.account_of({**one, "client_id": "two"}) != ""
    assert CHANNEL.account_of({**one, "marketplace": "A2EUQ1WTGCTBG2"}) != CHANNEL.account_of(one)
    assert CHANNEL.account_of({}) == ""
