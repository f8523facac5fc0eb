"""The report of all listings: asked for, waited for, read."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.channels.amazon.adapter import (
    ITEMS,
    REPORT_FILES,
    REPORTS,
    answer_report,
    answer_token,
    connect,
    problem_of,
    sent,
)
from tests.channels.amazon.payloads import COLUMNS, FILE, errors, found, item, report, report_state, row
from wholecell.channels.amazon import report_rows
from wholecell.channels.amazon.listing_reading import NOTE
from wholecell.channels.contract import ListingState, WaitingError
from wholecell.channels.own_state import OwnState


def listings_of(pages):
    return [listing for page in pages for listing in page.listings]


def read(answers, text, *, online_only=False, **file):
    answer_report(answers, text, **file)
    return list(connect().listings(online_only=online_only))


def waiting(state, **ago):
    """A state in which a report was asked for so long ago."""
    asked = datetime.now(UTC) - timedelta(**ago)
    state.remember(NOTE, json.dumps({"id": "R1", "asked": asked.isoformat()}))
    return asked


def calls_to(answers, url, method="GET"):
    return [call for call in answers.calls if call.request.url.startswith(url) and call.request.method == method]


class TestWaiting:
    @pytest.mark.parametrize("status", ["IN_QUEUE", "IN_PROGRESS", "SOMETHING_NEW"])
    def test_it_is_asked_for_once_and_waited_for_without_a_sleep(self, answers, status):
        answer_token(answers)
        answers.post(REPORTS, json={"reportId": "R1"}, status=202)
        answers.get(f"{REPORTS}/R1", json=report_state(status))
        state = OwnState()
        for _ in range(2):
            problem = problem_of(lambda: list(connect(state).listings(online_only=False)), WaitingError)
            assert problem.retry_after == 30
        (ask,) = calls_to(answers, REPORTS, "POST")
        assert sent(ask) == {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "marketplaceIds": ["ATVPDKIKX0DER"]}

    def test_what_takes_long_is_asked_about_less_often(self, answers):
        answer_token(answers)
        answers.get(f"{REPORTS}/R1", json=report_state("IN_PROGRESS"))
        state = OwnState()
        waiting(state, minutes=6)
        assert problem_of(lambda: list(connect(state).listings(online_only=False)), WaitingError).retry_after == 60

    def test_ready_it_is_read_as_of_when_it_was_asked_for_and_forgotten(self, answers):
        answer_report(answers, report(row(1)))
        state = OwnState()
        asked = waiting(state, minutes=20)
        (page,) = connect(state).listings(online_only=False)
        assert (page.as_of, page.total, [each.sku for each in page.listings]) == (asked, 1, ["SKU-1"])
        assert not calls_to(answers, REPORTS, "POST")
        assert state.recall(NOTE) == ""

    @pytest.mark.parametrize("note", ["", "{", "[]", '{"id": "R0"}', '{"id": "R0", "asked": "long ago"}', "old"])
    def test_an_old_note_or_an_odd_one_is_of_no_use(self, answers, note):
        answer_report(answers, report(row(1)))
        state = OwnState()
        if note == "old":
            waiting(state, hours=5)
        else:
            state.remember(NOTE, note)
        assert len(listings_of(connect(state).listings(online_only=False))) == 1
        assert len(calls_to(answers, REPORTS, "POST")) == 1

    @pytest.mark.parametrize("status", [400, 404])
    def test_one_that_amazon_knows_no_more_is_asked_for_again_next_time(self, answers, status):
        answer_token(answers)
        answers.get(f"{REPORTS}/R1", json=errors("NotFound", "No such report"), status=status)
        state = OwnState()
        waiting(state, minutes=1)
        assert "No such report" in problem_of(lambda: list(connect(state).listings(online_only=False))).message
        assert state.recall(NOTE) == ""

    def test_a_file_that_cannot_be_had_is_tried_again_without_a_new_report(self, answers):
        answer_token(answers)
        answers.get(f"{REPORTS}/R1", json=report_state("DONE", reportDocumentId="D/1"))
        answers.get(f"{REPORT_FILES}/D%2F1", json={"reportDocumentId": "D/1", "url": FILE})
        answers.get(FILE, body="<Error><Code>AccessDenied</Code></Error>", status=403)
        state = OwnState()
        waiting(state, minutes=1)
        problem = problem_of(lambda: list(connect(state).listings(online_only=False)))
        assert problem.message == "Amazon's store of files refused us (HTTP 403)."
        assert state.recall(NOTE)
        (call,) = calls_to(answers, FILE)
        assert "x-amz-access-token" not in call.request.headers

    def test_fatal_says_so_and_the_next_run_asks_anew(self, answers):
        answer_token(answers)
        answers.get(f"{REPORTS}/R1", json=report_state("FATAL"))
        state = OwnState()
        waiting(state, minutes=1)
        assert "could not prepare" in problem_of(lambda: list(connect(state).listings(online_only=False))).message
        assert state.recall(NOTE) == ""

    def test_cancelled_without_listings_is_an_empty_shop(self, answers):
        answer_token(answers)
        answers.get(f"{REPORTS}/R1", json=report_state("CANCELLED"))
        answers.get(ITEMS, json=found())
        state = OwnState()
        asked = waiting(state, minutes=1)
        (page,) = connect(state).listings(online_only=False)
        assert (page.listings, page.as_of, state.recall(NOTE)) == ([], asked, "")

    def test_cancelled_with_listings_is_no_empty_shop(self, answers):
        answer_token(answers)
        answers.get(f"{REPORTS}/R1", json=report_state("CANCELLED"))
        answers.get(ITEMS, json=found(item(1), count=7))
        state = OwnState()
        waiting(state, minutes=1)
        assert (
            "although there are listings"
            in problem_of(lambda: list(connect(state).listings(online_only=False))).message
        )

    def test_a_report_asked_for_in_vain_may_be_asked_for_again(self, answers):
        answer_token(answers)
        answers.post(REPORTS, status=500)
        assert not problem_of(lambda: list(connect().listings(online_only=False))).maybe_applied


class TestRows:
    def test_columns_are_found_by_their_names(self, answers):
        (page,) = read(answers, report(row(1)))
        (listing,) = page.listings
        assert (listing.external_id, listing.sku, listing.title) == ("SKU-1", "SKU-1", 'iPhone 12 64GB 6.1" Black')
        assert (listing.price_cents, listing.currency, listing.quantity) == (22999, "USD", 5)
        assert (listing.state, listing.channel_state, listing.detail) == (ListingState.ACTIVE, "Active", "Refurbished")
        assert (listing.other_ids, listing.url) == ({"asin": "B000000001"}, "https://www.amazon.com/dp/B000000001")
        assert listing.pushable

    def test_other_columns_in_another_order(self, answers):
        text = "business-price\tstatus\tSeller-SKU\tquantity\n1\tInactive\t A \t0\n"
        ((listing,),) = [page.listings for page in read(answers, text)]
        assert (listing.sku, listing.quantity, listing.state) == (" A ", 0, ListingState.OUT_OF_STOCK)
        assert (listing.title, listing.price_cents, listing.currency, listing.detail) == ("", None, "", "")

    @pytest.mark.parametrize(
        ("status", "quantity", "state"),
        [
            ("Active", "5", ListingState.ACTIVE),
            ("active", "0", ListingState.ACTIVE),
            ("Inactive", "0", ListingState.OUT_OF_STOCK),
            ("Inactive", "5", ListingState.NEEDS_ATTENTION),
            ("Inactive", "", ListingState.NEEDS_ATTENTION),
            ("Incomplete", "5", ListingState.NEEDS_ATTENTION),
            ("Incomplete", "0", ListingState.OUT_OF_STOCK),
            ("Something new", "5", ListingState.NEEDS_ATTENTION),
            ("", "5", ListingState.ACTIVE),
            ("", "0", ListingState.OUT_OF_STOCK),
            ("", "", ListingState.ACTIVE),
        ],
    )
    def test_states(self, answers, status, quantity, state):
        (listing,) = listings_of(read(answers, report(row(1, status=status, quantity=quantity))))
        assert listing.state is state
        assert bool(listing.state_reason) == (state is ListingState.NEEDS_ATTENTION)

    @pytest.mark.parametrize("channel", ["AMAZON_NA", "AMAZON_EU", "SOMETHING_NEW"])
    def test_what_amazon_ships_is_not_ours_to_push(self, answers, channel):
        (listing,) = listings_of(read(answers, report(row(1, fulfillment_channel=channel, quantity="7"))))
        assert (listing.pushable, listing.quantity, listing.state) == (False, None, ListingState.ACTIVE)

    def test_only_what_is_on_sale_where_that_is_wanted(self, answers):
        rows = report(row(1), row(2, status="Inactive", quantity="0"), row(3, status="Incomplete"))
        assert [each.sku for each in listings_of(read(answers, rows, online_only=True))] == ["SKU-1"]

    @pytest.mark.parametrize("quantity", ["-1", "1.5", "many", "99999999999", "٣"])
    def test_an_odd_quantity_is_none(self, answers, quantity):
        (listing,) = listings_of(read(answers, report(row(1, quantity=quantity))))
        assert listing.quantity is None

    @pytest.mark.parametrize(("price", "cents"), [("9.5", 950), ("", None), ("9,50", None), ("x", None), ("1E9", None)])
    def test_prices_are_text(self, answers, price, cents):
        (listing,) = listings_of(read(answers, report(row(1, price=price))))
        assert listing.price_cents == cents

    def test_rows_that_nobody_could_find_again_are_told(self, answers):
        moved = row(3) + "\tone cell\ttoo many"
        short = "\t".join(row(4).split("\t")[:4])
        text = report(row(1), row(2, seller_sku=" "), moved, short, "only one cell", row(5, seller_sku="x" * 121))
        (page,) = read(answers, text)
        assert [each.sku for each in page.listings] == ["SKU-1", "SKU-4"]
        assert [each.partition(":")[0] for each in page.unreadable] == ["Row 2", "Row 3", "Row 5", "Row 6"]

    def test_trailing_blanks_and_other_line_ends_change_nothing(self, answers):
        text = "\r\n".join([COLUMNS, row(1) + "\t\t", "", row(2), ""])
        assert [each.sku for each in listings_of(read(answers, text))] == ["SKU-1", "SKU-2"]

    def test_quotation_marks_are_inches(self, answers):
        text = report(row(1, item_name='"6.1'), row(2, item_name='He said "no'))
        assert [each.title for each in listings_of(read(answers, text))] == ['"6.1', 'He said "no']

    @pytest.mark.parametrize("is_packed", [True, False])
    def test_it_may_be_packed_or_not_and_written_in_cp1252(self, answers, is_packed):
        text = report(row(1, item_name="Caf\xe9 6.1\u201d", seller_sku="CAF\xc9/1")).encode("cp1252")
        (listing,) = listings_of(read(answers, text, is_packed=is_packed))
        assert (listing.title, listing.sku) == ("Café 6.1”", "CAFÉ/1")

    def test_the_charset_of_the_download_goes_first(self, answers):
        text = report(row(1, item_name="新品")).encode("shift-jis")
        (listing,) = listings_of(read(answers, text, content_type="text/plain; charset=Shift_JIS"))
        assert listing.title == "新品"

    @pytest.mark.parametrize("text", ["sku\tquantity\nA\t1\n", "<html>No</html>", "{}"])
    def test_what_has_no_skus_is_no_report(self, answers, text):
        answer_report(answers, text)
        state = OwnState()
        problem = problem_of(lambda: list(connect(state).listings(online_only=False)))
        assert "no column seller-sku" in problem.message
        assert state.recall(NOTE) == ""

    @pytest.mark.parametrize("text", ["", COLUMNS, report()])
    def test_a_report_without_rows_is_an_empty_shop(self, answers, text):
        (page,) = read(answers, text)
        assert (page.listings, page.total) == ([], 0)

    def test_it_is_stored_page_by_page(self, answers, monkeypatch):
        monkeypatch.setattr(report_rows, "PAGE_ROWS", 2)
        pages = read(answers, report(*(row(number) for number in range(5))))
        assert [(page.page, len(page.listings), page.total) for page in pages] == [(1, 2, 5), (2, 2, 5), (3, 1, 5)]

    @pytest.mark.parametrize(("code", "name"), [("1", "Used, like new"), ("11", "New"), ("77", "77"), ("", "")])
    def test_conditions_have_names(self, answers, code, name):
        (listing,) = listings_of(read(answers, report(row(1, item_condition=code))))
        assert listing.detail == name
