"""Listings as Trading tells them, and how all of them are read."""

from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import fromstring

import pytest

from tests.channels.ebay.adapter import answer_token, answer_trading, connect, problem_of, sent, texts
from tests.channels.ebay.payloads import answer, fault, item, selling, trading_example, variation
from tests.oas import needs_spec
from wholecell.channels.contract import ListingState, RemoteListing
from wholecell.channels.ebay import listing_reading, listings
from wholecell.channels.ebay.listings import Target, external_id, target
from wholecell.channels.ebay.values import UnreadableError

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SPECIFICS = [("Color", "Blue"), ("Storage", "64 GB")]


def read(*items):
    root = fromstring(selling(*items))
    return [each for node in root.iter("{urn:ebay:apis:eBLBaseComponents}Item") for each in listings.listings(node)]


def varied(*variations, quantity=5, available=None, number=7):
    inside = f"<Variations>{''.join(variations)}</Variations>"
    inside += "" if available is None else f"<QuantityAvailable>{available}</QuantityAvailable>"
    return item(number, quantity, inside, sku="")


class TestNames:
    def test_a_variation_is_named_by_its_listing_and_sku_or_its_specifics_in_any_order(self):
        assert external_id("7", "A:1", SPECIFICS, is_variation=True) == "7:A:1"
        assert external_id("7", "A", SPECIFICS, is_variation=False) == "7"
        unnamed = external_id("7", "", SPECIFICS, is_variation=True)
        assert unnamed == external_id("7", "", [("STORAGE", "64 gb"), ("color", "blue")], is_variation=True)
        assert unnamed != external_id("7", "", [("Color", "Red")], is_variation=True)
        assert len(external_id("9" * 20, "S" * 99, [], is_variation=True)) <= 120
        assert [target("7:A:1"), target("7"), target(unnamed)] == [Target("7", "A:1"), Target("7"), Target("7")]


@needs_spec("ebay/trading")
class TestExamples:
    def test_listings_and_variations(self, answers):
        answer_token(answers)
        for page in ("1", "2"):
            body = trading_example(f"get_my_ebay_selling_response_page_{page}")
            answer_trading(answers, "GetMyeBaySelling", body, PageNumber=page)
        first, second = connect().listings(online_only=False)
        black, midnight, starlight = first.listings
        assert black == RemoteListing(
            external_id="176500000001",
            sku="IP12-64-BLK-A",
            title="Apple iPhone 12 64GB Black Unlocked - Excellent",
            state=ListingState.ACTIVE,
            quantity=7,
            price_cents=23999,
            currency="USD",
            channel_state="Active",
            url="https://www.ebay.com/itm/176500000001",
        )
        assert midnight == RemoteListing(
            external_id="176500000002:IP13-128-MID",
            sku="IP13-128-MID",
            title="Apple iPhone 13 128GB Unlocked [Midnight, 128 GB]",
            state=ListingState.ACTIVE,
            quantity=3,
            price_cents=38900,
            currency="USD",
            channel_state="Active",
            other_ids={"item": "176500000002"},
            url="https://www.ebay.com/itm/176500000002",
            group_id="176500000002",
            group_title="Apple iPhone 13 128GB Unlocked",
        )
        assert (starlight.quantity, starlight.state) == (0, ListingState.OUT_OF_STOCK)
        assert [each.title for each in second.listings] == ["Samsung Galaxy S21 5G 128GB Gray Unlocked & Charger"]
        assert (first.total, second.total) == (None, None), "eBay counts listings, not their variations"

    def test_the_request_says_what_the_example_says(self, answers):
        answer_token(answers)
        answer_trading(answers, "GetMyeBaySelling", selling())
        assert list(connect().listings(online_only=True))[0].listings == []
        (message,) = sent(answers, "GetMyeBaySelling")
        wanted = [each for each in texts(trading_example("get_my_ebay_selling_request")) if each[1].strip()]
        assert set(wanted) <= set(message)


