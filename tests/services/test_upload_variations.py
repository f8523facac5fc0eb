import pytest
import sqlalchemy as sa

from tests import factories as make
from wholecell.db import db
from wholecell.models import (
    Event,
    Listing,
    Product,
    ProductVariation,
    RecomputeRequest,
    UploadRow,
    variation_conditions,
)
from wholecell.services import sheets, skus, uploads
from wholecell.services.events import Actor
from wholecell.services.refusal import Refusal

HEADER = ["ID", "Manufacturer", "Model", "Variant", "Network", "Capacity", "Color", "Grade", "Damages", "SKU", "Price"]
WORDS = ["create", "Apple", "iPhone 13", "A2633", "Unlocked", "128GB", "Midnight", "A", "", "", ""]


@pytest.fixture
def actor(app):
    return Actor(user_id=make.make_user(name="Maya").id, source="upload")


def new(**cells):
    return {**dict(zip(HEADER, WORDS, strict=True)), **cells}


def upload(actor, *rows, columns=HEADER):
    data = b"".join(sheets.write_csv(columns, [[row.get(name, "") for name in columns] for row in rows]))
    return uploads.create(actor, "variations", "catalog.csv", data)


def rows_of(upload):
    return list(db.session.scalars(sa.select(UploadRow).filter_by(upload_id=upload.id).order_by(UploadRow.number)))


def outcomes(upload):
    return [row.outcome for row in rows_of(upload)]


def reasons(upload):
    return " ".join(row.reason for row in rows_of(upload))


def sku_of(variation):
    db.session.expire_all()
    row = db.session.get(ProductVariation, variation.id)
    assert row.unique_sku in (row.sku, None)
    return row.sku


def only_skus(actor, *pairs):
    rows = [{"ID": str(variation.id), "SKU": sku} for variation, sku in pairs]
    return upload(actor, *rows, columns=["ID", "SKU"])


def test_create_makes_product_variation_damages_sku_and_price(actor):
    tried = upload(actor, new(Damages="CG/BB", SKU="IP13", Price="199.5"), new(Grade="B"))
    assert tried.counts == {"new": 2}
    done = uploads.apply(actor, tried.id)
    row = db.session.scalar(sa.select(ProductVariation).filter_by(sku="IP13"))
    assert (row.condition_codes, row.price_cents, row.unique_sku) == ("BB+CG", 19950, "IP13")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Product)) == 1
    lines = db.session.scalars(sa.select(Event).filter_by(subject="variation", subject_id=row.id)).all()
    assert {line.kind for line in lines} == {"created", "sku"}
    assert {(line.source, line.batch_id) for line in lines} == {("upload", done.batch_id)}


def test_ids_name_the_variation_and_only_mapped_columns_change(actor):
    variation = make.make_variation(sku="OLD", price_cents=100)
    tried = upload(actor, {"ID": str(variation.id), "Price": "2"}, columns=["ID", "Price"])
    assert rows_of(tried)[0].changes == {"price": ["1.00", "2.00"]}
    uploads.apply(actor, tried.id)
    assert sku_of(variation) == "OLD"
    assert db.session.get(ProductVariation, variation.id).price_cents == 200


def test_download_uploaded_again_changes_nothing(actor):
    make.make_variation(sku="=1+1", conditions=["CG", "BB"], price_cents=129900)
    make.make_variation(grade="B+")
    told = uploads.KINDS["variations"]
    header, rows = [each.label for each in told.fields], [list(row) for row in told.export()]
    for data in (b"".join(sheets.write_csv(header, rows)), sheets.write_xlsx(header, rows, {"SKU", "Grade"})):
        assert uploads.create(actor, "variations", "catalog", data).counts == {"same": 2}


def test_sheet_without_ids_finds_what_is_there_and_creates_the_rest(actor):
    here = make.make_variation(
        product=make.make_product("iPhone 13", variant="A2633", capacity="128GB", color="Midnight")
    )
    tried = upload(actor, new(SKU="X", Model="IPHONE 13"), new(Grade="B"), columns=HEADER[1:])
    assert outcomes(tried) == ["changed", "new"]
    uploads.apply(actor, tried.id)
    assert sku_of(here) == "X"


@pytest.mark.parametrize("field", ["Manufacturer", "Model", "Variant", "Network", "Capacity", "Color"])
def test_blank_product_fields_are_refused_with_the_way_out(actor, field):
    row = rows_of(upload(actor, new(**{field: ""})))[0]
    assert (row.outcome, row.faults) == ("refused", [field.lower()])
    assert "write unknown" in row.reason


@pytest.mark.parametrize(
    ("cells", "field", "words"),
    [
        ({"ID": ""}, "id", "write create"),
        ({"ID": "999"}, "id", "No variation has the ID"),
        ({"ID": "abc"}, "id", "No variation has the ID"),
        ({"Grade": ""}, "grade", "blank"),
        ({"Grade": "Q"}, "grade", "A, B+, B, C, D"),
        ({"Damages": "CG ZZ"}, "damages", "one of CG, CB, BB"),
        ({"SKU": "x" * 121}, "sku", "at most 120"),
        ({"Price": "-1"}, "price", "not an amount"),
    ],
)
def test_cells_that_cannot_be_are_refused_and_named(actor, cells, field, words):
    row = rows_of(upload(actor, new(**cells)))[0]
    assert (row.outcome, row.faults) == ("refused", [field])
    assert words in row.reason


