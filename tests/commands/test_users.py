import pytest
import sqlalchemy as sa
from flask_migrate import stamp

from tests.factories import make_user
from wholecell.commands.users import group
from wholecell.db import db
from wholecell.models import User
from wholecell.services import accounts, login_links


@pytest.fixture
def run(app):
    return lambda *args, **kwargs: app.test_cli_runner().invoke(group, args, **kwargs)


@pytest.fixture
def migrated(app):
    """Tables that migrations know they built."""
    stamp()
    yield
    with db.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE alembic_version"))


def test_create_reads_the_password_from_one_line(run, migrated):
    result = run("create", "Maya@Example.com", "--role", "admin", "--name", "Maya", input="a long password\n")
    assert result.exit_code == 0, result.output
    assert "Made maya@example.com, admin." in result.output
    user = accounts.find_by_email("maya@example.com")
    assert user.verify_and_update_password("a long password")
    assert user.roles[0].name == "admin"


@pytest.mark.parametrize(
    ("args", "password", "said"),
    [
        (("maya@example.com", "--role", "admin"), "short\n", "at least 10 characters"),
        (("maya@example.com", "--role", "boss"), "a long password\n", "is not one of"),
        (("maya", "--role", "admin"), "a long password\n", "is not an e-mail address"),
    ],
)
def test_create_says_what_is_wrong(run, migrated, args, password, said):
    result = run("create", *args, input=password)
    assert result.exit_code != 0
    assert said in result.output
    assert db.session.scalar(sa.select(sa.func.count(User.id))) == 0


def test_link_prints_the_whole_address(run):
    kim = make_user("kim@example.com", "viewer")
    for options, purpose in (((), "password"), (("--sign-in",), "signin")):
        output = run("link", "kim@example.com", *options).output.strip()
        assert output.startswith("http://localhost:8000/link/")
        found, user = login_links.find(output.rsplit("/", 1)[1])
        assert (found, user.id) == (purpose, kim.id)


def test_link_for_nobody_fails(run):
    result = run("link", "kim@example.com")
    assert result.exit_code == 1
    assert "Nobody with the address" in result.output


def test_two_factor_off(run):
    make_user("kim@example.com", tf_primary_method="authenticator", tf_totp_secret="secret")
    assert run("two-factor-off", "kim@example.com").exit_code == 0
    db.session.expire_all()
    assert accounts.find_by_email("kim@example.com").tf_totp_secret is None
