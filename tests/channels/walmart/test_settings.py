import pytest
from werkzeug.datastructures import MultiDict

from tests.channels.walmart.payloads import SETTINGS
from wholecell.channels.walmart import CHANNEL
from wholecell.channels.walmart.settings import LoginForm


def filled(**changes):
    form = LoginForm(MultiDict(SETTINGS | changes))
    form.validate()
    return form


def test_good_form_gives_the_settings_that_connect_takes():
    form = filled()
    assert form.errors == {}
    assert form.data == SETTINGS


def test_blanks_around_pasted_keys_are_dropped():
    form = filled(client_id=f" {SETTINGS['client_id']}\n", client_secret=f"\t{SETTINGS['client_secret']} ")
    assert form.errors == {}
    assert form.data == SETTINGS


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("platform", "mars"),
        ("platform", "https://evil.example"),
        ("client_id", ""),
        ("client_id", "short"),
        ("client_id", "2f8c1a7e:0000-4000"),
        ("client_id", "2f8c1a7e 0000 4000"),
        ("client_secret", ""),
        ("client_secret", "short"),
        ("client_secret", "s3cret-of\r\nX-Evil: 1"),
        ("client_secret", "sécret-of-the-tests"),
    ],
)
def test_bad_value_is_refused_at_its_field(field, value):
    assert list(filled(**{field: value}).errors) == [field]


def test_the_same_keys_are_the_same_account():
    assert CHANNEL.account_of(SETTINGS) == SETTINGS["client_id"]
    assert CHANNEL.account_of({}) == ""
