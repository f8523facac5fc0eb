"""Trading: reading all listings, and writing quantities."""

import pytest

from tests.sandbox.ebay_api import (
    AUCTION,
    EMPTY,
    ENDED,
    GREEN,
    MANAGED,
    OWN,
    RED,
    SINGLE,
    VARIED,
    A,
    B,
    codes,
    echoes,
)


def rows_of(root):
    return {row.findtext("ItemID"): row for row in root.findall("ActiveList/ItemArray/Item")}


def left(api, sku):
    return api.account.by_sku(sku).quantity


def test_all_active_listings_are_read_whatever_made_them(ebay):
    root = ebay.selling()
    rows = rows_of(root)
    assert list(rows) == [MANAGED, VARIED, AUCTION, EMPTY, SINGLE]  # the newest first, at zero stock too, none ended
    single = rows[SINGLE]
    assert [single.findtext(name) for name in ("Quantity", "QuantityAvailable", "SKU", "ListingType")] == [
        "17",
        "5",
        A,
        "FixedPriceItem",
    ]
    price = single.find("SellingStatus/CurrentPrice")
    assert (price.text, price.get("currencyID"), single.findtext("SellingStatus/QuantitySold")) == (
        "289.00",
        "USD",
        "12",
    )
    assert single.findtext("ListingDetails/ViewItemURL").endswith(SINGLE) and single.find("Variations") is None
    assert rows[AUCTION].findtext("ListingType") == "Chinese" and rows[AUCTION].find("SKU") is None


def test_a_variation_counts_what_it_sold_and_tells_its_specifics(ebay):
    varied = rows_of(ebay.selling())[VARIED]
    assert varied.find("SKU") is None and varied.findtext("QuantityAvailable") == "7"
    green, red = varied.findall("Variations/Variation")
    assert [green.findtext(name) for name in ("SKU", "Quantity", "SellingStatus/QuantitySold")] == [GREEN, "5", "2"]
    pair = green.find("VariationSpecifics/NameValueList")
    assert (pair.findtext("Name"), pair.findtext("Value")) == ("Color", "Green")
    assert red.findtext("StartPrice") == "279.00"
    ebay.set(variation_sold=0)
    assert rows_of(ebay.selling())[VARIED].find("Variations/Variation/SellingStatus/QuantitySold") is None
    hidden = ebay.selling(more="<HideVariations>true</HideVariations>")
    assert rows_of(hidden)[VARIED].find("Variations") is None


def test_pages_and_their_end(ebay):
    pages = [ebay.selling(number, size=2) for number in (1, 2, 3)]
    assert [len(rows_of(page)) for page in pages] == [2, 2, 1]
    totals = pages[0].find("ActiveList/PaginationResult")
    assert [totals.findtext(f"TotalNumberOf{name}") for name in ("Pages", "Entries")] == ["3", "5"]
    assert codes(ebay.selling(4, size=2)) == ["340"] and codes(ebay.selling(1, size=201)) == ["37"]
    ebay.set(most_active=4)  # eBay's 25,000, of which 125 pages of 200 can be read
    assert ebay.selling(1, size=2).findtext("ActiveList/PaginationResult/TotalNumberOfPages") == "2"


def test_a_seller_without_active_listings_has_no_list(ebay):
    for item in ebay.account.items.values():
        item.end("Ended", ebay.shop.clock())
    root = ebay.selling()
    assert root.findtext("Ack") == "Success" and root.find("ActiveList") is None


def test_pages_may_shift_and_repeat(ebay):
    ebay.shop.faults.add("shifting_page", path="GetMyeBaySelling$")
    seen = [list(rows_of(ebay.selling(number, size=2))) for number in (1, 2, 3)]
    assert seen == [[MANAGED, VARIED], [VARIED, AUCTION], [EMPTY, SINGLE]]
    ebay.shop.faults.add("repeated_page", path="GetMyeBaySelling$")
    assert list(rows_of(ebay.selling(2, size=2))) == [MANAGED, VARIED]


def test_the_listings_of_a_span_of_time_ended_ones_too(ebay):
    def listed(
        first, last, more="<GranularityLevel>Fine</GranularityLevel><IncludeVariations>true</IncludeVariations>"
    ):
        span = f"<EndTimeFrom>{first}</EndTimeFrom><EndTimeTo>{last}</EndTimeTo>"
        paging = "<Pagination><EntriesPerPage>200</EntriesPerPage><PageNumber>1</PageNumber></Pagination>"
        return ebay.trade("GetSellerList", span + paging + more)

    root = listed("2026-03-01T09:00:00.000Z", "2026-06-28T09:00:00.000Z")
    states = {row.findtext("ItemID"): row.findtext("SellingStatus/ListingStatus") for row in root.iter("Item")}
    assert states == dict.fromkeys([SINGLE, EMPTY, AUCTION, VARIED, MANAGED], "Active") | {ENDED: "Ended"}
    assert root.findtext("HasMoreItems") == "false" and len(list(root.iter("Variation"))) == 2
    assert not list(listed("2026-03-01T09:00:00.000Z", "2026-06-28T09:00:00.000Z", more="").iter("Variation"))
    assert codes(listed("2026-03-01T09:00:00.000Z", "2026-07-01T09:00:00.000Z")) == ["37"]
    assert codes(ebay.trade("GetSellerList", "<Pagination/>")) == ["37"]


