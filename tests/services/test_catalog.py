import pytest
import sqlalchemy as sa

from tests.factories import make_product, make_variation
from tests.races import race
from wholecell.db import db, transaction
from wholecell.models import Condition, Event, Grade, Product, ProductVariation, variation_conditions
from wholecell.services import catalog
from wholecell.services.catalog import ProductFields, VariationSpec
from wholecell.services.events import SYSTEM
from wholecell.services.refusal import Refusal

FIELDS = {
    "manufacturer": "Apple",
    "model": "iPhone 11",
    "variant": "A2111",
    "network": "Unlocked",
    "capacity": "64GB",
    "color": "Black",
}


def grade_id(name="A"):
    return db.session.scalar(sa.select(Grade.id).where(Grade.name == name))


def condition_ids(*codes):
    return frozenset(db.session.scalars(sa.select(Condition.id).where(Condition.code.in_(codes))))


def spec(number=0, grade="A", codes=()):
    product = ProductFields.of({**FIELDS, "model": f"iPhone {number}"})
    return VariationSpec(product, grade_id(grade), condition_ids(*codes))


def ensure(*specs):
    with transaction() as session:
        return catalog.ensure_variations(session, SYSTEM, specs)


def test_blanks_around_and_inside_fields_do_not_make_another_product():
    assert ProductFields.of({**FIELDS, "model": "  iPhone   11 "}) == ProductFields.of(FIELDS)


@pytest.mark.parametrize("name", FIELDS)
def test_a_blank_field_is_refused(name):
    with pytest.raises(Refusal, match="is blank: write unknown"):
        ProductFields.of({**FIELDS, name: "  "})


def test_a_field_that_does_not_fit_is_refused():
    with pytest.raises(Refusal, match="Color is longer than 60 characters"):
        ProductFields.of({**FIELDS, "color": "x" * 61})


def test_a_variation_is_made_once_and_found_again(session):
    first = ensure(spec(1), spec(1, "B"), spec(1, "B", ["CG", "BB"]), spec(2))
    again = ensure(spec(1), spec(1, "B"), spec(1, "B", ["BB", "CG"]), spec(2))
    assert again == first
    assert len(set(first.values())) == 4
    assert session.scalar(sa.select(sa.func.count()).select_from(Product)) == 2


def test_damages_are_linked_and_make_the_key(session):
    key = ensure(spec(1, "B", ["CG", "BB"]))[spec(1, "B", ["CG", "BB"])]
    assert session.get(ProductVariation, key).condition_codes == "BB+CG"
    links = session.scalars(
        sa.select(variation_conditions.c.condition_id).where(variation_conditions.c.variation_id == key)
    )
    assert set(links) == condition_ids("CG", "BB")


def test_each_new_variation_begins_a_timeline(session):
    keys = ensure(spec(1), spec(2))
    ensure(spec(1), spec(2))
    lines = session.execute(sa.select(Event.subject, Event.subject_id, Event.kind)).all()
    assert sorted(lines) == sorted(("variation", key, "created") for key in keys.values())


def test_the_number_of_statements_does_not_grow_with_the_rows(count_queries):
    def run(numbers):
        with count_queries() as statements:
            ensure(*(spec_of[n] for n in numbers))
        return len(statements)

    spec_of = {n: spec(n) for n in range(200)}
    assert run(range(10)) == run(range(10, 200))


def test_too_many_damages_are_refused():
    with pytest.raises(Refusal, match="So many damages"):
        catalog.join_codes(f"CODE{n:06d}" for n in range(30))


def test_two_who_name_the_same_new_variation_at_once_get_the_same_row(app):
    wanted = [spec(number) for number in range(30)]
    first, second = race(lambda index: ensure(*wanted))
    assert first == second
    assert len(set(first.values())) == 30


def test_existing_products_of_other_origin_are_found(session):
    product = make_product("iPhone 1")
    variation = make_variation(product=product)
    assert ensure(spec(1)) == {spec(1): variation.id}
