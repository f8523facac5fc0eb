"""The report of all listings: asked for, waited for, downloaded."""

import csv
import gzip
import io

import pytest
import requests

from tests.sandbox.amazon_api import MARKETPLACE, ODD_SKU, amazon_row, refused

KIND = "GET_MERCHANT_LISTINGS_ALL_DATA"
REPORTS = "/reports/2021-06-30/reports"


def create(amazon, **fields):
    return amazon("POST", REPORTS, json={"reportType": KIND, "marketplaceIds": [MARKETPLACE]} | fields)


def show(amazon, number):
    return amazon.get(f"{REPORTS}/{number}").json()


@pytest.fixture
def finished(amazon, amazon_shop):
    """Makes a report and answers its document's id."""

    def make():
        number = create(amazon).json()["reportId"]
        amazon_shop.clock.advance(60)
        return show(amazon, number)["reportDocumentId"]

    return make


def rows_of(content, encoding="cp1252"):
    lines = io.StringIO(content.decode(encoding), newline="")
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_a_report_is_made_while_the_seller_waits(amazon, amazon_shop):
    answer = create(amazon)
    number = answer.json()["reportId"]
    assert answer.status_code == 202 and show(amazon, number)["processingStatus"] == "IN_QUEUE"
    amazon_shop.clock.advance(30)
    assert show(amazon, number)["processingStatus"] == "IN_PROGRESS"
    amazon.push("IP13-A", 9)  # seen by the report: it is not finished yet
    amazon_shop.clock.advance(30)
    report = show(amazon, number)
    assert (report["processingStatus"], report["processingEndTime"]) == ("DONE", "2026-03-01T09:01:00Z")
    rows = {row["seller-sku"]: row for row in rows_of(amazon.read("reports", report["reportDocumentId"]))}
    assert (len(rows), rows["IP13-A"]["quantity"], rows["IP13-A"]["price"]) == (5, "9", "289.00")


def test_a_row_says_what_kind_of_listing_it_is(amazon, amazon_shop, finished):
    odd = [amazon_row("PARENT", is_parent=True), amazon_row("HALF", is_incomplete=True)]
    amazon_shop.seed("amazon", [*odd, amazon_row("STOPPED", is_blocked=True, condition="refurbished_refurbished")])
    rows = {row["seller-sku"]: row for row in rows_of(amazon.read("reports", finished()))}
    states = {sku: (row["status"], row["quantity"], row["fulfillment-channel"]) for sku, row in rows.items()}
    assert states["IP13-A"] == ("Active", "5", "DEFAULT")
    assert states["S21-A"] == ("Inactive", "0", "DEFAULT")
    assert states["FBA-1"] == ("Active", "", "AMAZON_NA")
    assert states["HALF"] == ("Incomplete", "", "DEFAULT")
    assert states["STOPPED"] == ("Inactive", "5", "DEFAULT") and rows["STOPPED"]["item-condition"] == "10"
    assert rows["PARENT"]["price"] == ""
    assert rows[ODD_SKU]["item-name"] == 'iPhone 13 6.1" 128GB - Blue'


def test_a_document_is_compressed_or_not(amazon, finished):
    for is_packed in (True, False):
        amazon.settings(report_gzip=is_packed)
        document = finished()
        made = amazon.get(f"/reports/2021-06-30/documents/{document}").json()
        assert ("compressionAlgorithm" in made) == is_packed
        assert made["url"].startswith(f"{amazon.base}/documents/")
        content = requests.get(made["url"], timeout=5)
        assert content.headers["Content-Type"] == "text/plain; charset=Cp1252"
        assert "Content-Encoding" not in content.headers
        assert (content.content[:2] == b"\x1f\x8b") == is_packed


def test_a_compressed_document_can_be_unpacked_on_the_way(amazon, finished):
    path = f"/reports/2021-06-30/documents/{finished()}"
    made = amazon.get(path, enableContentEncodingUrlHeader="true").json()
    answer = requests.get(made["url"], timeout=5)
    assert answer.headers["Content-Encoding"] == "gzip" and answer.content.startswith(b"item-name\t")
    assert refused(amazon.get(path, enableContentEncodingUrlHeader="perhaps"))


@pytest.mark.parametrize("encoding", ["Cp1252", "UTF-8"])
@pytest.mark.parametrize("is_named", [True, False])
def test_the_encoding_can_be_chosen_and_named(amazon, finished, encoding, is_named):
    amazon.settings(report_encoding=encoding, report_charset=is_named)
    made = amazon.get(f"/reports/2021-06-30/documents/{finished()}").json()
    answer = requests.get(made["url"], timeout=5)
    assert answer.headers["Content-Type"] == (f"text/plain; charset={encoding}" if is_named else "text/plain")
    assert ODD_SKU in {row["seller-sku"] for row in rows_of(gzip.decompress(answer.content), encoding)}


