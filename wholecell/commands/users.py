"""`flask users`: make people, and let them in when nobody else can."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup
from flask_migrate import upgrade

from wholecell.services import accounts, login_links, start_lists
from wholecell.services.events import SYSTEM
from wholecell.services.refusal import Refusal
from wholecell.web.links import address
from wholecell.web.security import hashed

SHORTEST = 10

group = AppGroup("users", help="Make people, and let them in.")


@group.command()
@click.argument("email")
@click.option("--role", type=click.Choice(start_lists.ROLES), required=True)
@click.option("--name", default="")
def create(email: str, role: str, name: str) -> None:
    """Make a person. The password is asked for, or read as one line when something is piped in."""
    password = _password()
    if len(password) < SHORTEST:
        raise click.ClickException(f"The password is too short: use at least {SHORTEST} characters.")
    upgrade()
    start_lists.ensure()
    try:
        user = accounts.create_user(SYSTEM, email, name, role, hashed(password))
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"Made {user.email}, {role}.")


@group.command()
@click.argument("email")
@click.option("--sign-in", is_flag=True, help="A link that signs in, without a password.")
def link(email: str, sign_in: bool) -> None:
    """Print a link that works once, for an hour: to choose a new password, or to sign in."""
    try:
        user = accounts.find_by_email(email)
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    if user is None or not user.active:
        raise click.ClickException(f"Nobody with the address {email} may sign in. `flask users create` makes people.")
    click.echo(address(login_links.make("signin" if sign_in else "password", user.id)))


@group.command("two-factor-off")
@click.argument("email")
def two_factor_off(email: str) -> None:
    """Turn two-factor sign-in off for a person who lost their phone."""
    user = accounts.find_by_email(email)
    if user is None:
        raise click.ClickException(f"There is nobody with the address {email}.")
    accounts.turn_off_two_factor(SYSTEM, user.id)
    click.echo(f"{user.email} signs in with the password alone.")


def _password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")
