import io

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.web.pages import check_page, check_partial, get_page
from wholecell.db import db
from wholecell.models import InventoryItem, Upload
from wholecell.services import sheets

SHEET = "IMEI,SKU,State,Site,Bin,Notes\n{good},SKU-1,Available,Main warehouse,,x\n3.54E+14,SKU-1,Available,,,\n"


@pytest.fixture
def manager(client_as):
    make.make_variation(sku="SKU-1", product=make.make_product("iPhone <13>"))
    return client_as("manager", name="Maya")


def send(client, text, kind="phones", name="lot.csv", headers=None, **fields):
    data = {"kind": kind, "file": (io.BytesIO(text if isinstance(text, bytes) else text.encode()), name), **fields}
    return client.post("/uploads/new", data=data, content_type="multipart/form-data", headers=headers or {})


def good_sheet():
    return SHEET.format(good=make.imei(1))


def read(client):
    return send(client, good_sheet()).location


@pytest.mark.parametrize("kind", ["phones", "variations"])
def test_empty_list_and_form_of_each_kind(manager, kind):
    get_page(manager, "/uploads/")
    page = get_page(manager, f"/uploads/new?kind={kind}")
    assert page.form("/uploads/new")["enctype"] == "multipart/form-data"
    assert manager.get("/uploads/new?kind=other").status_code == 404


def test_file_leads_to_its_dry_run_and_back_to_the_list(manager):
    answer = send(manager, good_sheet())
    assert answer.status_code == 303
    page = get_page(manager, answer.location)
    for words in ("Dry run, nothing changed yet", "3.54E+14", "lost its last digits", "Apply 1 row", "not used"):
        assert words in page.text
    assert "iPhone <13>" not in page.text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(InventoryItem)) == 0
    assert "lot.csv" in get_page(manager, "/uploads/").text


def test_apply_then_undo_then_nothing_more(manager):
    url = read(manager)
    assert manager.post(f"{url}/apply").location == url
    page = get_page(manager, url)
    assert "Applied" in page.text and f"{url}/undo" in page.text
    assert ">See the inventory</a>" in page.text
    assert db.session.scalar(sa.select(InventoryItem.esn)) == make.imei(1)
    manager.post(f"{url}/apply")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(InventoryItem)) == 1
    manager.post(f"{url}/undo")
    assert "Everything is as it was before" in get_page(manager, url).text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(InventoryItem)) == 0
    manager.post(f"{url}/throw-away")
    assert "already undone" in get_page(manager, url).text


def test_htmx_is_sent_on_by_header_and_gets_errors_as_the_form(manager):
    htmx = {"HX-Request": "true"}
    answer = send(manager, good_sheet(), headers=htmx)
    assert (answer.status_code, answer.headers["HX-Redirect"].startswith("/uploads/")) == (204, True)
    bad = send(manager, "a^b\n1^2\n", headers=htmx)
    assert bad.status_code == 422
    check_partial(manager, bad, "new-upload")
    assert "cannot be told apart" in bad.text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty"),
        (b"\x00\x01\x02\x03", "neither a CSV"),
        (b"ESN,SKU\n" + b"1,2\n" * 120_000, "120,000 rows"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 99, "without a password"),
    ],
)
def test_files_that_cannot_be_read_say_why(manager, data, words):
    answer = send(manager, data, **{"default-cost": "12<3"})
    assert answer.status_code == 422
    check_page(manager, answer)
    assert words in answer.text
    assert "12&lt;3" in answer.text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Upload)) == 0


def test_form_without_a_file_asks_for_one(manager):
    answer = manager.post("/uploads/new", data={"kind": "phones"})
    assert (answer.status_code, "Choose a CSV or XLSX file" in answer.text) == (422, True)


def test_columns_are_asked_for_and_can_be_changed(manager):
    url = send(manager, f"Gadget,What\n{make.imei(1)},SKU-1\n").location
    assert manager.get(url).location == f"{url}/columns"
    page = get_page(manager, f"{url}/columns")
    assert "Choose the column that holds the IMEI" in page.text
    assert make.imei(1) in page.text
    wrong = manager.post(f"{url}/columns", data={"column-esn": "0", "column-sku": "0"})
    assert (wrong.status_code, "chosen for both ESN and SKU" in wrong.text) == (422, True)
    none = manager.post(f"{url}/columns", data={"column-sku": "1"})
    assert none.status_code == 422
    fields = {"column-esn": "0", "column-sku": "1", "default-status": "Repair", "default-warehouse": "Main warehouse"}
    assert manager.post(f"{url}/columns", data=fields).location == url
    assert "Repair" in get_page(manager, url).text
    assert "selected>Repair" in get_page(manager, f"{url}/columns").text


def test_dry_run_again_and_throw_away(manager):
    url = read(manager)
    manager.post(f"{url}/apply")
    second = read(manager)
    assert "Nothing here would change anything" in get_page(manager, second).text
    assert manager.post(f"{second}/dry-run").location == second
    assert manager.post(f"{second}/throw-away").location == "/uploads/"
    assert manager.get(second).status_code == 404
    assert manager.post(f"{second}/apply").location == "/uploads/"
    manager.post(f"{url}/dry-run")
    assert "already applied" in get_page(manager, url).text


def test_tabs_and_pages_of_rows(manager):
    rows = "".join(f"{make.imei(n)},SKU-1,Available,Main warehouse,,\n" for n in range(2, 140))
    url = send(manager, good_sheet() + rows).location
    page = get_page(manager, f"{url}?outcome=refused")
    assert "3.54E+14" in page.text and make.imei(5) not in page.text
    (following,) = [link for link in get_page(manager, url).links() if "after=" in link]
    assert make.imei(139) in get_page(manager, following).text
    part = manager.get(url, headers={"HX-Request": "true"})
    check_partial(manager, part, "upload-rows")
    get_page(manager, f"{url}?outcome=nonsense&after=new-x")


def test_rows_left_alone_come_as_a_sheet_with_reasons(manager):
    answer = manager.get(f"{read(manager)}/left-alone.csv")
    sheet = sheets.read(answer.data)
    assert sheet.header[-1] == "Reason"
    assert sheet.rows[0].cells[0] == "3.54E+14"
    assert "lost its last digits" in sheet.rows[0].cells[-1]
    assert "lot-left-alone.csv" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("kind", ["phones", "variations"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_downloads_can_be_uploaded_again(manager, kind, form):
    make.make_item(make.make_variation(sku="=1+1"))
    whole = manager.get(f"/uploads/{kind}/all.{form}").data
    url = send(manager, whole, kind=kind, name=f"all.{form}").location
    upload = db.session.get(Upload, int(url.rpartition("/")[2]))
    assert (upload.state, set(upload.counts)) == ("tried", {"same"})
    template = manager.get(f"/uploads/{kind}/template.{form}").data
    assert "no rows below" in send(manager, template, kind=kind).text


def test_download_is_a_workbook_where_no_form_is_named(manager):
    answer = manager.get("/uploads/variations/all")
    assert "variations.xlsx" in answer.headers["Content-Disposition"]
    assert sheets.read(answer.data).rows[0].cells[9] == "SKU-1"


@pytest.mark.parametrize("role", ["viewer", "picker"])
def test_uploads_are_for_managers(client_as, role):
    assert client_as(role).get("/uploads/").status_code == 403
