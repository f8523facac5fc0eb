"""The key that eBay signs its notices with."""

from __future__ import annotations

import base64
import json
from functools import cached_property
from uuid import uuid4

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class NoticeKey:
    """An elliptic-curve key, made when it is first needed."""

    def __init__(self) -> None:
        self.kid = str(uuid4())

    @cached_property
    def _private(self) -> ec.EllipticCurvePrivateKey:
        return ec.generate_private_key(ec.SECP256R1())

    def public(self) -> str:
        """PEM on one line, as the Notification API answers it."""
        form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        return self._private.public_key().public_bytes(*form).decode().replace("\n", "")

    def signed(self, body: bytes) -> str:
        """The header X-EBAY-SIGNATURE for exactly this body."""
        signature = self._private.sign(body, ec.ECDSA(hashes.SHA1()))  # noqa: S303
        parts = {"alg": "ecdsa", "kid": self.kid, "signature": base64.b64encode(signature).decode(), "digest": "SHA1"}
        return base64.b64encode(json.dumps(parts).encode()).decode()
