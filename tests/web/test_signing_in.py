"""Logins that are completed on the channel's own pages, and the seller's app there."""

from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from tests import sign_in_world
from tests.races import race
from tests.sign_in_world import APP, KIND
from tests.web.pages import check_page, get_page
from wholecell.channels.contract import CredentialsError
from wholecell.db import db, transaction, utcnow
from wholecell.models import ChannelSignIn, Event, Integration, MarketplaceApp, Work
from wholecell.services import connect, logins, sign_ins
from wholecell.services.events import Actor
from wholecell.services.vault import Vault

RETURN = "http://localhost:8000/integrations/signed-in/fakery"
OLD = "was used already"


@pytest.fixture
def fakery(monkeypatch):
    return sign_in_world.install(monkeypatch)


def vault(app):
    return Vault(app.extensions["wholecell"].credentials_keys)


def enter_app(client, **changes):
    data = {f"{KIND}-{name}": value for name, value in {**APP, **changes}.items()}
    return client.post(f"/settings/apps/{KIND}", data=data)


def begin(client, url=f"/integrations/connect/{KIND}", **data):
    """Fill in the form, and give the address of the channel's page and the state it carries."""
    answer = client.post(url, data={"name": "Shop", "site": "us", **data})
    assert answer.status_code == 303, answer.text
    page = get_page(client, answer.location)
    (address,) = (href for href in page.links() if href.startswith("https://fakery.example/"))
    return address, parse_qs(urlsplit(address).query)["state"][0]


def come_back(client, follow=True, kind=KIND, **answer):
    return client.get(f"/integrations/signed-in/{kind}", query_string=answer, follow_redirects=follow)


def the_one():
    return db.session.scalars(sa.select(Integration)).one()


def test_the_apps_keys_come_first_and_are_never_shown_again(app, client_as, fakery):
    client = client_as("admin")
    page = get_page(client, f"/integrations/connect/{KIND}")
    assert "Enter the keys of the app" in page.text and 'name="site"' not in page.text
    answer = client.post(f"/integrations/connect/{KIND}", data={"name": "Shop", "site": "us"})
    assert answer.status_code == 422 and "Enter the keys of the app" in answer.text
    assert RETURN in get_page(client, "/settings/apps").text
    refused = enter_app(client, client_secret="")
    assert refused.status_code == 422 and "Enter the client secret" in check_page(client, refused).text
    assert "Set up" in client.get(enter_app(client).location).text
    shown = get_page(client, "/settings/apps").text
    assert 'value="app-1"' in shown and APP["client_secret"] not in shown
    assert shown.count("Leave empty to keep the one stored") == 1, "of the two secrets one is stored"
    kept = db.session.scalars(sa.select(MarketplaceApp)).one()
    assert APP["client_secret"] not in kept.secrets and kept.fields == {"client_id": "app-1"}
    assert "Nothing was changed" in client.get(enter_app(client, client_secret="").location).text
    assert vault(app).open(kept.secrets) == {"client_secret": "hush-app", "notice_key": ""}
    assert client_as("manager").get("/settings/apps").status_code == 403
    assert client.post("/settings/apps/backmarket").status_code == 404


def test_other_keys_of_the_app_begin_every_login_anew(app, client_as, fakery):
    client = client_as("admin")
    enter_app(client)
    come_back(client, state=begin(client)[1], code="c1")
    one = the_one()
    with transaction() as session:
        one.login_refused_at, one.login_problem = utcnow(), "No."
        session.execute(sa.update(Work).values(not_before=utcnow()))
    enter_app(client, client_secret="hush-new")
    one = the_one()
    assert (one.login_version, one.login_refused_at) == (2, None)
    assert db.session.scalars(sa.select(Work.not_before).distinct()).all() == [None]
    logins.check_stored(one, vault(app))
    assert fakery.seen[-1] == {
        "client_id": "app-1",
        "client_secret": "hush-new",
        "notice_key": "",
        "site": "us",
        "refresh_token": "hush-c1",
        "ends_on": "2027-01-01",
    }
    told = db.session.execute(sa.select(Event.subject, Event.new).where(Event.kind == "marketplace app")).all()
    assert told == [("account", "Fakery")] * 2


