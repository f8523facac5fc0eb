"""The storage behind presigned addresses: uploaded feeds, and reports to download."""

from __future__ import annotations

import gzip
from datetime import timedelta
from typing import cast
from uuid import uuid4

from werkzeug.wrappers import Request, Response

from ..shop import Shop
from .account import AmazonAccount
from .answers import answer, storage_error, usual
from .call import Call
from .kept import Document, iso

#: How long an address is good (Feeds and Reports 2021-06-30, `url`).
LIFETIME = timedelta(minutes=5)


def new_document(
    account: AmazonAccount, kind: str, content_type: str, body: bytes | None = None, *, packed: bool = False
) -> str:
    """Keep a document of a feed or a report, empty until uploaded; its id."""
    document_id = f"amzn1.tortuga.4.na.{uuid4()}.T{uuid4().hex[:13].upper()}"
    data = gzip.compress(body, mtime=0) if packed and body is not None else body
    account.documents[document_id] = Document(kind=kind, content_type=content_type, body=data, is_packed=packed)
    return document_id


def address(call: Call, document_id: str, method: str, *, unpacks: bool = False) -> str:
    """A presigned address for one method, on the host and port the call came to."""
    signature = uuid4().hex
    document = call.account.documents[document_id]
    document.signatures[signature] = (method, call.now + LIFETIME, unpacks)
    signed = f"X-Amz-Date={iso(call.now):.19}Z&X-Amz-Expires={LIFETIME.seconds}&X-Amz-Signature={signature}"
    return f"{call.request.root_url.rstrip('/')}/documents/{document_id}?{signed}"


def show(call: Call, document_id: str, name: str, kind: str) -> Response:
    """What getReportDocument and getFeedDocument answer; a document of the other kind is not found."""
    unpacks = call.word("enableContentEncodingUrlHeader", ("true", "false"), "false") == "true"
    document = call.account.documents.get(document_id)
    if document is None or document.body is None or document.kind != kind:
        return usual(404, f"There is no document {document_id}.")
    shape = {name: document_id, "url": address(call, document_id, "GET", unpacks=unpacks)}
    return answer(shape | ({"compressionAlgorithm": "GZIP"} if document.is_packed else {}))


def serve(shop: Shop, request: Request, document_id: str) -> Response:
    """GET or PUT at a presigned address. Only what was signed counts: no token, no other method, in time."""
    account = cast(AmazonAccount, shop.account("amazon"))
    document = account.documents.get(document_id)
    signature = request.args.get("X-Amz-Signature", "")
    if document is None or signature not in document.signatures:
        return storage_error(403, "SignatureDoesNotMatch", _MISMATCH)
    method, end, unpacks = document.signatures[signature]
    if "Authorization" in request.headers:
        return storage_error(400, "InvalidArgument", "Only one auth mechanism allowed")
    if any(name.casefold().startswith("x-amz-") for name in request.headers.keys()):  # noqa: SIM118
        return storage_error(403, "AccessDenied", "There were headers present in the request which were not signed")
    if shop.clock() >= end:
        return storage_error(403, "AccessDenied", "Request has expired")
    if request.method != method:
        return storage_error(403, "SignatureDoesNotMatch", _MISMATCH)
    if method == "GET":
        return _download(document, unpacks)
    if request.headers.get("Content-Type") != document.content_type:
        return storage_error(403, "SignatureDoesNotMatch", _MISMATCH)
    document.body = request.get_data()
    return Response("", 200, {"x-amz-request-id": uuid4().hex[:16].upper()})


_MISMATCH = "The request signature we calculated does not match the signature you provided."


def _download(document: Document, unpacks: bool) -> Response:
    response = Response(document.body or b"", 200, {"Content-Type": document.content_type})
    response.headers["x-amz-request-id"] = uuid4().hex[:16].upper()
    if unpacks and document.is_packed:
        response.headers["Content-Encoding"] = "gzip"
    return response