def test_two_rows_for_one_variation_are_refused_and_name_each_other(actor):
    variation = make.make_variation()
    tried = only_skus(actor, (variation, "A"), (variation, "B"))
    assert outcomes(tried) == ["refused", "refused"]
    assert "row 3" in rows_of(tried)[0].reason
    assert outcomes(upload(actor, new(), new(SKU="X"))) == ["refused", "refused"]


def test_create_of_what_is_there_is_refused_naming_it(actor):
    uploads.apply(actor, upload(actor, new()).id)
    there = db.session.scalar(sa.select(ProductVariation.id))
    assert f"write {there} as ID" in reasons(upload(actor, new()))


def test_sku_of_another_variation_is_refused_naming_it(actor):
    holder, other = make.make_variation(sku="TAKEN"), make.make_variation()
    tried = only_skus(actor, (other, "TAKEN"))
    assert f"already the SKU of variation {holder.id}" in reasons(tried)


def test_one_sku_on_two_rows_is_refused_naming_the_other(actor):
    tried = only_skus(actor, (make.make_variation(), "X"), (make.make_variation(), "X"))
    assert outcomes(tried) == ["refused", "refused"]
    assert "Row 3 has the SKU “X” too" in rows_of(tried)[0].reason


def test_row_that_keeps_its_sku_wins_over_one_that_wants_it(actor):
    keeper, other = make.make_variation(sku="X"), make.make_variation()
    assert outcomes(only_skus(actor, (keeper, "X"), (other, "X"))) == ["same", "refused"]


def test_skus_are_shared_when_uniqueness_is_off(actor):
    skus.set_uniqueness(False, actor)
    one, two = make.make_variation(sku="X"), make.make_variation()
    tried = only_skus(actor, (two, "X"))
    assert tried.counts == {"changed": 1}
    uploads.apply(actor, tried.id)
    assert sku_of(one) == sku_of(two) == "X"


def test_skus_change_places_in_one_sheet(actor):
    one, two, three = (make.make_variation(sku=sku) for sku in "ABC")
    tried = only_skus(actor, (one, "B"), (two, "C"), (three, "A"))
    assert tried.counts == {"changed": 3}
    uploads.apply(actor, tried.id)
    assert [sku_of(each) for each in (one, two, three)] == ["B", "C", "A"]
    uploads.undo(actor, tried.id)
    assert [sku_of(each) for each in (one, two, three)] == ["A", "B", "C"]


def test_row_that_waits_for_a_refused_one_is_refused_too(actor):
    one, two, three = (make.make_variation(sku=sku) for sku in "ABC")
    rows = [
        {"ID": str(one.id), "SKU": "B", "Price": ""},
        {"ID": str(two.id), "SKU": "C", "Price": ""},
        {"ID": str(three.id), "SKU": "D", "Price": "never"},
    ]
    assert outcomes(upload(actor, *rows, columns=["ID", "SKU", "Price"])) == ["refused"] * 3


def test_new_variation_may_take_the_sku_another_row_gives_up(actor):
    old = make.make_variation(sku="X")
    tried = upload(actor, new(SKU="X"), {**new(), "ID": str(old.id), "Model": "iPhone 99", "SKU": "Y"})
    assert outcomes(tried) == ["new", "changed"]
    uploads.apply(actor, tried.id)
    assert sku_of(old) == "Y"


def test_variations_change_places_in_the_catalog(actor):
    product = make.make_product("iPhone 13")
    first = make.make_variation(product=product, conditions=["CG"])
    second = make.make_variation(product=product, grade="B")
    columns = ["ID", "Grade", "Damages"]
    rows = [{"ID": str(first.id), "Grade": "B"}, {"ID": str(second.id), "Grade": "A", "Damages": "CG"}]
    tried = upload(actor, *rows, columns=columns)
    assert outcomes(tried) == ["changed", "changed"]
    uploads.apply(actor, tried.id)
    db.session.expire_all()
    assert db.session.get(ProductVariation, second.id).condition_codes == "CG"
    links = db.session.execute(sa.select(variation_conditions.c.variation_id)).all()
    assert links == [(second.id,)]
    uploads.undo(actor, tried.id)
    db.session.expire_all()
    assert db.session.get(ProductVariation, first.id).condition_codes == "CG"


def test_variation_cannot_become_what_another_is(actor):
    product = make.make_product("iPhone 13")
    first, second = make.make_variation(product=product), make.make_variation(product=product, grade="B")
    tried = upload(actor, {"ID": str(second.id), "Grade": "A"}, columns=["ID", "Grade"])
    assert f"Variation {first.id} is exactly this" in reasons(tried)


