"""Files of many changes and their tasks."""

import pytest


def catalog(text, **fields):
    return {"catalog": text, "quotechar": '"', "delimiter": ",", "encoding": "utf-8"} | fields


def start(api, text, **fields):
    answer = api.post("/ws/listings", catalog(text, **fields))
    assert answer.status_code == 200, answer.text
    return answer.json()["bodymessage"]


def task(api, number):
    return api.get(f"/ws/tasks/{number}").json()


def test_a_file_is_applied_when_its_time_has_passed(api, shop, listing):
    number = start(api, "sku,quantity\nip13-128-blu-a,9\nNOBODY,1\nS21-A,x\n")
    assert (task(api, number)["action_status"], listing.quantity) == (0, 5)
    shop.clock.advance(200)
    assert (task(api, number)["action_status"], listing.quantity) == (2, 5)
    shop.clock.advance(100)
    done = task(api, number)
    assert (done["action_status"], done["last_action_error"], listing.quantity) == (9, None, 9)
    assert done["result"] == {
        "ip13-128-blu-a": "updated",
        "NOBODY": "error: unknown sku",
        "S21-A": "error: invalid row",
    }


def test_what_counts_is_what_the_call_declares(api, shop, listing):
    start(api, "sku;quantity;price\n'IP13-128-BLU-A';'4';'199.5'", delimiter=";", quotechar="'")
    shop.clock.advance(300)
    answer = api.get(f"/ws/listings/{listing.id}").json()
    assert (answer["quantity"], answer["price"]) == (4, "199.50")


def test_an_unknown_sku_with_a_product_makes_a_listing(api, shop):
    number = start(api, "sku,product_id,quantity,price\nNEW-1,4711,3,99\n")
    shop.clock.advance(300)
    assert task(api, number)["result"] == {"NEW-1": "created"}
    assert api.get("/ws/listings/detail", sku="new-1").json()["publication_state"] == 1


@pytest.mark.parametrize("name", ["catalog", "quotechar", "delimiter", "encoding"])
def test_every_parameter_is_needed(api, name):
    body = catalog("sku,quantity\nS21-A,1")
    del body[name]
    answer = api.post("/ws/listings", body)
    assert (answer.status_code, answer.json()) == (400, f"parameter {name} not found")


@pytest.mark.parametrize("fields", [{"encoding": "latin-99"}, {"catalog": "name,quantity\na,1"}])
def test_a_file_that_cannot_be_read_is_refused(api, fields):
    answer = api.post("/ws/listings", catalog("sku\nS21-A") | fields)
    assert answer.status_code == 400 and isinstance(answer.json(), str)


def test_at_most_15000_lines(api):
    rows = "\n".join(["sku,quantity", *["S21-A,1"] * 14_999])
    assert api.post("/ws/listings", catalog(rows)).status_code == 200
    assert api.post("/ws/listings", catalog(rows + "\nS21-A,1")).status_code == 400


def test_lines_of_a_file_count_as_updates(api, listing):
    api.control("limits", channel="backmarket", updates=2)
    start(api, "sku,quantity\nS21-A,1\nIP13-128-BLU-B,1")
    assert api.post(f"/ws/listings/{listing.id}", {"quantity": 1}).status_code == 429
    assert api.post("/ws/listings", catalog("sku,quantity\nS21-A,1")).status_code == 429


def test_an_unknown_task_is_404(api):
    assert api.get("/ws/tasks/7").status_code == 404


def test_how_long_a_file_takes_can_be_set(api, listing):
    api.control("settings", channel="backmarket", task_seconds=0)
    number = start(api, "sku,quantity\nIP13-128-BLU-A,1")
    assert (task(api, number)["action_status"], listing.quantity) == (9, 1)


def test_some_rows_can_fail(api, shop, listing):
    shop.faults.add("partial_bulk", number=1)
    number = start(api, "sku,quantity\nIP13-128-BLU-A,1\nS21-A,1")
    shop.clock.advance(300)
    done = task(api, number)
    assert (done["action_status"], done["result"]) == (9, {"IP13-128-BLU-A": "error: refused", "S21-A": "updated"})
    assert listing.quantity == 5


def test_a_file_can_stay_unanswered(api, shop, listing):
    shop.faults.add("bulk_never")
    number = start(api, "sku,quantity\nIP13-128-BLU-A,1")
    shop.clock.advance(86_400)
    assert (task(api, number)["action_status"], listing.quantity) == (2, 5)


def test_a_file_can_fail_as_a_whole(api, shop, listing):
    shop.faults.add("bulk_failed")
    number = start(api, "sku,quantity\nIP13-128-BLU-A,1")
    shop.clock.advance(300)
    failed = task(api, number)
    assert (failed["action_status"], listing.quantity) == (8, 5)
    assert failed["last_action_error"] == "Task has been interrupted."
