import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.phone_sheets import HEADER, count, file, item, location, one, phone, rows_of, upload
from wholecell.db import db
from wholecell.models import (
    Event,
    InventoryItem,
    InventoryStatus,
    Location,
    Product,
    ProductVariation,
    RecomputeRequest,
)
from wholecell.services import sheets, uploads
from wholecell.services.events import Actor
from wholecell.services.refusal import Refusal


@pytest.fixture
def actor(app):
    return Actor(user_id=make.make_user(name="Maya").id, source="upload")


def test_new_phone_is_taken_in_with_the_variation_it_names(actor):
    location("N-A1")
    tried = upload(actor, phone(1, Damages="CG, BB", Location="n-a1"))
    row = one(tried)
    assert (tried.state, tried.counts) == ("tried", {"new": 1})
    assert "This variation is new" in row.reason
    assert count(InventoryItem) == 0 == count(ProductVariation)

    done = uploads.apply(actor, tried.id)
    here = item(1)
    assert (done.state, here.cost_cents) == ("applied", 1250)
    variation = db.session.get(ProductVariation, here.variation_id)
    assert (variation.condition_codes, variation.sku) == ("BB+CG", None)
    assert db.session.get(Location, here.location_id).name == "N-A1"
    line = db.session.scalar(sa.select(Event).filter_by(subject="item", subject_id=here.id))
    assert (line.kind, line.source, line.batch_id, line.user_id) == ("received", "upload", done.batch_id, actor.user_id)
    assert {row.cause for row in db.session.scalars(sa.select(RecomputeRequest))} == {"upload"}


def test_existing_phone_changes_only_in_the_columns_the_sheet_has(actor):
    variation = make.make_variation(product=make.make_product("iPhone 13"))
    make.make_item(variation, esn=make.imei(1), cost_cents=900)
    location("N-A1")
    columns = ["ESN", "Status", "Location"]
    tried = upload(actor, phone(1, Status="Repair", Location="N-A1"), columns=columns)
    assert one(tried).changes == {"status": ["Available", "Repair"], "location": ["", "N-A1"]}
    uploads.apply(actor, tried.id)
    here = item(1)
    assert (here.cost_cents, here.variation_id) == (900, variation.id)
    assert db.session.get(InventoryStatus, here.status_id).name == "Repair"
    kinds = set(db.session.scalars(sa.select(Event.kind).filter_by(subject="item", subject_id=here.id)))
    assert kinds == {"status", "location"}


def test_regrading_keeps_product_and_damages(actor):
    variation = make.make_variation(conditions=["CG"], grade="B")
    make.make_item(variation, esn=make.imei(1))
    tried = upload(actor, phone(1, Grade="C"), columns=["ESN", "Grade"])
    assert one(tried).changes == {"grade": ["B", "C"]}
    uploads.apply(actor, tried.id)
    new = db.session.get(ProductVariation, item(1).variation_id)
    assert (new.product_id, new.condition_codes, new.id == variation.id) == (variation.product_id, "CG", False)
    asked = set(db.session.scalars(sa.select(RecomputeRequest.variation_id)))
    assert asked == {variation.id, new.id}


def test_export_uploaded_again_changes_nothing(actor):
    shelf = location("N-A1")
    one_grade = make.make_variation(sku="SKU-1", conditions=["CG", "BB"], grade="B+")
    make.make_item(one_grade, location=shelf, cost_cents=100)
    make.make_item(make.make_variation(sku="=cmd"), warehouse=None, status="Repair")
    told = uploads.KINDS["phones"]
    header = [each.label for each in told.fields]
    rows = [list(row) for row in told.export()]
    assert len(rows) == 2
    for data in (b"".join(sheets.write_csv(header, rows)), sheets.write_xlsx(header, rows, {"ESN", "SKU"})):
        tried = uploads.create(actor, "phones", "all", data)
        assert tried.counts == {"same": 2}
        with pytest.raises(Refusal, match="changes nothing"):
            uploads.apply(actor, tried.id)
        assert uploads.find(tried.id).state == "tried"


