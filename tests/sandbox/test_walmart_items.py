"""Walmart's items over a real socket, each call checked against the documents."""

from urllib.parse import quote

import pytest

from tests.sandbox.walmart_api import EMPTY, WFS, A, B, make_item, refusal
from wholecell.sandbox import RefusedError, Shop


@pytest.fixture
def many(walmart, shop):
    """Nine more: thirteen in all."""
    shop.seed("walmart", [make_item(f"MORE-{number}") for number in range(9)])
    return walmart


def skus(answer):
    return [row["sku"] for row in answer.json()["ItemResponse"]]


def run(api, limit=5):
    """The SKUs of each page of a run by cursor."""
    pages, cursor = [], "*"
    while cursor:
        answer = api.get("/v3/items", nextCursor=cursor, limit=limit)
        pages.append(skus(answer))
        cursor = answer.json().get("nextCursor")
    return pages


def test_an_item_as_the_document_shows_it(walmart):
    answer = walmart.get(f"/v3/items/{A}", productIdType="SKU").json()
    (row,) = answer["ItemResponse"]
    assert answer["totalItems"] == 1
    assert (row["mart"], row["productName"]) == ("WALMART_US", "iPhone 13 128GB Blue, Unlocked")
    assert row["price"] == {"currency": "USD", "amount": 289.0} and row["condition"] == "Restored"
    assert (row["publishedStatus"], row["lifecycleStatus"]) == ("PUBLISHED", "ACTIVE")
    assert row["gtin"] == "00" + row["upc"] and len(row["wpid"]) == 12
    assert "quantity" not in str(row) and "unpublishedReasons" not in row


def test_an_item_by_other_ids(walmart):
    (row,) = walmart.get("/v3/items", sku=A).json()["ItemResponse"]
    for kind, value in (("GTIN", row["gtin"]), ("UPC", row["upc"]), ("ITEM_ID", row["wpid"])):
        assert skus(walmart.get(f"/v3/items/{value}", productIdType=kind)) == [A]
    assert walmart.get(f"/v3/items/{A}", productIdType="ASIN").status_code == 400


def test_a_sku_of_odd_characters_in_the_path(walmart):
    assert skus(walmart.get(f"/v3/items/{quote(EMPTY, safe='')}", productIdType="SKU")) == [EMPTY]


def test_an_unknown_item_is_404_and_case_counts(walmart):
    for sku in ("NOBODY", A.lower()):
        answer = walmart.get(f"/v3/items/{sku}", productIdType="SKU")
        assert answer.status_code == 404 and refusal(answer) == "CONTENT_NOT_FOUND.GMP_ITEM_QUERY_API"


def test_the_shape_of_the_schema(walmart):
    walmart.set(item_shape="record")
    assert walmart.get(f"/v3/items/{A}", productIdType="SKU").json()["responseRecord"]["sku"] == A


def test_a_moving_cursor_ends_the_run(many):
    pages = run(many)
    assert [len(page) for page in pages] == [5, 5, 3]
    assert len({sku for page in pages for sku in page}) == 13
    first = many.get("/v3/items", nextCursor="*", limit=5).json()
    assert first["totalItems"] == 13
    assert "/" in first["nextCursor"] and "=" in first["nextCursor"]  # it must be encoded
    second = many.get("/v3/items", nextCursor=first["nextCursor"], limit=5).json()
    assert second["nextCursor"] not in ("", first["nextCursor"])


def test_a_list_may_end_with_an_empty_cursor(many):
    many.set(end_cursor="empty")
    assert many.get("/v3/items", nextCursor="*", limit=50).json()["nextCursor"] == ""
    assert [len(page) for page in run(many)] == [5, 5, 3]


def test_without_a_cursor_offset_and_limit_page(many):
    assert len(skus(many.get("/v3/items"))) == 13
    seen = [sku for offset in (0, 4, 8, 12) for sku in skus(many.get("/v3/items", offset=offset, limit=4))]
    assert len(set(seen)) == len(seen) == 13
    assert "nextCursor" not in many.get("/v3/items", limit=4).json()


def test_a_constant_cursor_needs_a_rising_offset(many, shop):
    many.set(cursor="constant")
    first = many.get("/v3/items", nextCursor="*", limit=5).json()
    again = many.get("/v3/items", nextCursor=first["nextCursor"], limit=5)
    assert skus(again) == [row["sku"] for row in first["ItemResponse"]]  # no offset: the same page for ever
    seen = [row["sku"] for row in first["ItemResponse"]]
    for offset in (5, 10, 15):
        answer = many.get("/v3/items", nextCursor=first["nextCursor"], limit=5, offset=offset)
        assert answer.json()["nextCursor"] == first["nextCursor"]
        seen += skus(answer)
    assert len(set(seen)) == len(seen) == 13
    assert many.get("/v3/items", nextCursor=first["nextCursor"], offset=10_000).status_code == 400
    shop.clock.advance(120)
    assert many.get("/v3/items", nextCursor=first["nextCursor"], offset=5).status_code == 200
    shop.clock.advance(121)
    assert many.get("/v3/items", nextCursor=first["nextCursor"], offset=5).status_code == 400


