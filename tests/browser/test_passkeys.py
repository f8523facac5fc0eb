"""A passkey from adding it to signing in with it, with the browser's virtual authenticator."""

import pytest

from wholecell.db import db
from wholecell.models import User, WebAuthn

pytestmark = pytest.mark.browser


@pytest.fixture
def authenticator(page):
    """A device with a finger that is always there."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return devtools, devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def add(page, name):
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text(f"Added the passkey “{name}”.").wait_for()


def sign_out(page):
    page.locator("summary[aria-label$='your account']").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url("**/sign-in")


def test_a_passkey_is_added_and_signs_in(site, page, authenticator):
    site.sign_in(page)
    page.goto(f"{site.url}/account/passkeys")
    add(page, "Maya's laptop")
    assert page.get_by_role("cell", name="Maya's laptop").is_visible()
    sign_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.locator("summary[aria-label$='your account']").wait_for()
    assert db.session.query(WebAuthn).one().sign_count > 0


def test_a_passkey_stands_for_password_and_code(site, page, authenticator):
    site.sign_in(page)
    page.goto(f"{site.url}/account/passkeys")
    add(page, "Laptop")
    user = db.session.query(User).one()
    user.tf_primary_method, user.tf_totp_secret = "authenticator", "not asked for"
    db.session.commit()
    sign_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.locator("summary[aria-label$='your account']").wait_for()


def test_a_deleted_passkey_does_not_sign_in(site, page, authenticator):
    site.sign_in(page)
    page.goto(f"{site.url}/account/passkeys")
    add(page, "Laptop")
    page.locator("summary", has_text="Delete").click()
    page.get_by_role("button", name="Delete this passkey").click()
    page.get_by_text("Deleted the passkey “Laptop”.").wait_for()
    sign_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_text("This passkey is not known here.").wait_for()


def test_without_a_finger_the_page_says_what_to_do(site, page, authenticator):
    devtools, device = authenticator
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.goto(f"{site.url}/sign-in")
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_text("No passkey was used. Ask again, or use your password.").wait_for()