def test_sku_names_the_variation(actor):
    variation = make.make_variation(sku="SKU-1")
    tried = upload(actor, phone(1, SKU="SKU-1"), columns=["ESN", "SKU", "Status", "Warehouse"])
    assert tried.counts == {"new": 1}
    uploads.apply(actor, tried.id)
    assert item(1).variation_id == variation.id


def test_on_an_edited_export_the_edited_cells_win_over_the_old_sku(actor):
    product = make.make_product(model="iPhone 13", variant="A2633", capacity="128GB", color="Midnight")
    first = make.make_variation(sku="SKU-A", product=product)
    second = make.make_variation(sku="SKU-B", grade="B", product=product)
    make.make_item(first, esn=make.imei(1))
    make.make_item(first, esn=make.imei(2))
    tried = upload(actor, phone(1, Grade="B", SKU="SKU-A"), phone(2, SKU="SKU-B"))
    assert [row.changes["grade"] for row in rows_of(tried)] == [["A", "B"], ["A", "B"]]
    uploads.apply(actor, tried.id)
    assert item(1).variation_id == item(2).variation_id == second.id


def test_product_is_found_whatever_the_case(actor):
    product = make.make_product(model="iPhone 13", variant="A2633", capacity="128GB", color="Midnight")
    variation = make.make_variation(product=product)
    tried = upload(actor, phone(1, Model="IPHONE 13", Manufacturer="apple"))
    assert one(tried).plan["variation"] == variation.id
    uploads.apply(actor, tried.id)
    assert count(Product) == 1


@pytest.mark.parametrize(
    ("cells", "field", "words"),
    [
        ({"ESN": "3.54E+14"}, "esn", "lost its last digits in a spreadsheet"),
        ({"ESN": "354204157700412"}, "esn", "last digit does not fit"),
        ({"ESN": ""}, "esn", "blank"),
        ({"Grade": "Z"}, "grade", "not one of A, B+, B, C, D"),
        ({"Damages": "CG+XX"}, "damages", "“XX” is not one of CG"),
        ({"Status": "Availabel"}, "status", "not one of Available, Incoming"),
        ({"Status": ""}, "status", "blank"),
        ({"Warehouse": "Mars"}, "warehouse", "not one of Main warehouse"),
        ({"Warehouse": ""}, "warehouse", "blank"),
        ({"Location": "N-A9"}, "location", "not known"),
        ({"Cost": "cheap"}, "cost", "not an amount"),
        ({"Model": ""}, "model", "write unknown"),
        ({"Color": "x" * 61}, "color", "longer than 60"),
        ({"SKU": "NOPE"}, "sku", "No variation has the SKU"),
    ],
)
def test_cells_that_cannot_be_are_refused_and_named(actor, cells, field, words):
    row = one(upload(actor, phone(1, **cells)))
    assert (row.outcome, row.faults) == ("refused", [field])
    assert words in row.reason


def test_near_matches_are_named_in_long_lists(actor):
    for number in range(20):
        location(f"N-A{number:02d}")
    assert "Did you mean N-A04" in one(upload(actor, phone(1, Location="NA04"))).reason


def test_all_faults_of_a_row_are_told_at_once(actor):
    assert one(upload(actor, phone(1, Grade="Z", Status="Q", Cost="x"))).faults == ["grade", "status", "cost"]


def test_two_rows_for_one_phone_are_refused_and_name_each_other(actor):
    tried = upload(actor, phone(1), phone(2), phone(1, Grade="B"))
    assert [row.outcome for row in rows_of(tried)] == ["refused", "new", "refused"]
    assert "row 4" in rows_of(tried)[0].reason
    assert "row 2" in rows_of(tried)[2].reason