def test_what_the_encoding_lacks_becomes_a_question_mark(amazon, amazon_shop, finished):
    amazon_shop.seed("amazon", [amazon_row("LÓDŹ", title="Łódź ：")])
    row = rows_of(amazon.read("reports", finished()))[-1]
    assert (row["seller-sku"], row["item-name"]) == ("LÓD?", "?ód? ?")


def test_columns_differ_from_account_to_account(amazon, finished):
    usual = amazon.read("reports", finished()).decode("cp1252").splitlines()[0].split("\t")
    assert (usual[0], usual[-1], len(usual)) == ("item-name", "status", 29)
    amazon.settings(report_columns="business,nostatus,reversed")
    odd = amazon.read("reports", finished()).decode("cp1252").splitlines()[0].split("\t")
    assert "status" not in odd and "Business Price" in odd and odd[-1] == "item-name"


@pytest.mark.parametrize("outcome", ["CANCELLED", "FATAL", "NEVER"])
def test_a_report_can_come_to_nothing(amazon, amazon_shop, outcome):
    amazon.settings(report_outcome=outcome)
    number = create(amazon).json()["reportId"]
    amazon_shop.clock.advance(600)
    report = show(amazon, number)
    assert report["processingStatus"] == ("IN_PROGRESS" if outcome == "NEVER" else outcome)
    assert "reportDocumentId" not in report


def test_a_report_of_nothing_is_cancelled(amazon, amazon_shop):
    for listing in list(amazon_shop.account("amazon").listings):
        amazon_shop.remove("amazon", listing)
    number = create(amazon).json()["reportId"]
    amazon_shop.clock.advance(60)
    assert show(amazon, number)["processingStatus"] == "CANCELLED"


@pytest.mark.parametrize(
    "fields",
    [
        {"reportType": "GET_FLAT_FILE_OPEN_LISTINGS_DATA_X"},
        {"reportType": None},
        {"marketplaceIds": []},
        {"marketplaceIds": MARKETPLACE},
        {"marketplaceIds": [MARKETPLACE] * 26},
        {"marketplaceIds": ["A1F83G8C2ARO7P"]},
        {"reportOptions": {"custom": True}},
        {"dataEndTime": "2026-03-02T00:00:00Z"},
        {"dataStartTime": "March"},
    ],
)
def test_a_report_the_document_forbids_is_refused(amazon, fields):
    assert refused(create(amazon, **fields))


def test_an_unknown_report_or_document_is_404(amazon):
    assert refused(amazon.get(f"{REPORTS}/1"), 404, "NotFound")
    assert refused(amazon.get("/reports/2021-06-30/documents/amzn1"), 404, "NotFound")


def test_an_address_ends_after_five_minutes(amazon, amazon_shop, finished):
    document = finished()
    url = amazon.get(f"/reports/2021-06-30/documents/{document}").json()["url"]
    amazon_shop.clock.advance(299)
    assert requests.get(url, timeout=5).status_code == 200
    amazon_shop.clock.advance(1)
    answer = requests.get(url, timeout=5)
    assert answer.status_code == 403 and "<Code>AccessDenied</Code>" in answer.text
    again = amazon.get(f"/reports/2021-06-30/documents/{document}").json()["url"]
    assert requests.get(again, timeout=5).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"x-amz-access-token": "Atza|x"}, 403, "AccessDenied"),
        ({"Authorization": "Bearer x"}, 400, "InvalidArgument"),
    ],
)
def test_an_address_wants_no_other_login(amazon, finished, headers, status, code):
    url = amazon.get(f"/reports/2021-06-30/documents/{finished()}").json()["url"]
    answer = requests.get(url, headers=headers, timeout=5)
    assert answer.status_code == status and f"<Code>{code}</Code>" in answer.text
    assert answer.headers["Content-Type"].startswith("application/xml")


def test_an_address_is_for_one_method_and_cannot_be_made_up(amazon, finished):
    url = amazon.get(f"/reports/2021-06-30/documents/{finished()}").json()["url"]
    for answer in (requests.put(url, data=b"x", timeout=5), requests.get(url[:-1], timeout=5)):
        assert answer.status_code == 403 and "SignatureDoesNotMatch" in answer.text


def test_reports_are_listed(amazon, amazon_shop):
    numbers = [create(amazon).json()["reportId"] for _ in range(3)]
    first = amazon.get(REPORTS, reportTypes=KIND, pageSize=2).json()
    assert [report["reportId"] for report in first["reports"]] == numbers[:0:-1]
    second = amazon.get(REPORTS, nextToken=first["nextToken"]).json()
    assert [report["reportId"] for report in second["reports"]] == numbers[:1] and "nextToken" not in second
    assert amazon.get(REPORTS, reportTypes=KIND, processingStatuses="DONE").json() == {"reports": []}
    assert refused(amazon.get(REPORTS))
    assert refused(amazon.get(REPORTS, nextToken=first["nextToken"], pageSize=2))