def test_one_listing_in_full(ebay):
    assert ebay.item(ENDED).findtext("Item/SellingStatus/ListingStatus") == "Ended"
    assert ebay.item(VARIED).findtext("Item/OutOfStockControl") == "true"
    assert codes(ebay.item("1")) == ["17"]


def test_quantities_are_what_may_still_be_sold(ebay):
    root = ebay.revise((SINGLE, None, 3), (VARIED, GREEN, 2), (VARIED, RED, 0))
    assert root.findtext("Ack") == "Success"
    assert echoes(root) == {(SINGLE, ""): 3, (VARIED, GREEN): 2, (VARIED, RED): 0}
    assert rows_of(ebay.selling())[SINGLE].findtext("Quantity") == "15"  # with the 12 sold
    assert (left(ebay, A), left(ebay, GREEN), left(ebay, RED)) == (3, 2, 0)
    ebay.set(echo="total")
    assert echoes(ebay.revise((SINGLE, None, 4))) == {(SINGLE, ""): 16}


def test_a_sale_lowers_what_is_available_and_not_what_was_offered(ebay):
    ebay.control("sell", channel="ebay", sku=A, quantity=2)
    row = rows_of(ebay.selling())[SINGLE]
    assert [row.findtext(name) for name in ("QuantityAvailable", "Quantity", "SellingStatus/QuantitySold")] == [
        "3",
        "17",
        "14",
    ]


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (("1", None, 2), "17"),
        ((ENDED, None, 2), "21916750"),
        ((AUCTION, None, 2), "21916286"),
        ((MANAGED, None, 2), "21919474"),
        ((MANAGED, OWN, 2), "21919474"),
        ((VARIED, None, 2), "21916735"),
        ((VARIED, "GONE", 2), "21916799"),
        ((SINGLE, "GONE", 2), "21916799"),
        ((SINGLE, None, -1), "515"),
        ((SINGLE, None, "two"), "515"),
        ((SINGLE, None, "9" * 5_000), "515"),
        ((SINGLE, None, None), "37"),
    ],
)
def test_what_is_wrong_with_an_entry(ebay, entry, code):
    root = ebay.revise(entry, (EMPTY, None, 4))
    assert (root.findtext("Ack"), codes(root)) == ("PartialFailure", [code])
    assert echoes(root) == {(EMPTY, ""): 4} and left(ebay, B) == 4
    assert root.findtext("Errors/ErrorParameters/Value") == entry[0]
    ebay.set(partial=0)
    root = ebay.revise(entry, (EMPTY, None, 1))
    assert (root.findtext("Ack"), echoes(root), left(ebay, B)) == ("Failure", {}, 4)


def test_four_entries_each_once(ebay):
    five = [(SINGLE, None, 1), (EMPTY, None, 1), (VARIED, GREEN, 1), (VARIED, RED, 1), (MANAGED, None, 1)]
    assert codes(ebay.revise(*five)) == ["21916254"] and left(ebay, A) == 5
    assert codes(ebay.revise((SINGLE, None, 1), (SINGLE, None, 2))) == ["37"] and left(ebay, A) == 5
    assert codes(ebay.revise()) == ["37"]


def test_the_same_number_again_is_a_warning(ebay):
    root = ebay.revise((SINGLE, None, 5), (EMPTY, None, 1))
    assert (root.findtext("Ack"), codes(root), len(echoes(root))) == ("Warning", ["21917092"], 2)


def test_without_out_of_stock_control_nothing_stays_at_zero(ebay):
    assert asked(ebay) == "true"
    ebay.set(out_of_stock_control=0)
    assert asked(ebay) == "false"
    root = ebay.revise((SINGLE, None, 0), (VARIED, GREEN, 0), (VARIED, RED, 0))
    assert (root.findtext("Ack"), codes(root)) == ("PartialFailure", ["515"]) and left(ebay, A) == 5
    # The variation that sold stays, the other is gone, and so is a listing whose last unit is sold.
    assert left(ebay, GREEN) == 0 and codes(ebay.revise((VARIED, RED, 1))) == ["21916750"]
    ebay.control("sell", channel="ebay", sku=A, quantity=5)
    assert ebay.item(SINGLE).findtext("Item/SellingStatus/ListingStatus") == "Completed"


