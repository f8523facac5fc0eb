"""Listings by the API: the numbers of the rule, in pages, a fixed number of queries for each."""

from datetime import UTC, datetime, timedelta

from tests import factories as make
from tests.web.api.callers import caller

PAGE = "/api/v1/listings"


def test_listings_come_with_their_numbers_page_by_page(app, count_queries):
    shop, other = make.make_integration(name="Shop"), make.make_integration(name="Other")
    variation = make.make_variation("S1")
    make.make_items(variation, 3)
    make.make_order(integration=shop, items=[{"sku": "S1"}])
    synced = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    first = make.make_listing(
        shop, sku="S1", last_synced=2, answered_at=synced, offered_at=synced, price_cents=25900, currency="USD"
    )
    unconnected = make.make_listing(shop, sku="S2")
    make.make_listing(other, sku="S1", maximum_quantity=1, offered_at=synced + timedelta(hours=1))
    client = caller(app, "listings:read")
    one = client.get(f"{PAGE}/{first.id}").json
    assert one == {
        "id": first.id,
        "integration_id": shop.id,
        "integration": "Shop",
        "external_id": first.external_id,
        "sku": "S1",
        "title": first.title,
        "state": "active",
        "connected": True,
        "available": 3,
        "outstanding": 1,
        "calculated": 2,
        "offered": 2,
        "last_synced": 2,
        "last_synced_at": "2026-01-02T03:04:05Z",
        "price_cents": 25900,
        "currency": "USD",
    }
    page = client.get(PAGE, query_string={"limit": 2}).json
    assert (page["listings"][0], page["next_cursor"]) == (one, unconnected.id)
    assert [page["listings"][1][name] for name in ("connected", "available", "offered")] == [False, None, None]
    rest = client.get(PAGE, query_string={"limit": 2, "cursor": page["next_cursor"]}).json
    assert ([each["offered"] for each in rest["listings"]], rest["next_cursor"]) == ([1], None)

    def ids(**query):
        return [each["id"] for each in client.get(PAGE, query_string=query).json["listings"]]

    assert ids(sku="S1", integration_id=shop.id) == [first.id]
    assert len(ids(changed_since="2026-01-02T03:04:05Z")) == 2
    assert len(ids(changed_since="2026-01-02T05:04:05+01:00")) == 1
    tied = caller(app, "listings:read", integration=shop, name="Tied")
    assert len(tied.get(PAGE).json["listings"]) == 2
    assert tied.get(PAGE, query_string={"integration_id": other.id}).json["listings"] == []
    assert tied.get(f"{PAGE}/{rest['listings'][0]['id']}").status_code == 404

    counted = []
    for number in (1, 3):
        with count_queries() as statements:
            client.get(PAGE, query_string={"limit": number})
        counted.append(len(statements))
    assert counted[0] == counted[1] <= 20, counted


def test_a_query_that_says_something_else_is_refused(app):
    client = caller(app)
    for url, field in (
        (f"{PAGE}?limit=0", "limit"),
        (f"{PAGE}?limit=201", "limit"),
        (f"{PAGE}?limit=two", "limit"),
        (f"{PAGE}?limit=5.0", "limit"),
        (f"{PAGE}?limit=+5", "limit"),
        (f"{PAGE}?limit=", "limit"),
        (f"{PAGE}?limit={'9' * 5000}", "limit"),
        (f"{PAGE}?cursor={2**63}", "cursor"),
        (f"{PAGE}?cursor=-1", "cursor"),
        (f"{PAGE}?sku=a%00b", "sku"),
        (f"{PAGE}?sku={'x' * 256}", "sku"),
        (f"{PAGE}?sku=a&sku=b", "sku"),
        (f"{PAGE}?limits=5", "limits"),
        (f"{PAGE}?changed_since=yesterday", "changed_since"),
        (f"{PAGE}?changed_since=1767225600", "changed_since"),
        (f"{PAGE}?changed_since=2026-01-01T00:00:00", "changed_since"),
        (f"{PAGE}?changed_since=0001-01-01T00:00:00%2B14:00", "changed_since"),
        ("/api/v1/shipments?taken=maybe", "taken"),
        ("/api/v1/shipments?taken=1", "taken"),
    ):
        answer = client.get(url)
        assert (answer.status_code, answer.json["error"], answer.json["field"]) == (422, "invalid", field), url
    assert client.get(f"{PAGE}?sku=%ff%fe").status_code == 200
