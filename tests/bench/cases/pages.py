"""List pages over HTTP, signed in, beside a tiny app that shows the same rows by SQL."""

import logging
import re
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import requests
from waitress import wasyncore
from waitress.server import create_server

from tests.bench.measure import alternate, ratio
from tests.bench.raw_pages import raw_pages
from wholecell.db import db
from wholecell.services import accounts, login_links
from wholecell.services.events import SYSTEM

GOAL = 3


@dataclass(frozen=True)
class Case:
    """One address of ours and what it asks for as the WHERE of the hand-written statement."""

    name: str
    area: str
    query: dict
    raw_where: str


def cases(raw):
    statuses, grades, homes = raw.ids("inventory_status"), raw.ids("grade"), raw.ids("warehouse")
    ((esn,),) = raw.rows("SELECT esn FROM inventory_item WHERE id = 7")
    repair, b_plus, north = statuses["Repair"], grades["B+"], homes["North"]
    free = "NOT EXISTS (SELECT 1 FROM commitment x WHERE x.item_id = i.id AND x.released_at IS NULL)"
    return [
        Case("Inventory, first page", "inventory", {}, "1 = 1"),
        Case(
            "Inventory, status and warehouse",
            "inventory",
            {"tab": repair, "warehouse": north},
            f"i.status_id = {repair} AND i.warehouse_id = {north} AND {free}",
        ),
        Case(
            "Inventory, model and grade",
            "inventory",
            {"model": "iPhone 3", "grade": b_plus},
            f"p.model = 'iPhone 3' AND v.grade_id = {b_plus}",
        ),
        Case("Inventory, an IMEI", "inventory", {"q": esn}, f"i.esn = '{esn}'"),
        Case(
            "Inventory, last digits of an IMEI",
            "inventory",
            {"q": esn[-7:]},
            f"i.esn_reversed >= '{esn[:-8:-1]}' AND i.esn_reversed < '{_following(esn[:-8:-1])}'",
        ),
        Case("Catalog, first page", "catalog", {}, "1 = 1"),
        Case(
            "Catalog, model and grade",
            "catalog",
            {"model": "iPhone 3", "grade": b_plus},
            f"p.model = 'iPhone 3' AND v.grade_id = {b_plus}",
        ),
        Case("Listings, first page", "listings", {}, "1 = 1"),
        Case(
            "Listings, out of stock",
            "listings",
            {"tab": "out-of-stock"},
            "l.state = 'out of stock' AND l.is_connected AND l.rejected_at IS NULL",
        ),
        Case(
            "Listings, a SKU",
            "listings",
            {"q": "SKU-000001"},
            "(l.sku = 'SKU-000001' OR l.external_id = 'SKU-000001' OR lower(l.title || ' ' || l.detail || ' ' || l.sku)"
            " LIKE '%sku-000001%' OR EXISTS (SELECT 1 FROM listing_sku c WHERE c.listing_id = l.id"
            " AND c.sku = 'SKU-000001'))",
        ),
    ]


def _following(text):
    return text[:-1] + chr(ord(text[-1]) + 1)


def measure(target, size):
    asked = cases(target.raw)
    url = db.engine.url.render_as_string(hide_password=False)
    with ExitStack() as stack:
        ours = stack.enter_context(_served(target.app))
        by_hand = stack.enter_context(_served(raw_pages(url, asked)))
        browser = stack.enter_context(requests.Session())
        token = _sign_in(target.app, browser, ours)
        plain = stack.enter_context(requests.Session())
        plain.cookies.set("session", token)
        for number, case in enumerate(asked):
            yield _measured(case, size, browser, f"{ours}/{case.area}/", plain, f"{by_hand}/{number}")


def _measured(case, size, browser, address, plain, raw_address):
    def same(own, other):
        rows = rf'href="/{case.area}/(\d+)"'
        shown = dict.fromkeys(re.findall(rows, own))
        assert list(shown) == list(dict.fromkeys(re.findall(rows, other))), case.name
        assert shown, case.name

    def get(session, address, **options):
        answer = session.get(address, **options)
        assert answer.status_code == 200, answer.text[:500]
        return answer.text

    times = alternate(
        lambda: get(browser, address, params=case.query),
        lambda: get(plain, raw_address),
        size.requests,
        same,
    )
    return ratio(case.name, *times, GOAL)


@contextmanager
def _served(app):
    """The app behind the server that runs it for people, in a thread."""
    logging.getLogger("waitress").setLevel(logging.ERROR)
    server = create_server(app, host="127.0.0.1", port=0, threads=4, ident=None)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        # Only its own thread may close what it waits on.
        server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))
        thread.join(5)
        server.task_dispatcher.shutdown()


def _sign_in(app, browser, address):
    """Sign in by a one-time link, as `make demo` does; gives the cookie's value."""
    user = accounts.create_user(SYSTEM, "bench@example.com", "Bench", "admin")
    link = f"{address}/link/{login_links.make('signin', user.id)}"
    page = browser.get(link).text
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)[1]
    answer = browser.post(f"{link}/sign-in", data={"csrf_token": token}, headers={"Referer": link})
    assert answer.status_code == 200, answer.text[:500]
    return browser.cookies[app.config["SESSION_COOKIE_NAME"]]
