"""Sheets: choose a file, match its columns, look at the dry run, apply it, take it back; templates and exports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, stream_with_context, url_for
from werkzeug.utils import secure_filename
from werkzeug.wrappers import Response as BaseResponse

from wholecell.models import Upload
from wholecell.services import sheets, upload_pages, uploads
from wholecell.services.refusal import Refusal
from wholecell.services.sheets import SheetError
from wholecell.services.upload_kinds import Kind
from wholecell.web.access import Least, actor, needs
from wholecell.web.htmx import go, render

bp = Blueprint("uploads", __name__, url_prefix="/uploads")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/")
@needs(Least.MANAGER)
def index() -> str:
    """All uploads, the newest first."""
    rows = upload_pages.list_uploads(request.args.get("before", type=int), limit=51)
    more = rows[49].id if len(rows) > 50 else None
    kinds = {**uploads.KINDS, **uploads.OF_INTEGRATIONS}
    return render_template("uploads/list.html", rows=rows[:50], kinds=kinds, more=more)


@bp.get("/new")
@needs(Least.MANAGER)
def new() -> Response:
    """Choose a file of one kind, and what its new rows get where it says nothing."""
    return _new(_kind(request.args.get("kind", "phones")))


@bp.post("/new")
@needs(Least.MANAGER)
def create() -> BaseResponse:
    """Read the file and show its dry run, or ask for its columns."""
    told = _kind(request.form.get("kind", ""))
    file = request.files.get("file")
    if file is None or not file.filename:
        return _new(told, "Choose a CSV or XLSX file first.")
    try:
        upload = uploads.create(actor("upload"), told.key, file.filename, file.read(), _defaults(), told.integration_id)
    except (SheetError, Refusal) as error:
        return _new(told, str(error))
    return go(url_for(".detail", upload_id=upload.id))


@bp.get("/<int:upload_id>")
@needs(Least.MANAGER)
def detail(upload_id: int) -> BaseResponse:
    """The dry run with its rows, or what was applied; a sheet whose columns are open asks for them."""
    upload = _upload(upload_id)
    if upload.state == "matching":
        return redirect(url_for(".columns", upload_id=upload_id), 303)
    outcome = request.args.get("outcome", "")
    found = upload_pages.read_rows(upload, outcome, request.args.get("after", ""))
    return render(
        "uploads/show.html",
        "uploads/_rows.html",
        upload=upload,
        told=uploads.kind_of(upload),
        home=_home(upload),
        person=upload_pages.person_of(upload),
        batch=upload_pages.batch_of(upload),
        outcome=outcome,
        found=found,
    )


@bp.get("/<int:upload_id>/columns")
@needs(Least.MANAGER)
def columns(upload_id: int) -> BaseResponse:
    """Which column of the file is which of ours."""
    upload = _upload(upload_id)
    if upload.state not in ("matching", "tried"):
        return redirect(url_for(".detail", upload_id=upload_id), 303)
    return _columns(upload, upload.mapping)


@bp.post("/<int:upload_id>/columns")
@needs(Least.MANAGER)
def match(upload_id: int) -> BaseResponse:
    """Take these columns and try the sheet dry."""
    upload = _upload(upload_id)
    told = uploads.kind_of(upload)
    chosen = {each.key: request.form.get(f"column-{each.key}", type=int) for each in told.fields}
    mapping = {key: index for key, index in chosen.items() if index is not None}
    if lacking := told.lacks(mapping):
        return _columns(upload, mapping, lacking)
    try:
        uploads.dry_run(upload_id, mapping, _defaults())
    except Refusal as refusal:
        return _columns(upload, mapping, str(refusal))
    return go(url_for(".detail", upload_id=upload_id))


@bp.post("/<int:upload_id>/dry-run")
@needs(Least.MANAGER)
def dry_run(upload_id: int) -> BaseResponse:
    """Compare the sheet with what we have now."""
    return _change(upload_id, lambda: uploads.dry_run(upload_id), "The sheet was compared anew.")


@bp.post("/<int:upload_id>/apply")
@needs(Least.MANAGER)
def apply(upload_id: int) -> BaseResponse:
    """Write the new and changed rows."""
    return _change(upload_id, lambda: uploads.apply(actor("upload"), upload_id), "Applied.")


@bp.post("/<int:upload_id>/undo")
@needs(Least.MANAGER)
def undo(upload_id: int) -> BaseResponse:
    """Take an applied upload back."""
    return _change(upload_id, lambda: uploads.undo(actor("upload"), upload_id), "Taken back.")


@bp.post("/<int:upload_id>/throw-away")
@needs(Least.MANAGER)
def throw_away(upload_id: int) -> BaseResponse:
    """Forget a sheet that was not applied."""
    try:
        uploads.throw_away(upload_id)
    except Refusal as refusal:
        flash(str(refusal), "error")
        return go(url_for(".detail", upload_id=upload_id))
    flash("Thrown away. Nothing was changed.", "success")
    return go(url_for(".index"))


@bp.get("/<int:upload_id>/left-alone.csv")
@needs(Least.MANAGER)
def left_alone(upload_id: int) -> Response:
    """The rows not taken with their reasons, to be corrected and uploaded again."""
    upload = _upload(upload_id)
    name = f"{upload.filename.rpartition('.')[0] or upload.filename}-left-alone.csv"
    return _csv(name, [*upload.header, "Reason"], upload_pages.left_alone(upload))


@bp.get("/<kind>/template.<any(csv, xlsx):form>")
@needs(Least.MANAGER)
def template(kind: str, form: str) -> Response:
    """An empty sheet with our columns."""
    return _sheet(_kind(kind), form, f"{kind}-template", [])


@bp.get("/<kind>/all")
@needs(Least.MANAGER)
def download(kind: str) -> Response:
    """Everything there is as a workbook, in the columns an upload takes."""
    return export(kind, "xlsx")


@bp.get("/<kind>/all.<any(csv, xlsx):form>")
@needs(Least.MANAGER)
def export(kind: str, form: str) -> Response:
    """Everything there is, in the columns an upload takes."""
    return _sheet(_kind(kind), form, kind, _kind(kind).export())


def _kind(key: str) -> Kind:
    """The kind of sheet asked for, of the integration named beside it where it is of one; else 404."""
    return uploads.kind_for(key, request.values.get("integration", type=int)) or abort(404)


def _home(upload: Upload) -> tuple[str, str]:
    """Where what a sheet changed is seen: the address and the words of the link."""
    if upload.integration_id is not None:
        page = "integrations.listings" if upload.kind == "listings" else "integrations.orders"
        return url_for(page, integration_id=upload.integration_id), f"See the {upload.kind}"
    if upload.kind == "phones":
        return url_for("inventory.index"), "See the inventory"
    return url_for("catalog.index"), "See the catalog"


def _upload(upload_id: int) -> Upload:
    return uploads.find(upload_id) or abort(404)


def _defaults() -> dict[str, str]:
    return {key.removeprefix("default-"): text for key, text in request.form.items() if key.startswith("default-")}


def _new(told: Kind, error: str = "") -> Response:
    defaults = _defaults() if error else {}
    context = {"told": told, "choices": told.choices(), "defaults": defaults, "error": error}
    return render("uploads/new.html", "uploads/_new_form.html", 422 if error else 200, **context)


def _columns(upload: Upload, mapping: Mapping[str, int], error: str = "") -> Response:
    told = uploads.kind_of(upload)
    return render(
        "uploads/columns.html",
        "uploads/_columns_form.html",
        422 if error else 200,
        upload=upload,
        told=told,
        mapping=mapping,
        choices=told.choices(),
        defaults=_defaults() if error else upload.options,
        sample=upload_pages.sample(upload),
        error=error,
        lacking=told.lacks(mapping),
    )


def _change(upload_id: int, change: Callable[[], Upload], done: str) -> BaseResponse:
    try:
        change()
        flash(done, "success")
    except Refusal as refusal:
        flash(str(refusal), "error")
    if uploads.find(upload_id) is None:
        return go(url_for(".index"))
    return go(url_for(".detail", upload_id=upload_id))


def _sheet(told: Kind, form: str, name: str, rows: Iterable[Iterable[sheets.Cell]]) -> Response:
    header = [each.label for each in told.fields]
    lines = (list(row) for row in rows)
    if form == "csv":
        return _csv(f"{name}.csv", header, lines)
    text = {each.label for each in told.fields if each.is_text}
    return _attached(Response(sheets.write_xlsx(header, lines, text), mimetype=XLSX), f"{name}.xlsx")


def _csv(name: str, header: list[str], rows: Iterable[list[sheets.Cell]] | Iterable[list[str]]) -> Response:
    stream = stream_with_context(sheets.write_csv(header, rows))
    return _attached(Response(stream, content_type="text/csv; charset=utf-8"), name)


def _attached(answer: Response, name: str) -> Response:
    answer.headers.set("Content-Disposition", "attachment", filename=secure_filename(name) or "sheet")
    return answer
