"""Back Market's listings over a real socket, each call checked against the document."""

from uuid import NAMESPACE_URL, uuid5

import pytest

from tests.sandbox.conftest import make_row
from wholecell.sandbox import RefusedError, Shop


def test_listings_come_in_pages_with_links(api, shop):
    shop.seed_backmarket([make_row(f"MORE-{number}") for number in range(9)])
    first = api.get("/ws/listings").json()
    second = api.get("/ws/listings", page=2).json()
    assert (first["count"], len(first["results"]), len(second["results"])) == (12, 10, 2)
    assert first["next"] == f"{api.base}/ws/listings?page=2" and first["previous"] is None
    assert second["next"] is None and second["previous"].endswith("page=1")
    assert len({row["id"] for row in first["results"] + second["results"]}) == 12
    assert first["results"][0]["sku"] == "MORE-8"  # the newest first


def test_a_page_holds_at_most_fifty(api, shop):
    shop.seed_backmarket([make_row(f"MORE-{number}") for number in range(60)])
    assert len(api("GET", "/ws/listings?page-size=50").json()["results"]) == 50
    assert len(api("GET", "/ws/listings?page-size=80").json()["results"]) == 50
    api.complaints.clear()  # asking for more departs from the document


def test_filters_by_state_and_quantity(api):
    def skus(**filters):
        return {row["sku"] for row in api.get("/ws/listings", **filters).json()["results"]}

    assert skus(publication_state=2) == {"IP13-128-BLU-A", "IP13-128-BLU-B"}
    assert skus(publication_state=3) == {"S21-A"}
    assert skus(min_quantity=1, max_quantity=4) == {"IP13-128-BLU-B"}


def test_one_listing_by_uuid_number_and_sku(api, listing):
    by_id = api.get(f"/ws/listings/{listing.id}").json()
    assert by_id["sku"] == "IP13-128-BLU-A" and by_id["statuscode"] == 200
    assert api.get(f"/ws/listings/{listing.number}").json() == by_id
    assert api.get("/ws/listings/detail", sku="ip13-128-blu-a").json() == by_id
    assert api.get("/ws/listings/detail", id=listing.id).json() == by_id
    assert api.get("/ws/listings/detail", listing_id=listing.number).json() == by_id


def test_a_slash_at_the_end_is_no_matter(api):
    assert api.get("/ws/listings/").json()["count"] == 3
    api.complaints.clear()  # the prose writes paths so, the list of paths does not


def test_ids_are_made_from_the_sku():
    shops = Shop(), Shop()
    ids = [shop.seed_backmarket([make_row()])[0].id for shop in shops]
    assert ids == [str(uuid5(NAMESPACE_URL, "backmarket:IP13-128-BLU-A"))] * 2


def test_unknown_listing_is_404(api, shop, listing):
    shop.remove("backmarket", listing.id)
    for answer in (api.get(f"/ws/listings/{listing.id}"), api.post(f"/ws/listings/{listing.id}", {"quantity": 1})):
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "not_found"
    assert api.get("/ws/listings/detail", sku="IP13-128-BLU-A").status_code == 404
    assert api.get("/ws/listings/not-an-id").status_code == 400


def test_quantity_is_stored_and_answered(api, listing):
    answer = api.post(f"/ws/listings/{listing.id}", {"quantity": 3})
    assert (answer.status_code, answer.json()["quantity"], listing.quantity) == (200, 3, 3)
    assert api.post(f"/ws/listings/{listing.id}", {"quantity": "4"}).json()["quantity"] == 4


def test_zero_takes_offline_and_more_brings_back(api, listing):
    path = f"/ws/listings/{listing.id}"
    assert api.post(path, {"quantity": 0}).json()["publication_state"] == 3
    assert listing.sku not in {row["sku"] for row in api.get("/ws/listings", publication_state=2).json()["results"]}
    assert api.post(path, {"quantity": 2}).json()["publication_state"] == 2


def test_offline_for_another_reason_stays_offline(api, shop):
    (paused,) = shop.seed_backmarket([make_row("PAUSED", publication_state=3)])
    for quantity in (0, 7):
        assert api.post(f"/ws/listings/{paused.id}", {"quantity": quantity}).json()["publication_state"] == 3


@pytest.mark.parametrize("quantity", [-1, 1.5, True, "3.0", "", None, [1]])
def test_a_bad_quantity_is_a_bare_string_and_changes_nothing(api, listing, quantity):
    answer = api.post(f"/ws/listings/{listing.id}", {"quantity": quantity, "comment": "new"})
    assert answer.status_code == 400 and isinstance(answer.json(), str)
    assert (listing.quantity, listing.comment) == (5, "")


@pytest.mark.parametrize("body", [{"price": "9"}, {"price": "9", "currency": "EUR"}, {"price": "0", "currency": "USD"}])
def test_a_price_needs_the_currency_of_the_market(api, listing, body):
    answer = api.post(f"/ws/listings/{listing.id}", {"quantity": 1} | body)
    assert answer.status_code == 400 and isinstance(answer.json(), str)
    assert (listing.quantity, listing.price) == (5, "289.00")


def test_other_fields_are_stored(api, listing):
    body = {"price": 279.9, "currency": "USD", "comment": None, "warranty_delay": "24", "min_price": "200"}
    answer = api.post(f"/ws/listings/{listing.id}", body).json()
    assert (answer["price"], answer["comment"], answer["warranty_delay"]) == ("279.90", None, 24)
    assert (answer["min_price"], answer["quantity"]) == ("200.00", 5)
    for wrong in ({"comment": "x" * 501}, {"warranty_delay": 6}):
        assert api.post(f"/ws/listings/{listing.id}", wrong).status_code == 400


def test_a_price_belongs_to_its_market(api, shop, listing):
    shop.account("backmarket").settings["platform"] = "eu"
    listing.currency = "EUR"
    sent = {"price": "250", "currency": "GBP"}
    path = f"/ws/listings/{listing.id}"
    assert api("POST", path, json=sent, headers={"Accept-Language": "en-gb"}).json()["currency"] == "GBP"
    french = api("GET", path, headers={"Accept-Language": "fr-fr"}).json()
    assert (french["price"], french["currency"]) == ("289.00", "EUR")


@pytest.mark.parametrize("body", ["{", "[1]", '"x"'])
def test_a_body_that_is_no_object_is_refused(api, listing, body):
    answer = api("POST", f"/ws/listings/{listing.id}", data=body)
    assert answer.status_code == 400 and isinstance(answer.json(), str)


def test_a_body_must_be_declared_as_json(api, listing):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = api("POST", f"/ws/listings/{listing.id}", data='{"quantity": 1}', headers=form)
    assert (answer.status_code, listing.quantity) == (400, 5)


def test_skus_are_unique_whatever_their_case(shop, listing):
    with pytest.raises(RefusedError, match="already"):
        shop.seed_backmarket([make_row("ip13-128-blu-a")])
    with pytest.raises(RefusedError, match="already"):
        shop.change("backmarket", listing.id, sku="ip13-128-BLU-b")
    shop.change("backmarket", listing.id, sku="ip13-128-blu-A")
    assert shop.account("backmarket").by_sku("IP13-128-BLU-A") is listing
