"""Scanning on the Fulfil page: one code, a pasted list, and taking back."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response as BaseResponse

from wholecell.services import codes, commit, fulfil_scan
from wholecell.services.commit import Committed
from wholecell.services.fulfil_scan import Outcome, Result
from wholecell.services.refusal import Refusal
from wholecell.services.release import release as release_phone
from wholecell.web.access import Least, actor, needs
from wholecell.web.fulfil import memory
from wholecell.web.fulfil.page import Answer, Place, bp, place, tell


@bp.post("/scan")
@needs(Least.PICKER)
def scan() -> BaseResponse:
    """A code was scanned: the number of an order, or a phone."""
    here, code = place(request.form), request.form.get("code", "")
    try:
        result = fulfil_scan.scan(code, here.order_id, actor("scan"), direct=here.direct, channel=here.channel)
    except Refusal as refusal:
        memory.refuse(code, str(refusal))
        return tell(here, Answer(Result(Outcome.REFUSED, str(refusal), here.order_id)))
    parcel = {"tracking": result.tracking} if result.tracking else {}
    return tell(Place(result.order_id, here.channel), Answer(result, shipment=parcel))


@bp.post("/release")
@needs(Least.PICKER)
def release() -> BaseResponse:
    """Take a phone off the order: the last scan, or any other of it."""
    here = place(request.form)
    try:
        release_phone(request.form.get("commitment", 0, int), actor("scan"))
    except Refusal as refusal:
        return tell(here, Answer(Result(Outcome.REFUSED, str(refusal), here.order_id)))
    number = request.form.get("esn", "")[:40]
    said = f"{number} is off the order, and free again." if number else "Taken back: the phone is free again."
    return tell(here, Answer(Result(Outcome.UNDONE, said, here.order_id)))


@bp.post("/paste")
@needs(Least.PICKER)
def paste() -> BaseResponse:
    """Commit every phone of a pasted list to the current order."""
    here = place(request.form)
    try:
        if here.order_id is None:
            raise Refusal("Scan an order number first, then paste the phones for it.")
        parts = codes.split(request.form.get("codes", ""))
        if not parts:
            raise Refusal("Nothing was pasted: paste one IMEI or label code a line.")
        done = commit.commit_many(here.order_id, parts, actor("scan"))
    except Refusal as refusal:
        return tell(here, Answer(Result(Outcome.REFUSED, str(refusal), here.order_id)))
    result = _counted(done, here.order_id)
    return tell(here, Answer(result, done if result.outcome is not Outcome.COMMITTED else []))


def _counted(done: list[tuple[str, Committed | Refusal]], order_id: int) -> Result:
    """How the list fared, in one sentence."""
    taken = [each for _, each in done if not isinstance(each, Refusal)]
    below = sum(each.is_extra for each in taken)
    parts = [f"{len(taken)} of {len(done)} phones are committed"]
    if below:
        parts.append(f"{below} of them on lines below that the order did not ask for")
    is_good = len(taken) == len(done)
    outcome = Outcome.REFUSED if not is_good else Outcome.BELOW if below else Outcome.COMMITTED
    return Result(outcome, ", ".join(parts) + ".", order_id)
