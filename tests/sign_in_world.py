"""A channel whose logins are completed on its own pages, with an app of the seller's own: no HTTP, all in memory."""

from dataclasses import dataclass, field

from wtforms import Form, PasswordField, StringField
from wtforms.validators import InputRequired

from wholecell.channels import discover
from wholecell.channels.contract import Channel, DailyBudget, SignIn
from wholecell.db import db

KIND = "fakery"
APP = {"client_id": "app-1", "client_secret": "hush-app"}
ENDS = {}  # "on": the day a login ends
CALLS = DailyBudget("listing calls", 1000, kept_back=200, says="Fakery allows 1,000 listing calls a day")


class LoginForm(Form):
    site = StringField("Site", [InputRequired("Name the site.")])


class AppForm(Form):
    client_id = StringField("Client id", [InputRequired("Enter the client id.")])
    client_secret = PasswordField("Client secret", [InputRequired("Enter the client secret.")])
    notice_key = PasswordField("Notice key")


@dataclass
class Fakery:
    """What its pages and its API do; `problem` is raised by both, `seen` are the whole logins it was called with."""

    seen: list = field(default_factory=list)
    codes: list = field(default_factory=list)
    open_transactions: list = field(default_factory=list)  # of ours, while it was called
    problem: Exception | None = None
    said: tuple = ()
    page_address: str = "https://fakery.example/authorize"

    def page(self, login, state, return_address, base_url):
        return f"{self.page_address}?client={login['client_id']}&state={state}&back={return_address}"

    def redeem(self, login, code, return_address, base_url):
        self.open_transactions.append(db.session().in_transaction())
        self.codes.append((code, login["client_secret"], return_address, base_url))
        if self.problem:
            raise self.problem
        return {"refresh_token": f"hush-{code}", "ends_on": str(ENDS["on"])}

    def connect(self, login, url, state):
        return Login(self, login, state)


class Login:
    def __init__(self, fakery, login, state):
        self.fakery, self.login, self.state = fakery, login, state

    def check(self):
        self.fakery.seen.append(self.login)
        self.fakery.open_transactions.append(db.session().in_transaction())
        if self.fakery.problem:
            raise self.fakery.problem
        return self.fakery.said


def install(monkeypatch, ends_on="2027-01-01", **fields):
    """Have the channel until the test ends."""
    monkeypatch.setitem(ENDS, "on", ends_on)
    fakery = Fakery()
    channel = Channel(
        KIND,
        "Fakery",
        "Fakery",
        "Fa",
        "Phones of all kinds",
        hosts={"": "https://api.fakery.example"},
        form=LoginForm,
        secrets=("refresh_token",),
        app_form=AppForm,
        app_secrets=("client_secret", "notice_key"),
        sign_in=SignIn(fakery.page, fakery.redeem),
        connect=fakery.connect,
        budgets=(CALLS,),
        order=90,
        **fields,
    )
    monkeypatch.setitem(discover(), KIND, channel)
    return fakery