class TestRows:
    def test_an_auction_is_shown_and_left_alone(self):
        (found,) = read(item(1, kind="Chinese"))
        assert (found.pushable, found.detail, found.state) == (False, "Auction", ListingState.ACTIVE)
        assert "It is an auction" in found.state_reason
        (other,) = read(item(1, kind="LeadGeneration"))
        assert (other.pushable, other.detail) == (False, "") and "not a fixed-price listing" in other.state_reason
        assert [each.pushable for each in read(item(1, kind="StoresFixedPrice"), item(2, kind=""))] == [True, True]

    def test_what_is_left_is_what_was_offered_less_what_was_sold(self):
        first, second = read(item(1, 4), varied(variation("A", 6)))
        assert (first.quantity, second.quantity) == (4, 6)

    def test_a_variation_without_a_sku_waits_for_one(self):
        (found,) = read(varied(variation("", Color="Blue")))
        assert found.state is ListingState.NEEDS_ATTENTION and "custom label" in found.state_reason
        assert found.sku == "" and found.title == "Phone 7 [Blue]"

    def test_odd_rows_are_told_and_do_not_hide_others(self, answers):
        answer_token(answers)
        twice = varied(variation("A"), variation("A"))
        bad = item("not-a-number"), item(2, sku="S" * 200), twice
        answer_trading(answers, "GetMyeBaySelling", selling(item(1), *bad))
        (page,) = connect().listings(online_only=False)
        assert [each.external_id for each in page.listings] == ["1"]
        assert len(page.unreadable) == 3 and "two variations" in page.unreadable[2]

    @pytest.mark.parametrize(
        ("link", "shown"),
        [
            ("https://www.ebay.de/itm/1", "https://www.ebay.de/itm/1"),
            ("javascript:alert(1)", "https://www.ebay.com/itm/1"),
            ("https://evil.example/ebay.com/", "https://www.ebay.com/itm/1"),
        ],
    )
    def test_links_lead_to_ebay(self, link, shown):
        (found,) = read(item(1, inside=f"<ListingDetails><ViewItemURL>{link}</ViewItemURL></ListingDetails>"))
        assert found.url == shown

    @pytest.mark.parametrize("quantity", ["", "-1", "many", "9" * 12])
    def test_a_quantity_that_is_none_is_not_known(self, quantity):
        text = item(1).replace("<Quantity>7</Quantity>", f"<Quantity>{quantity}</Quantity>")
        assert read(text)[0].quantity is None
        assert read(text.replace("99.90", "no price"))[0].price_cents is None

    def test_no_id_at_all(self):
        with pytest.raises(UnreadableError):
            read("<Item><Title>x</Title></Item>")