def test_the_rest_of_a_sheet_is_applied_beside_refused_and_ragged_rows(actor):
    data = file(phone(1, ESN="3.5E+14"), phone(2)) + b"just,three,cells\r\n"
    tried = uploads.create(actor, "phones", "lot.csv", data)
    assert tried.counts == {"refused": 2, "new": 1}
    uploads.apply(actor, tried.id)
    assert count(InventoryItem) == 1


def test_numbers_of_a_workbook_are_read_digit_by_digit(actor):
    row = phone(1)
    data = sheets.write_xlsx(HEADER, [[int(row["ESN"]), *[row[name] for name in HEADER[1:]]]])
    assert uploads.create(actor, "phones", "lot.xlsx", data).counts == {"new": 1}


def test_values_beside_the_sheet_fill_blanks_of_new_phones_only(actor):
    old = make.make_item(make.make_variation(sku="SKU-1"), esn=make.imei(1), cost_cents=5)
    location("N-A1")
    defaults = {"status": "Processing", "location": "N-A1", "cost": "7", "esn": "no default"}
    tried = upload(actor, phone(1), phone(2, SKU="SKU-1"), columns=["ESN", "SKU"], defaults=defaults)
    assert tried.options == {"status": "Processing", "location": "N-A1", "cost": "7"}
    assert [row.outcome for row in rows_of(tried)] == ["same", "new"]
    uploads.apply(actor, tried.id)
    new = item(2)
    assert (new.cost_cents, db.session.get(Location, new.location_id).name) == (700, "N-A1")
    assert new.warehouse_id is not None
    assert item(1).cost_cents == old.cost_cents == 5


def test_location_brings_its_warehouse_and_a_new_warehouse_ends_the_location(actor):
    here, there = location("N-A1"), location("S-A1", "South")
    variation = make.make_variation()
    make.make_item(variation, esn=make.imei(1), location=here)
    make.make_item(variation, esn=make.imei(2), location=here)
    tried = upload(actor, phone(1, Location="S-A1"), columns=["ESN", "Location"])
    assert one(tried).changes == {"warehouse": ["Main warehouse", "South"], "location": ["N-A1", "S-A1"]}
    uploads.apply(actor, tried.id)
    tried = upload(actor, phone(2, Warehouse="South"), columns=["ESN", "Warehouse"])
    assert one(tried).changes == {"warehouse": ["Main warehouse", "South"], "location": ["N-A1", ""]}
    uploads.apply(actor, tried.id)
    assert (item(1).location_id, item(2).location_id) == (there.id, None)
    assert item(1).warehouse_id == item(2).warehouse_id == there.warehouse_id


def test_location_in_another_warehouse_than_the_row_says_is_refused(actor):
    location("S-A1", "South")
    assert "“S-A1” is in South, not in Main warehouse" in one(upload(actor, phone(1, Location="S-A1"))).reason


def test_archived_status_may_stay_but_not_be_given(actor):
    variation = make.make_variation()
    make.make_item(variation, esn=make.imei(1), status="Repair")
    make.make_item(variation, esn=make.imei(2))
    db.session.execute(sa.update(InventoryStatus).where(InventoryStatus.name == "Repair").values(is_archived=True))
    db.session.commit()
    tried = upload(actor, phone(1, Status="Repair"), phone(2, Status="Repair"), columns=["ESN", "Status"])
    assert [row.outcome for row in rows_of(tried)] == ["same", "refused"]
    assert "archived" in rows_of(tried)[1].reason


def test_dry_run_asks_a_fixed_number_of_questions(actor, count_queries):
    variation = make.make_variation(sku="SKU-1")
    make.make_items(variation, 3)
    told = uploads.KINDS["phones"]

    def queries(rows):
        from wholecell.services.upload_kinds import Row

        whole = [Row(n, {"esn": make.imei(n), "sku": "SKU-1", "model": f"Model {n % 7}"}) for n in range(1, rows)]
        with count_queries() as statements:
            told.plan(told.load(whole), whole, {})
        return len(statements)

    queries(2)
    assert queries(10) == queries(400) <= 12