@pytest.mark.parametrize("query", [{"limit": 51}, {"limit": 0}, {"limit": "x"}, {"offset": -1}, {"nextCursor": "x"}])
def test_paging_that_makes_no_sense_is_refused(walmart, query):
    answer = walmart.get("/v3/items", **query)
    assert answer.status_code == 400 and refusal(answer) == "INVALID_REQUEST.GMP_ITEM_QUERY_API"


def test_a_cursor_that_was_not_encoded_is_refused(many):
    """A plus in it is a blank on the way; ours has none often enough, so one is put in."""
    cursor = many.get("/v3/items", nextCursor="*", limit=5).json()["nextCursor"]
    answer = many("GET", f"/v3/items?limit=5&nextCursor={cursor[:6]}+{cursor[7:]}")
    assert answer.status_code == 400


def test_states_and_their_filters(walmart, shop):
    shop.seed(
        "walmart",
        [
            make_item("GONE", lifecycle_status="RETIRED", published_status="UNPUBLISHED"),
            make_item("OFF", published_status="UNPUBLISHED", reasons=["No shipping information was set up."]),
            make_item("BAD", published_status="SYSTEM_PROBLEM"),
        ],
    )
    assert skus(walmart.get("/v3/items", lifecycleStatus="RETIRED")) == ["GONE"]
    assert skus(walmart.get("/v3/items", publishedStatus="UNPUBLISHED")) == ["GONE", "OFF"]
    assert skus(walmart.get("/v3/items", publishedStatus="SYSTEM_PROBLEM", lifecycleStatus="ACTIVE")) == ["BAD"]
    (off,) = walmart.get("/v3/items", sku="OFF").json()["ItemResponse"]
    assert off["unpublishedReasons"] == {"reason": ["No shipping information was set up."]}
    assert len(skus(walmart.get("/v3/items"))) == 7
    walmart.set(ended_items=0)
    assert "GONE" not in skus(walmart.get("/v3/items"))
    assert walmart.get("/v3/items", publishedStatus="ONLINE").status_code == 400
    assert walmart.get("/v3/items", condition="Fair").status_code == 400
    walmart.complaints.clear()  # the document lists the conditions
    with pytest.raises(RefusedError, match="off sale|sold out"):
        shop.sell("walmart", sku="OFF")


def test_items_are_counted(walmart, shop):
    shop.seed("walmart", [make_item("OFF", published_status="UNPUBLISHED")])
    counts = [walmart.get("/v3/items/count", status=status).json() for status in ("ALL", "PUBLISHED", "UNPUBLISHED")]
    assert counts == [{"All": 5}, {"PUBLISHED": 4}, {"UNPUBLISHED": 1}]


def test_variants(walmart, shop):
    shop.seed("walmart", [make_item("RED", variant_group="iphone-13", variant={"color": "Red"})])
    (row,) = walmart.get("/v3/items", variantGroupId="iphone-13").json()["ItemResponse"]
    attributes = row["variantGroupInfo"]["groupingAttributes"]
    assert (row["sku"], attributes) == ("RED", [{"name": "color", "value": "Red"}])


def test_no_items(walmart):
    none = walmart.get("/v3/items", sku="NOBODY")
    assert (none.status_code, none.json()["ItemResponse"], none.json()["totalItems"]) == (200, [], 0)
    walmart.set(no_items="404")
    assert walmart.get("/v3/items", sku="NOBODY").status_code == 404


def test_what_walmart_fulfils_is_among_the_items(walmart):
    assert skus(walmart.get("/v3/items")) == [A, B, EMPTY, WFS]


def test_pages_repeat_and_shift_on_demand(many, shop):
    shop.faults.add("repeated_page", path="/v3/items")
    pages = run(many)
    assert pages[1] == pages[0] and pages[2] != pages[1]
    shop.faults.add("shifting_page", path="/v3/items", number=2)
    seen = [sku for page in run(many) for sku in page]
    assert len(seen) - len(set(seen)) == 2


def test_ids_are_made_from_the_sku():
    made = [Shop().seed("walmart", [make_item()])[0] for _ in range(2)]
    assert made[0].id == made[1].id and made[0].upc == made[1].upc


@pytest.mark.parametrize("fields", [{"published_status": "ONLINE"}, {"lifecycle_status": "GONE"}])
def test_a_seed_row_with_an_unknown_status_is_refused(shop, fields):
    with pytest.raises(RefusedError, match="Choose one of"):
        shop.seed("walmart", [make_item(**fields)])