def test_an_app_whose_keys_cannot_be_read_any_more_goes_on_with_the_right_key(app, client_as, fakery):
    client = client_as("admin")
    enter_app(client)
    come_back(client, state=begin(client)[1], code="c1")
    sealed = db.session.scalars(sa.select(MarketplaceApp.secrets)).one()
    other = Vault([Fernet.generate_key().decode()])
    with transaction() as session:
        session.execute(sa.update(MarketplaceApp).values(secrets=other.close(APP)))
    with pytest.raises(CredentialsError, match="stored keys of the app") as told:
        connect.connector_for(the_one(), vault(app))
    with transaction() as session:
        session.execute(sa.update(Integration).values(login_refused_at=utcnow(), login_problem=told.value.message))
    vault(app).resume()
    assert the_one().login_refused_at is not None
    with transaction() as session:
        session.execute(sa.update(MarketplaceApp).values(secrets=sealed))
    vault(app).resume()
    assert the_one().login_refused_at is None
    assert vault(app).rotate() == 2
    assert db.session.scalars(sa.select(MarketplaceApp.secrets)).one() != sealed


def test_the_way_there_and_back(app, client_as, fakery, caplog, capsys):
    client = client_as("admin")
    enter_app(client)
    address, state = begin(client, site="utopia")
    assert address == f"https://fakery.example/authorize?client=app-1&state={state}&back={RETURN}"
    row = db.session.scalars(sa.select(ChannelSignIn)).one()
    assert state not in str(vars(row)) and "utopia" not in row.login
    answer = come_back(client, follow=False, state=state, code="c 1/+%20")
    assert (answer.status_code, answer.location) == (303, f"/integrations/{the_one().id}/listings")
    assert fakery.codes == [("c 1/+%20", "hush-app", RETURN, "https://api.fakery.example")]
    one = the_one()
    assert (one.name, one.login) == ("Shop", {"site": "utopia", "ends_on": "2027-01-01"})
    assert vault(app).open(one.secrets) == {"refresh_token": "hush-c 1/+%20"}
    assert "about to start" in get_page(client, answer.location).text
    again = come_back(client, follow=False, state=state, code="c 1/+%20")
    assert (again.status_code, again.location) == (303, f"/integrations/{one.id}/")
    assert len(fakery.codes) == 1 and the_one().login_version == 1
    said = caplog.text + "".join(capsys.readouterr())
    assert state not in said and "c 1" not in said and "hush" not in said


def test_signing_in_again_replaces_the_login(app, client_as, fakery):
    client = client_as("admin")
    enter_app(client)
    come_back(client, state=begin(client)[1], code="c1")
    one = the_one()
    page = get_page(client, f"/integrations/{one.id}/")
    assert ">Sign in again</button>" in page.text
    _, state = begin(client, f"/integrations/{one.id}/login", site="uk")
    assert the_one().login["site"] == "us", "nothing changes before the person comes back"
    assert "login works and is saved" in come_back(client, state=state, code="c2").text
    one = the_one()
    assert (one.login["site"], one.login_version) == ("uk", 2)
    assert vault(app).open(one.secrets) == {"refresh_token": "hush-c2"}
    _, state = begin(client, f"/integrations/{one.id}/login", site="de")
    fakery.problem = CredentialsError("This account does not sell.", advice="Use another.")
    said = come_back(client, state=state, code="c3")
    assert "This account does not sell. Use another." in said.text and said.request.path == f"/integrations/{one.id}/"
    assert the_one().login["site"] == "uk"
    assert fakery.open_transactions == [False] * 5


def test_what_is_said_of_the_account_and_the_days_calls_is_shown(app, client_as, fakery):
    client = client_as("admin")
    enter_app(client)
    fakery.said = ("Out-of-stock control is off: <b>switch it on</b>.",)
    shown = "Out-of-stock control is off: &lt;b&gt;switch it on&lt;/b&gt;."
    said = come_back(client, state=begin(client)[1], code="c1").text
    assert shown in said and "Shop is connected." in said
    key = the_one().id
    calls = 'Fakery allows 1,000 listing calls a day: <span class="tnum">1,000</span> left until'
    for url in ("/", "/integrations/", f"/integrations/{key}/", f"/integrations/{key}/history"):
        page = get_page(client, url)
        assert shown in page.text and calls in page.text, url
    fakery.said = ()
    assert shown not in client.post(f"/integrations/{key}/login/test", follow_redirects=True).text
    fakery.said = ("Selling is limited.",)
    assert "Selling is limited." in client.post(f"/integrations/{key}/login/test", follow_redirects=True).text


