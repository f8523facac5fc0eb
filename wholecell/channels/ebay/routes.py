"""What eBay calls: that a user's account was deleted. See `deletion` and `signature` for what it sends."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from flask import Blueprint, Response, current_app, jsonify, request, url_for

from wholecell.channels import discover
from wholecell.channels.contract import ChannelError
from wholecell.channels.ebay import deletion, signature
from wholecell.channels.ebay.notice_keys import NoticeKeys, ask
from wholecell.channels.ebay.signature import NoticeKey, Signature
from wholecell.db import db
from wholecell.services import connect, erasure
from wholecell.services.vault import Vault

KIND = "ebay"
PUBLIC = ("account_deletion", "challenge")
ADDRESSES = (
    (
        "Address for account deletions",
        "challenge",
        "Enter it at developer.ebay.com under Alerts and Notifications, with the verification token below, which you"
        " save here first: eBay tries the address at once. It must be reached from the internet by https.",
    ),
)
bp = Blueprint(KIND, __name__, url_prefix=f"/channels/{KIND}")
keys = NoticeKeys()
log = structlog.get_logger(__name__)


@bp.get("/account-deletion")
def challenge() -> Response:
    """Prove to eBay, which tries this address when it is entered there, that it is ours."""
    code = request.args.get("challenge_code", "")
    if not 0 < len(code) <= deletion.LONGEST_CHALLENGE:
        return _says("eBay asks here with a challenge_code.", 400)
    try:
        token = _app().get("verification_token", "")
    except ChannelError as error:
        return _says(error.message, 503)
    if not token:
        return _says("No verification token is set for eBay's notices.", 503)
    return jsonify(challengeResponse=deletion.challenge_answer(code, token, address()))


@bp.post("/account-deletion")
def account_deletion() -> Response:
    """Note that a user is to be forgotten, and answer at once: a job does it.

    412 for a signature that is missing or wrong, 503 where the key cannot be had just now: eBay repeats both.
    """
    body = request.get_data()
    signed = signature.read(request.headers.get("X-EBAY-SIGNATURE", ""))
    if signed is None:
        return _says("This notice is not signed.", 412)
    try:
        key = keys.get(signed.key_id, lambda: _ask(signed))
    except ChannelError as error:
        log.warning("key of a notice not had", reason=error.message, reference=error.reference)
        return _says("The key of this notice cannot be had just now.", 503)
    if not key.signed(signed, body):
        log.warning("notice refused: its signature is wrong")
        return _says("The signature of this notice is wrong.", 412)
    return _take(deletion.read(body))


def _take(notice: deletion.Notice | None) -> Response:
    if notice is None or (notice.is_deletion and not notice.names):
        log.error("signed notice not understood")
        return _says("This notice is not understood.", 400)
    if notice.is_deletion:
        is_new = erasure.receive(KIND, notice.notice_id, notice.names)
        log.info("account deletion noted", is_new=is_new)
    else:  # of a topic that nobody here asked eBay for: to repeat it would help nobody
        log.warning("notice of another topic left", topic=notice.topic[:60])
    return Response(status=204)


def address() -> str:
    """This endpoint's address as eBay knows it: from our own settings, not from what a proxy passes on."""
    return f"{current_app.extensions['wholecell'].public_url}{url_for(f'{KIND}.challenge')}"


def _app() -> Mapping[str, str]:
    """The keys of the operator's app. Raises CredentialsError where they are not entered."""
    vault = Vault(current_app.extensions["wholecell"].credentials_keys)
    values = connect.app_values(discover()[KIND], {}, vault)
    db.session.commit()  # nothing stays open while eBay is asked
    return values


def _ask(signed: Signature) -> NoticeKey:
    app = _app()
    # A keyset is of one environment, and its App ID says of which.
    platform = "sandbox" if "-SBX-" in app.get("client_id", "") else "production"
    return ask(app, connect.api_url(discover()[KIND], {"platform": platform}), signed.key_id)


def _says(text: str, status: int) -> Response:
    return Response(f"{text}\n", status, mimetype="text/plain")
