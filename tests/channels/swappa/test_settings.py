"""What the login form offers, by the addresses that are set."""

from werkzeug.datastructures import MultiDict

from wholecell.channels.swappa import CHANNEL

BASE = {"base_url": "https://api.swappa.example"}
ALL = BASE | {"authorize_url": "https://swappa.example/yes", "token_url": "https://swappa.example/token"}


def form(addresses, **entered):
    return CHANNEL.form(MultiDict(entered), meta={"addresses": addresses})


def test_without_an_address_there_are_files_alone():
    assert form({}, mode="csv").data == {"mode": "csv"}
    assert form({}, mode="csv").validate()
    assert not form({}, mode="rest").validate()
    assert not CHANNEL.form(MultiDict({"mode": "rest"})).validate(), "nobody said which are set"


def test_no_address_is_a_field():
    assert set(form(ALL)._fields) == {"mode", "way", "token"}


def test_the_api_is_offered_as_a_proposal():
    mode = form(ALL).mode
    assert [label for _, label, *_ in mode.iter_choices()][1] == "API (a proposal)"
    assert "Swappa has confirmed none of it" in mode.description
    assert "proposal" not in form({}).mode.description


def test_signing_in_is_offered_where_its_pages_are_known():
    assert form(ALL, mode="rest", way="sign_in").validate()
    assert not form(BASE, mode="rest", way="sign_in").validate()
    assert form(BASE, mode="rest", way="token", token="a-fixed-token").validate()
    missing = form(BASE, mode="rest", way="token")
    assert not missing.validate()
    assert missing.way.errors == ["Enter the token below."]
    assert form(ALL, mode="csv", way="token").validate(), "files need none"


def test_who_has_to_sign_in():
    wanted = CHANNEL.sign_in.is_wanted
    assert wanted({"mode": "rest", "way": "sign_in", "token": "an-old-one"})
    assert not wanted({"mode": "rest", "way": "token", "token": "a-fixed-token"})
    assert not wanted({"mode": "csv", "way": "sign_in"})
    assert CHANNEL.is_by_hand({"mode": "csv"})
    assert not CHANNEL.is_by_hand({"mode": "rest"})