def test_the_end_of_a_login_is_told_a_month_ahead_with_the_way_out(client_as, monkeypatch):
    end = (utcnow() + timedelta(days=29)).date()
    sign_in_world.install(monkeypatch, login_ends=lambda login: date.fromisoformat(login["ends_on"]), ends_on=end)
    client = client_as("admin")
    enter_app(client)
    come_back(client, state=begin(client)[1], code="c1")
    for url in ("/", "/integrations/", f"/integrations/{the_one().id}/"):
        page = get_page(client, url)
        assert f"The login ends on {end.day} {end:%B %Y}." in page.text and "Sign in again" in page.text, url
        assert "new secret" not in page.text
    _, state = begin(client, f"/integrations/{the_one().id}/login")
    monkeypatch.setitem(sign_in_world.ENDS, "on", end + timedelta(days=500))
    come_back(client, state=state, code="c2")
    assert "The login ends" not in client.get("/").text


def test_what_does_not_belong_together_is_refused_with_one_sentence(app, client_as, fakery):
    client, other = client_as("admin"), client_as("admin", email="other@example.com")
    enter_app(client)
    _, state = begin(client)
    for browser, answer in [
        (client, {"state": "made-up", "code": "c"}),
        (client, {"code": "c"}),
        (client, {}),
        (other, {"state": state, "code": "c"}),
    ]:
        assert OLD in come_back(browser, **answer).text
    assert OLD in other.get(f"/integrations/sign-in/{KIND}/1", follow_redirects=True).text
    assert come_back(client, kind="backmarket", state=state, code="c").status_code == 404
    assert client_as("manager").get(f"/integrations/signed-in/{KIND}").status_code == 403
    with transaction() as session:
        session.execute(sa.update(ChannelSignIn).values(expires_at=utcnow() - timedelta(seconds=1)))
    assert OLD in come_back(client, state=state, code="c").text
    assert OLD in client.get(f"/integrations/sign-in/{KIND}/1", follow_redirects=True).text
    assert fakery.codes == []


def test_behind_a_proxy_the_address_is_the_one_people_know(app, client_as, fakery, monkeypatch):
    client, public = client_as("admin"), "https://phones.example.com"
    enter_app(client)
    monkeypatch.setitem(app.extensions, "wholecell", replace(app.extensions["wholecell"], public_url=public))
    address, state = begin(client)
    assert address.endswith(f"&back={public}/integrations/signed-in/fakery")
    come_back(client, state=state, code="c")
    assert [each[2] for each in fakery.codes] == [f"{public}/integrations/signed-in/fakery"]
    for page in ("/settings/apps", f"/integrations/connect/{KIND}"):
        assert f"{public}/integrations/signed-in/fakery" in client.get(page).text


def test_who_declines_is_told_that_nothing_changed(client_as, fakery):
    client = client_as("admin")
    enter_app(client)
    _, state = begin(client)
    said = come_back(client, state=state, error="access_denied", error_description="<b>evil</b> call 555")
    assert "You did not agree on Fakery&#39;s page" in said.text and "evil" not in said.text
    assert said.request.path == f"/integrations/connect/{KIND}"
    assert OLD in come_back(client, state=state, code="late").text, "a state is good once"
    assert "You did not agree" in come_back(client, error="access_denied").text
    assert "without an answer" in come_back(client, state=begin(client)[1], error="server_error").text
    assert fakery.codes == []


def test_a_taken_name_is_said_before_the_way_there(client_as, fakery):
    client = client_as("admin")
    enter_app(client)
    come_back(client, state=begin(client)[1], code="c1")
    answer = client.post(f"/integrations/connect/{KIND}", data={"name": "Shop", "site": "us"})
    assert answer.status_code == 422 and "choose another name" in answer.text
    assert client.post(f"/integrations/connect/{KIND}", data={"name": "Other", "site": ""}).status_code == 422


def test_a_browser_is_sent_to_safe_addresses_alone(client_as, fakery):
    client = client_as("admin")
    enter_app(client)
    unsafe = ["http://fakery.example/", "https://me@fakery.example/", "javascript:alert(1)", "//fakery.example/", ""]
    for fakery.page_address in unsafe:
        answer = client.post(f"/integrations/connect/{KIND}", data={"name": "Shop", "site": "us"})
        assert "no safe address" in client.get(answer.location, follow_redirects=True).text


def _both_at_once(app, client_as, fakery):
    client = client_as("admin")
    enter_app(client)
    _, state = begin(client)
    me, answer = Actor(client.user.id), {"state": state, "code": "c"}
    race(lambda _: sign_ins.end(KIND, answer, RETURN, vault(app), me))
    return len(fakery.codes)


def test_a_page_that_comes_back_twice_at_once_trades_one_code(app, client_as, fakery):
    assert _both_at_once(app, client_as, fakery) == 1


def test_without_the_guard_both_do(app, client_as, fakery, monkeypatch):
    monkeypatch.setattr(sign_ins, "_claim", lambda *_: True)
    assert _both_at_once(app, client_as, fakery) == 2