def test_a_deleted_variation_is_a_sku_that_does_not_match(ebay):
    ebay.set(out_of_stock_control=0)
    assert ebay.revise((VARIED, RED, 0)).findtext("Ack") == "Success"
    assert codes(ebay.revise((VARIED, RED, 1))) == ["21916799"]


def asked(api):
    shown = "<ShowOutOfStockControlPreference>true</ShowOutOfStockControlPreference>"
    return api.trade("GetUserPreferences", shown).findtext("OutOfStockControlPreference")


def test_a_whole_listing_at_once_or_not_at_all(ebay):
    def revise(*units, item=VARIED):
        rows = "".join(f"<Variation><SKU>{sku}</SKU><Quantity>{n}</Quantity></Variation>" for sku, n in units)
        body = f"<Variations>{rows}</Variations>" if rows else "<Quantity>2</Quantity>"
        return ebay.trade("ReviseFixedPriceItem", f"<Item><ItemID>{item}</ItemID>{body}</Item>")

    assert codes(revise((GREEN, 1), ("GONE", 1))) == ["21916799"] and left(ebay, GREEN) == 3
    assert revise((GREEN, 1), (RED, 0)).findtext("ItemID") == VARIED
    assert (left(ebay, GREEN), left(ebay, RED)) == (1, 0)
    assert revise(item=SINGLE).findtext("Ack") == "Success" and left(ebay, A) == 2
    assert codes(revise((GREEN, 1), item=SINGLE)) == ["21916635"]


def test_a_listing_is_revised_so_often_a_day(ebay):
    item = ebay.account.items[SINGLE]
    ebay.revise((SINGLE, None, 1))
    item.revised = 250
    assert codes(ebay.revise((SINGLE, None, 2))) == ["21919165"] and left(ebay, A) == 1
    ebay.shop.clock.advance(86_400)
    ebay.use()
    assert echoes(ebay.revise((SINGLE, None, 2))) == {(SINGLE, ""): 2}


def test_errors_and_faults_on_demand(ebay):
    ebay.set(entry_errors={SINGLE: "21919188", GREEN: "10007"})
    root = ebay.revise((SINGLE, None, 1), (VARIED, GREEN, 1))
    assert (root.findtext("Ack"), codes(root)) == ("Failure", ["21919188", "10007"])
    ebay.set(entry_errors={}, call_errors={"ReviseInventoryStatus": "841"})
    assert codes(ebay.revise((SINGLE, None, 1))) == ["841"]
    ebay.set(call_errors={})
    ebay.shop.faults.add("partial_bulk", path="ReviseInventoryStatus$", number=1)
    assert codes(ebay.revise((SINGLE, None, 1), (EMPTY, None, 1))) == ["10007"] and left(ebay, A) == 5
    ebay.shop.faults.add("shown_late", sku=A, seconds=60)
    ebay.revise((SINGLE, None, 2))
    assert rows_of(ebay.selling())[SINGLE].findtext("QuantityAvailable") == "5" and left(ebay, A) == 2
    ebay.shop.faults.add("forgotten", sku=A)
    assert echoes(ebay.revise((SINGLE, None, 1))) == {(SINGLE, ""): 1} and left(ebay, A) == 2
    ebay.shop.faults.add("deactivated", sku=A)
    ebay.revise((SINGLE, None, 0))
    assert codes(ebay.revise((SINGLE, None, 1))) == ["21916750"]


def test_the_carriers(ebay):
    root = ebay.trade("GeteBayDetails", "<DetailName>ShippingCarrierDetails</DetailName>")
    found = [row.findtext("ShippingCarrier") for row in root.findall("ShippingCarrierDetails")]
    assert {"USPS", "UPS", "FedEx", "Other"} < set(found)


def test_somebody_changes_listings_on_ebay_itself(ebay):
    def change(sku, **fields):
        return ebay.control("set", channel="ebay", sku=sku, **fields)

    assert change(A, set={"quantity": 9, "title": "Renamed", "price": "1.00"}).status_code == 200
    row = rows_of(ebay.selling())[SINGLE]
    assert [row.findtext(name) for name in ("QuantityAvailable", "Title", "BuyItNowPrice")] == ["9", "Renamed", "1.00"]
    assert change(A, set={"sku": "NEW"}).json()["sku"] == "NEW" and change(A, set={"quantity": 1}).status_code == 409
    change("NEW", set={"state": "Ended"})
    assert SINGLE not in rows_of(ebay.selling()) and ebay.item(SINGLE).findtext("Item/ListingDetails/EndTime")
    assert change("NEW", set={"state": "Asleep"}).status_code == 409
    change("NEW", set={"state": "Active"})
    assert codes(ebay.revise((SINGLE, "NEW", 3))) == []
    change(GREEN, remove=True)
    assert [row.findtext("SKU") for row in ebay.item(VARIED).iter("Variation")] == [RED]
    change(RED, remove=True)
    assert codes(ebay.item(VARIED)) == ["17"]