class TestReading:
    def test_above_25_000_the_sellers_list_is_read_instead(self, answers):
        answer_token(answers)
        answer_trading(answers, "GetMyeBaySelling", selling(item(1), pages=125, entries=25_000))
        for number, more in (("1", "true"), ("2", "false")):
            rows = item(number, status="Active") + item(f"9{number}", status="Completed")
            counts = "<PaginationResult><TotalNumberOfEntries>26000</TotalNumberOfEntries></PaginationResult>"
            body = answer("GetSellerList", f"<ItemArray>{rows}</ItemArray><HasMoreItems>{more}</HasMoreItems>{counts}")
            answer_trading(answers, "GetSellerList", body, PageNumber=number)
        pages = list(connect().listings(online_only=False))
        assert [each.external_id for page in pages for each in page.listings] == ["1", "2"]
        assert [page.total for page in pages] == [26_000, 26_000]
        message, second = (dict(each) for each in sent(answers, "GetSellerList"))
        start, end = (datetime.fromisoformat(message[name]) for name in ("EndTimeFrom", "EndTimeTo"))
        assert end - start == timedelta(days=119)
        assert second["EndTimeFrom"] == message["EndTimeFrom"], "the same window on every page"
        assert message["IncludeVariations"] == "true"

    def test_a_list_that_became_shorter_ends(self, answers):
        answer_token(answers)
        answer_trading(answers, "GetMyeBaySelling", selling(item(1), pages=2), PageNumber="1")
        answer_trading(answers, "GetMyeBaySelling", answer("X", fault("340"), "Failure"), PageNumber="2")
        pages = list(connect().listings(online_only=False))
        assert [len(page.listings) for page in pages] == [1, 0]

    def test_a_page_that_fails_ends_the_reading_with_an_error(self, answers):
        answer_token(answers)
        answer_trading(answers, "GetMyeBaySelling", answer("X", fault("37", "Input is invalid."), "Failure"))
        assert "Input is invalid" in problem_of(lambda: list(connect().listings(online_only=False))).message

    @pytest.mark.parametrize(("available", "asked", "left"), [(8, 0, 8), (5, 1, 5), (None, 0, 8)])
    def test_variations_that_contradict_their_listing_are_read_in_full(self, answers, available, asked, left):
        answer_token(answers)
        answer_trading(answers, "GetMyeBaySelling", selling(varied(variation("A", 8), available=available)))
        sold = variation("A", 8).replace(
            "</Variation>", "<SellingStatus><QuantitySold>3</QuantitySold></SellingStatus></Variation>"
        )
        answer_trading(answers, "GetItem", answer("GetItem", varied(sold)))
        (page,) = connect().listings(online_only=False)
        assert page.listings[0].quantity == left
        assert len(sent(answers, "GetItem")) == asked


class TestReadings:
    def test_variations_are_read_together_and_what_is_not_there_has_ended(self, answers):
        answer_token(answers)
        answer_trading(answers, "GetItem", answer("GetItem", varied(variation("A", 6), variation("B", 0))), ItemID="7")
        ended = answer("GetItem", item(8, 2, status="Completed"))
        answer_trading(answers, "GetItem", ended, ItemID="8")
        odd = answer("GetItem", fault("37", "Input data is invalid"), "Failure")
        answer_trading(answers, "GetItem", odd, ItemID="9")
        found = {each.external_id: each for each in connect().quantities(["7:A", "8", "7:B", "7:GONE", "9", "7"])}
        assert {key: (each.quantity, each.state.name) for key, each in found.items()} == {
            "7:A": (6, "ACTIVE"),
            "7:B": (0, "OUT_OF_STOCK"),
            "7:GONE": (None, "ENDED"),
            "7": (None, "ENDED"),
            "8": (None, "ENDED"),
            "9": (None, "NEEDS_ATTENTION"),
        }
        assert "Completed" in found["8"].state_reason and "Input data is invalid" in found["9"].state_reason
        assert len(sent(answers, "GetItem")) == 3

    def test_many_are_read_by_the_page(self, answers):
        answer_token(answers)
        most = listing_reading.FEW + 4
        rows = [item(number, number) for number in range(1, most)]
        answer_trading(answers, "GetMyeBaySelling", selling(*rows[:6], pages=2), PageNumber="1")
        answer_trading(answers, "GetMyeBaySelling", selling(*rows[6:], pages=2), PageNumber="2")
        answer_trading(answers, "GetItem", answer("GetItem", fault("17"), "Failure"), ItemID="99")
        ids = [str(number) for number in range(1, most)]
        found = {each.external_id: each.quantity for each in connect().quantities([*ids, "99"])}
        assert found == {**{key: int(key) for key in ids}, "99": None}
        assert len(sent(answers, "GetItem")) == 1

    def test_pages_are_not_read_on_for_a_few_that_are_left(self, answers):
        answer_token(answers)
        rows = [item(number) for number in range(1, 12)]
        answer_trading(answers, "GetMyeBaySelling", selling(*rows, pages=90))
        answer_trading(answers, "GetItem", answer("GetItem", fault("17"), "Failure"), ItemID="99")
        assert len(list(connect().quantities([*(str(number) for number in range(1, 12)), "99"]))) == 12
        assert len(sent(answers, "GetMyeBaySelling")) == 1
