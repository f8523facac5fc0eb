"""The header with which eBay signs its notices, and the key that it is checked with.

Not in the documents we were given; as eBay's guide "Marketplace User Account Deletion/Closure Notifications" and its
own event-notification SDKs have it: X-EBAY-SIGNATURE is base64 of {"alg", "kid", "signature", "digest"}, the
signature ECDSA over the body as it was sent.
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import b64decode
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

LONGEST = 4096
# What a key says it goes with. SHA-1 is what eBay uses: whoever could forge a body would need a second preimage.
DIGESTS: dict[str, type[hashes.HashAlgorithm]] = {"SHA1": hashes.SHA1, "SHA256": hashes.SHA256}  # noqa: S303
_KEY_ID = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,119}", re.ASCII)  # a part of a path, and never ".."
_MARKERS = re.compile(r"-----(BEGIN|END) PUBLIC KEY-----")


class UnreadableKeyError(ValueError):
    """What eBay gave is no key that signatures can be checked with."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature, and the id of the key it was made with."""

    key_id: str
    value: bytes


@dataclass(frozen=True, slots=True)
class NoticeKey:
    """A public key of eBay's."""

    key: ec.EllipticCurvePublicKey
    digest: type[hashes.HashAlgorithm]

    def signed(self, signature: Signature, body: bytes) -> bool:
        """Whether the signature is of exactly this body."""
        try:
            self.key.verify(signature.value, body, ec.ECDSA(self.digest()))
        except InvalidSignature:
            return False
        return True


def read(header: str) -> Signature | None:
    """Read the header; None when it is none, or not as eBay writes it."""
    try:
        parts = json.loads(b64decode(header, validate=True)) if 0 < len(header) <= LONGEST else None
        if not isinstance(parts, dict):
            return None
        key_id, value = parts.get("kid"), parts.get("signature")
        if not isinstance(key_id, str) or not isinstance(value, str) or not _KEY_ID.fullmatch(key_id):
            return None
        return Signature(key_id, b64decode(value, validate=True))
    except (ValueError, binascii.Error, RecursionError):
        return None


def read_key(answer: object) -> NoticeKey:
    """Read the answer of getPublicKey, whose key is PEM on one line. Raises UnreadableKeyError."""
    told = answer if isinstance(answer, dict) else {}
    text, digest = told.get("key"), DIGESTS.get(str(told.get("digest", "SHA1")).replace("-", "").upper())
    if not isinstance(text, str) or digest is None:
        raise UnreadableKeyError
    try:
        key = load_der_public_key(b64decode("".join(_MARKERS.sub("", text).split()), validate=True))
    except Exception:  # the library has several kinds, of which not all are ValueError
        raise UnreadableKeyError from None
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise UnreadableKeyError
    return NoticeKey(key, digest)
