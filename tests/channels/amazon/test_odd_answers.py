"""Whatever stands where in an answer: it is read or refused, and never breaks off the work."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from tests.channels.amazon.payloads import item, order, row
from wholecell.channels.amazon import feed_answer, mapping, orders, report_rows
from wholecell.channels.amazon.settings import MARKETPLACES
from wholecell.channels.contract import QuantityChange

NOW, AMERICA = datetime(2026, 3, 1, tzinfo=UTC), "ATVPDKIKX0DER"
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["BUYABLE", "ERROR", AMERICA])
)


def names(value):
    """Every name in an answer, however deep."""
    if isinstance(value, dict):
        return set(value).union(*map(names, value.values()))
    return set().union(*map(names, value)) if isinstance(value, list) else set()


KNOWN = sorted(names([item(1), order(1)])) + ["cancellation", "cancellationRequest", "packages", "deliveryAddress"]
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KNOWN), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def bent(draw, good):
    """A good answer in which something stands where something else belongs."""
    if isinstance(good, dict):
        changed = {name: draw(bent(value)) if draw(st.booleans()) else value for name, value in good.items()}
        return changed if draw(st.integers(0, 3)) else draw(ANYTHING)
    if isinstance(good, list):
        return [draw(bent(each)) for each in good] if draw(st.booleans()) else draw(ANYTHING)
    return draw(ANYTHING)


@given(bent(order(1)))
def test_an_order(answer):
    page = orders.page([answer], 1, NOW)
    assert len(page.orders) + len(page.unreadable) == 1
    for remote in page.orders:
        assert all(0 <= line.shipped + line.cancelled <= line.ordered for line in remote.lines)


@given(bent(item(1)))
def test_a_listing(answer):
    try:
        found = mapping.listing(answer if isinstance(answer, dict) else {}, AMERICA, MARKETPLACES[AMERICA])
        assert found is None or found.quantity is None or found.quantity >= 0
        mapping.reading(answer, "SKU-1", AMERICA, NOW)
    except mapping.UnreadableError as error:
        assert str(error)


@given(ANYTHING, ANYTHING)
def test_a_feeds_answer(issues, summary):
    report = {"issues": issues, "summary": mapping.block(summary)}
    changes = [QuantityChange("S1", "S1", 1, is_fall=False), QuantityChange("S2", "S2", 1, is_fall=False)]
    assert [result.external_id for result in feed_answer.results(report, "F1", changes)] == ["S1", "S2"]


@given(st.lists(st.text(st.characters(exclude_characters="\n"), max_size=40) | st.just(row(1)), max_size=5))
def test_a_report(lines):
    text = ["seller-sku\tquantity\tprice\tstatus\titem-name", *lines]
    (page,) = report_rows.pages(text, MARKETPLACES[AMERICA], NOW, online_only=False)
    assert len(page.listings) + len(page.unreadable) <= len(lines)


@given(ANYTHING)
def test_an_error_body(answer):
    assert isinstance(mapping.said(answer).message, str)
    assert isinstance(mapping.errors_of(answer), str)
