"""The machinery, on a kind of sheet that keeps its rows in memory."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.races import race
from wholecell.db import db
from wholecell.models import ChangeBatch, InventoryItem, ProductVariation, Upload, UploadRow
from wholecell.services import upload_pages, uploads
from wholecell.services.events import Actor
from wholecell.services.refusal import Refusal
from wholecell.services.sheets import SheetError
from wholecell.services.upload_columns import match_columns
from wholecell.services.upload_kinds import Applied, Field, Plain, Planned


class Colors(Plain):
    """Rows give a thing its color."""

    model = ProductVariation
    key, label, noun, nouns = "colors", "Color sheet", "thing", "things"
    fields = (Field("name", "Name", ("thing",)), Field("color", "Color", ("colour",), has_default=True))
    subject = "variation"
    naming = head = ("name",)
    hint = ""

    def __init__(self):
        self.colors = {"chair": "red", "table": "blue"}

    def lacks(self, mapped):
        return "" if {"name", "color"} <= set(mapped) else "Choose both columns."

    def choices(self):
        return {}

    def load(self, rows):
        return dict(self.colors)

    def plan(self, known, rows, defaults):
        return [self._one(known, row, defaults) for row in rows]

    def _one(self, known, row, defaults):
        planned, name = Planned(), row.get("name")
        color = row.get("color") or defaults.get("color", "")
        if not color:
            planned.refuse("color", "Color is blank.")
        elif name not in known:
            planned.outcome = "new"
        elif known[name] != color:
            planned.change("color", known[name], color)
        planned.plan = {"name": name, "color": [known.get(name), color]}
        return planned

    def warnings(self, planned, known, options):
        return ["Red things fade."] if any(each.plan.get("color", [0, 0])[1] == "red" for each in planned) else []

    def apply(self, session, actor, rows):
        done = Applied()
        for row in rows:
            old, new = row.plan["color"]
            if self.colors.get(row.plan["name"]) != old:
                done.conflicts[row.number] = "Somebody painted it."
            else:
                self.colors[row.plan["name"]] = new
        return done

    def undo(self, session, actor, rows, batch_id):
        for row in rows:
            self.colors[row.plan["name"]] = row.plan["color"][0]
        return {}

    def describe(self, ids):
        return {}

    def export(self):
        return list(self.colors.items())


@pytest.fixture
def colors(app, monkeypatch):
    kind = Colors()
    monkeypatch.setitem(uploads.KINDS, "colors", kind)
    return kind


@pytest.fixture
def actor(app):
    return Actor(user_id=make.make_user(name="Maya").id, source="upload")


def create(actor, text, **more):
    return uploads.create(actor, "colors", "colors.csv", text.encode(), **more)


def outcomes(upload):
    rows = db.session.execute(
        sa.select(UploadRow.number, UploadRow.outcome).filter_by(upload_id=upload.id).order_by(UploadRow.number)
    )
    return dict(rows.all())


def test_columns_found_by_name_are_tried_at_once(colors, actor):
    tried = create(actor, "Thing,Colour,Notes\nchair,red,x\ntable,green,\nlamp,white,\nrug,,\n")
    assert (tried.state, tried.mapping) == ("tried", {"name": 0, "color": 1})
    assert outcomes(tried) == {2: "same", 3: "changed", 4: "new", 5: "refused"}
    assert tried.counts == {"same": 1, "changed": 1, "new": 1, "refused": 1}
    assert tried.warnings == ["Red things fade."]
    assert colors.colors == {"chair": "red", "table": "blue"}


def test_columns_not_found_are_asked_for_and_then_tried(colors, actor):
    waiting = create(actor, "What,Paint\ntable,green\n")
    assert (waiting.state, waiting.counts) == ("matching", {})
    tried = uploads.dry_run(waiting.id, {"name": 0, "color": 1})
    assert (tried.state, outcomes(tried)) == ("tried", {2: "changed"})


@pytest.mark.parametrize("mapping", [{"name": 0, "color": 0}, {"name": 9}, {"size": 0}])
def test_columns_that_do_not_fit_are_refused(colors, actor, mapping):
    waiting = create(actor, "What,Paint\ntable,green\n")
    with pytest.raises(Refusal):
        uploads.dry_run(waiting.id, mapping)


def test_file_that_cannot_be_read_leaves_nothing_behind(colors, actor):
    with pytest.raises(SheetError):
        create(actor, "Thing^Colour\n")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Upload)) == 0


def test_values_beside_the_sheet_can_be_changed(colors, actor):
    tried = create(actor, "Thing,Colour\nlamp,\n", defaults={"color": " white ", "name": "no"})
    assert (tried.options, outcomes(tried)) == ({"color": "white"}, {2: "new"})
    assert outcomes(uploads.dry_run(tried.id, defaults={})) == {2: "refused"}


def test_apply_writes_once_and_undo_takes_back(colors, actor):
    tried = create(actor, "Thing,Colour\ntable,green\nlamp,white\n")
    done = uploads.apply(actor, tried.id)
    assert (done.state, colors.colors["table"], colors.colors["lamp"]) == ("applied", "green", "white")
    assert uploads.apply(actor, tried.id).batch_id == done.batch_id
    assert uploads.undo(actor, tried.id).state == "undone"
    assert colors.colors["table"] == "blue"
    batch = db.session.get(ChangeBatch, done.batch_id)
    assert (batch.title, batch.undone_by_id) == ("Upload of colors.csv", actor.user_id)
    assert uploads.apply(actor, tried.id).state == "undone"


def test_conflicts_are_left_alone_and_the_rest_is_applied(colors, actor):
    tried = create(actor, "Thing,Colour\ntable,green\nchair,white\n")
    colors.colors["table"] = "black"
    done = uploads.apply(actor, tried.id)
    assert outcomes(done) == {2: "conflict", 3: "changed"}
    assert done.counts == {"conflict": 1, "changed": 1}
    assert colors.colors == {"table": "black", "chair": "white"}


def test_dry_run_again_takes_the_sheet_against_what_is_there_now(colors, actor):
    tried = create(actor, "Thing,Colour\ntable,green\nshort\n")
    colors.colors["table"] = "green"
    again = uploads.dry_run(tried.id)
    assert outcomes(again) == {2: "same", 3: "refused"}
    with pytest.raises(Refusal, match="changes nothing"):
        uploads.apply(actor, tried.id)


def test_failure_while_applying_leaves_the_dry_run_as_it_was(colors, actor, monkeypatch):
    tried = create(actor, "Thing,Colour\ntable,green\n")
    monkeypatch.setattr(colors, "apply", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        uploads.apply(actor, tried.id)
    assert uploads.find(tried.id).state == "tried"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ChangeBatch)) == 0


def test_thrown_away_sheet_is_gone_but_an_applied_one_stays(colors, actor):
    tried, done = create(actor, "Thing,Colour\nlamp,white\n"), create(actor, "Thing,Colour\ntable,green\n")
    uploads.apply(actor, done.id)
    gone = tried.id
    uploads.throw_away(gone)
    rows = sa.select(sa.func.count()).select_from(UploadRow).filter_by(upload_id=gone)
    assert (uploads.find(gone), db.session.scalar(rows)) == (None, 0)
    for late in (uploads.throw_away, uploads.dry_run):
        with pytest.raises(Refusal, match="already applied"):
            late(done.id)
    with pytest.raises(Refusal, match="thrown away"):
        uploads.apply(actor, gone)


def phones(actor):
    make.make_variation(sku="SKU-1")
    rows = "".join(f"{make.imei(n)},SKU-1,Available,Main warehouse\n" for n in range(20))
    return uploads.create(actor, "phones", "lot.csv", f"ESN,SKU,Status,Warehouse\n{rows}".encode())


def test_apply_pressed_twice_at_once_applies_once(actor):
    tried = phones(actor)
    results = race(lambda _: uploads.apply(actor, tried.id).state, 4)
    assert results == ["applied"] * 4
    assert db.session.scalar(sa.select(sa.func.count()).select_from(InventoryItem)) == 20
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ChangeBatch)) == 1
    assert set(outcomes(tried).values()) == {"new"}


def test_without_the_claim_it_applies_twice(actor, monkeypatch):
    tried = phones(actor)
    monkeypatch.setattr(uploads, "_claim", lambda *_, **__: True)
    race(lambda _: uploads.apply(actor, tried.id).state, 4)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ChangeBatch)) > 1


def test_headers_are_matched_by_name_before_likeness():
    fields = (Field("esn", "ESN", ("imei",)), Field("model", "Model"), Field("maker", "Manufacturer", ("brand",)))
    assert match_columns(fields, ["Model", "IMEI #", "Brand"]) == {"model": 0, "esn": 1, "maker": 2}
    assert match_columns(fields, ["Manufactuer", "modell", "Comment"]) == {"maker": 0, "model": 1}
    assert match_columns(fields, ["Modem", "", "X"]) == {}


def test_rows_to_look_at_come_first_page_by_page(colors, actor):
    text = "Thing,Colour\n" + "".join(f"lamp {n},white\n" for n in range(150)) + "rug,\ntable,green\nchair,red\n"
    tried = create(actor, text)
    page = upload_pages.read_rows(tried)
    assert [row.outcome for row in page.rows[:3]] == ["refused", "changed", "new"]
    assert (page.rows[0].cells[0].is_fault, page.rows[1].cells[0].old) == (True, "blue")
    seen = [row.number for row in page.rows]
    while page.next:
        page = upload_pages.read_rows(tried, after=page.next)
        seen += [row.number for row in page.rows]
    assert sorted(seen) == list(range(2, 155))
    assert [row.number for row in upload_pages.read_rows(tried, "changed").rows] == [153]


def test_rows_not_taken_come_with_their_reason(colors, actor):
    tried = create(actor, "Thing,Colour,Note\nrug,,soft\nshort\n")
    rows = list(upload_pages.left_alone(tried))
    assert rows[0] == ["rug", "", "soft", "Color is blank."]
    assert rows[1][:3] == ["short", "", ""]
    assert "1 cell" in rows[1][3]


def test_list_shows_the_newest_first_with_who_and_state(colors, actor):
    create(actor, "Thing,Colour\nrug,red\n")
    uploads.apply(actor, create(actor, "Thing,Colour\nlamp,red\n").id)
    first, second = upload_pages.list_uploads()
    assert (first.state, first.person, first.applied_at is None) == ("applied", "Maya", False)
    assert (second.state, second.counts) == ("tried", {"new": 1})
    assert upload_pages.list_uploads(before=first.id)[0].id == second.id