def test_renamed_product_replaces_the_one_left_empty(actor):
    variation = make.make_variation(product=make.make_product("Iphone 13"))
    tried = upload(actor, {"ID": str(variation.id), "Model": "iPhone 13"}, columns=["ID", "Model"])
    assert rows_of(tried)[0].changes == {"model": ["Iphone 13", "iPhone 13"]}
    uploads.apply(actor, tried.id)
    assert list(db.session.scalars(sa.select(Product.model))) == ["iPhone 13"]
    uploads.undo(actor, tried.id)
    assert list(db.session.scalars(sa.select(Product.model))) == ["Iphone 13"]


def test_variation_changed_since_the_dry_run_is_left_alone(actor):
    one, two = make.make_variation(sku="A"), make.make_variation(sku="B")
    tried = only_skus(actor, (one, "A2"), (two, "B2"))
    ines = Actor(user_id=make.make_user("ines@example.com", name="Ines").id)
    skus.set_sku(one.id, "A3", ines)
    done = uploads.apply(actor, tried.id)
    assert outcomes(done) == ["conflict", "changed"]
    assert "Ines changed this" in rows_of(done)[0].reason
    assert (sku_of(one), sku_of(two)) == ("A3", "B2")


def test_sku_taken_since_the_dry_run_is_a_conflict_and_holds_up_the_next_row(actor):
    one, two, other = make.make_variation(sku="A"), make.make_variation(sku="B"), make.make_variation()
    tried = only_skus(actor, (one, "NEW"), (two, "A"))
    skus.set_sku(other.id, "NEW", actor)
    done = uploads.apply(actor, tried.id)
    assert outcomes(done) == ["conflict", "conflict"]
    assert [sku_of(each) for each in (one, two, other)] == ["A", "B", "NEW"]


def test_variation_made_since_the_dry_run_is_a_conflict(actor):
    tried = upload(actor, new())
    uploads.apply(actor, upload(actor, new()).id)
    done = uploads.apply(actor, tried.id)
    assert outcomes(done) == ["conflict"]


def test_undo_deletes_what_was_created_unless_something_rests_on_it(actor):
    tried = upload(actor, new(SKU="X"), new(Grade="B", SKU="Y"), new(Grade="C", SKU="Z"))
    uploads.apply(actor, tried.id)
    ids = dict(db.session.execute(sa.select(ProductVariation.sku, ProductVariation.id)).all())
    make.make_item(db.session.get(ProductVariation, ids["Y"]))
    skus.set_sku(ids["Z"], "ZZ", actor)
    done = uploads.undo(actor, tried.id)
    assert outcomes(done) == ["new", "kept", "kept"]
    assert set(db.session.scalars(sa.select(ProductVariation.sku))) == {"Y", "ZZ"}


def test_undo_keeps_a_row_whose_former_sku_somebody_took(actor):
    one, other = make.make_variation(sku="A"), make.make_variation()
    tried = only_skus(actor, (one, "B"))
    uploads.apply(actor, tried.id)
    skus.set_sku(other.id, "A", actor)
    done = uploads.undo(actor, tried.id)
    assert outcomes(done) == ["kept"]
    assert (sku_of(one), sku_of(other)) == ("B", "A")


def test_listings_of_the_old_and_the_new_sku_are_computed_again(actor):
    integration = make.make_integration(armed=True)
    old, new_one = make.make_listing(integration, sku="A"), make.make_listing(integration, sku="B")
    variation = make.make_variation(sku="A")
    uploads.apply(actor, only_skus(actor, (variation, "B")).id)
    asked = set(db.session.scalars(sa.select(RecomputeRequest.listing_id))) - {None}
    assert asked == {old.id, new_one.id}


def test_dry_run_names_armed_listings_that_would_no_longer_be_followed(actor):
    integration = make.make_integration(name="Back Market EU", armed=True)
    preview = make.make_integration(name="Not armed")
    make.make_listing(integration, sku="A", title="Lost", last_offered=3)
    make.make_listing(integration, skus=["A", "KEPT"], title="Keeps another SKU")
    make.make_listing(preview, sku="A", title="In preview")
    chosen = make.make_variation(sku="A")
    make.make_listing(integration, sku="A", variations=[chosen], title="Chosen by hand")
    make.make_variation(sku="KEPT")
    tried = only_skus(actor, (chosen, "B"))
    assert len(tried.warnings) == 1
    assert "“Lost” on Back Market EU would no longer be followed and would go on offering 3" in tried.warnings[0]
    swap = make.make_variation(sku="OTHER")
    assert only_skus(actor, (chosen, "B"), (swap, "A")).warnings == []
    db.session.execute(sa.update(Listing).values(state="ended"))
    db.session.commit()
    assert only_skus(actor, (chosen, "B")).warnings == []


def test_sheet_that_cannot_name_variations_waits_for_its_columns(actor):
    waiting = upload(actor, {"Model": "iPhone 13", "Price": "5"}, columns=["Model", "Price"])
    assert (waiting.state, outcomes(waiting)) == ("matching", [""])
    with pytest.raises(Refusal, match="Choose the columns"):
        uploads.apply(actor, waiting.id)
