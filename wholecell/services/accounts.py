"""The people of the account: who may sign in, and with which role. Passwords arrive here hashed."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from wholecell.db import db, transaction
from wholecell.models import LoginLink, Role, User, UserSession
from wholecell.models.accounts import user_roles
from wholecell.services import browsers, login_links
from wholecell.services.events import SYSTEM, Actor, record
from wholecell.services.refusal import Refusal

ADMIN = "admin"
THEMES = ("system", "light", "dark")


def has_people() -> bool:
    """Whether anybody was set up yet."""
    return bool(db.session.scalar(sa.select(sa.exists(sa.select(User.id)))))


def people() -> list[User]:
    """Everybody, those who may sign in first, by name."""
    query = sa.select(User).options(selectinload(User.webauthn))
    return list(db.session.scalars(query.order_by(User.active.desc(), User.name, User.email)))


def last_seen() -> dict[int, datetime]:
    """When each person's browsers were last seen, for those signed in somewhere."""
    person = UserSession.user_id
    query = sa.select(person, sa.func.max(UserSession.seen_at)).where(person.is_not(None)).group_by(person)
    return {user_id: at for user_id, at in db.session.execute(query) if user_id}


def find_by_email(email: str) -> User | None:
    """The person with this address, whatever its capitals."""
    return db.session.scalar(sa.select(User).where(User.email == normal_email(email)))


def normal_email(email: str) -> str:
    """The address as it is stored. Raises Refusal when it is none; no mail is sent, it only names a person."""
    email = email.strip().lower()
    name, at, host = email.partition("@")
    if not (name and at and host) or "@" in host or " " in email or len(email) > 255:
        raise Refusal(f"“{email}” is not an e-mail address. Write it as name@company.com.")
    return email


def create_user(who: Actor, email: str, name: str, role: str, password_hash: str | None = None) -> User:
    """Add a person. Without a password they cannot sign in until they chose one. Raises Refusal."""
    email = normal_email(email)
    with transaction() as session:
        if session.scalar(sa.select(sa.exists(sa.select(User.id).where(User.email == email)))):
            raise Refusal(f"Somebody with the address {email} is here already: change their role in the list.")
        user = User(email=email, name=name.strip(), password=password_hash, roles=[_role(session, role)])
        session.add(user)
        session.flush()
        record(session, who, "account", user.id, "person added", new=role)
    return user


def set_up(token: str, email: str, name: str, password_hash: str) -> User:
    """Use the set-up link and make the first admin. Raises Refusal, also when there is somebody already."""
    with transaction():
        login_links.use(token, "setup")
        if has_people():
            raise login_links.SpentLink
        return create_user(SYSTEM, email, name, ADMIN, password_hash)


def choose_password(token: str, name: str, password_hash: str) -> User:
    """Use a link to choose a password; the person is signed out everywhere. Raises SpentLink."""
    with transaction() as session:
        user = session.get_one(User, login_links.use(token, "password"))
        user.name = name.strip() or user.name
        _store_password(user, password_hash)
        record(session, Actor(user.id), "account", user.id, "password chosen by link")
    return user


def sign_in_by_link(token: str) -> User:
    """Use a sign-in link; returns whom to sign in. Raises SpentLink."""
    with transaction() as session:
        user = session.get_one(User, login_links.use(token, "signin"))
        if not user.active:
            raise login_links.SpentLink
        record(session, Actor(user.id), "account", user.id, "signed in by link")
    return user


def change_password(user_id: int, password_hash: str, keep_token: str) -> None:
    """Store a new password and sign the person's other browsers out."""
    with transaction() as session:
        user = session.get_one(User, user_id)
        _store_password(user, password_hash, keep_token)
        record(session, Actor(user_id), "account", user_id, "password changed")


def rename(user_id: int, name: str) -> None:
    """Change how a person is called on pages."""
    with transaction() as session:
        session.get_one(User, user_id).name = name.strip()


def set_theme(user_id: int, theme: str) -> None:
    """Choose light, dark or what the system has. Raises Refusal for another word."""
    if theme not in THEMES:
        raise Refusal("Choose system, light or dark.")
    with transaction() as session:
        session.get_one(User, user_id).theme = theme


def set_role(who: Actor, user_id: int, role: str) -> None:
    """Give a person another role. Raises Refusal for the last admin."""
    with transaction() as session:
        user = _existing(session, user_id)
        old = next((each.name for each in user.roles), None)
        if old == role:
            return
        if role != ADMIN:
            _keep_an_admin(session, user_id)
        user.roles = [_role(session, role)]
        record(session, who, "account", user_id, "role", old, role)


def deactivate(who: Actor, user_id: int) -> None:
    """Shut a person out, at once and on all browsers; what they did stays. Raises Refusal for the last admin."""
    with transaction() as session:
        _keep_an_admin(session, user_id)
        user = _existing(session, user_id)
        user.active = False
        user.fs_uniquifier = uuid.uuid4().hex
        session.execute(sa.delete(LoginLink).where(LoginLink.user_id == user_id))
        browsers.sign_out_others(user_id)
        record(session, who, "account", user_id, "person deactivated")


def reactivate(who: Actor, user_id: int) -> None:
    """Let a person sign in again."""
    with transaction() as session:
        _existing(session, user_id).active = True
        record(session, who, "account", user_id, "person reactivated")


def password_link(who: Actor, user_id: int) -> str:
    """A link with which a person chooses a new password; the token, to be handed over. Raises Refusal."""
    with transaction() as session:
        if not _existing(session, user_id).active:
            raise Refusal("This person is deactivated: reactivate them first.")
        record(session, who, "account", user_id, "password link made")
        return login_links.make("password", user_id)


def turn_off_two_factor(who: Actor, user_id: int) -> None:
    """Take away a person's second step, for one who lost their phone."""
    with transaction() as session:
        user = _existing(session, user_id)
        user.tf_primary_method = user.tf_totp_secret = None
        user.mf_recovery_codes = []
        record(session, who, "account", user_id, "two-factor turned off")


def _store_password(user: User, password_hash: str, keep_token: str | None = None) -> None:
    user.password = password_hash
    browsers.sign_out_others(user.id, keep_token)


def _existing(session: Session, user_id: int) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise Refusal("This person is not here any more. Load the list again.")
    return user


def _role(session: Session, name: str) -> Role:
    role = session.scalar(sa.select(Role).where(Role.name == name))
    if role is None:
        raise Refusal(f"There is no role “{name}”: choose viewer, picker, manager or admin.")
    return role


def _keep_an_admin(session: Session, user_id: int) -> None:
    # One at a time: two admins cannot demote each other at the same moment. The people are read after the
    # lock is held, in a statement of their own, or PostgreSQL would show them as they were before it.
    session.execute(sa.select(Role.id).where(Role.name == ADMIN).with_for_update())
    query = (
        sa.select(User.id)
        .join(user_roles, user_roles.c.user_id == User.id)
        .join(Role, Role.id == user_roles.c.role_id)
        .where(Role.name == ADMIN, User.active)
    )
    admins = set(session.scalars(query))
    if admins == {user_id}:
        raise Refusal("This is the only admin. Make somebody else an admin first.")
