"""List pages over HTTP, signed in, beside a tiny app that shows the same rows by SQL."""

import logging
import re
import threading
from contextlib import ExitStack, contextmanager

import requests
from waitress import wasyncore
from waitress.server import create_server

from tests.bench.measure import alternate, ratio
from tests.bench.page_cases import order_cases, stock_cases
from tests.bench.raw_pages import raw_pages
from wholecell.db import db
from wholecell.services import accounts, login_links
from wholecell.services.events import SYSTEM

GOAL = 3


def measure(target, size):
    asked = stock_cases(target.raw) + order_cases(target.raw, size)
    url = db.engine.url.render_as_string(hide_password=False)
    with ExitStack() as stack:
        ours = stack.enter_context(_served(target.app))
        by_hand = stack.enter_context(_served(raw_pages(url, asked)))
        browser = stack.enter_context(requests.Session())
        token = _sign_in(target.app, browser, ours)
        plain = stack.enter_context(requests.Session())
        plain.cookies.set("session", token)
        for number, case in enumerate(asked):
            yield _measured(case, size, browser, f"{ours}/{case.area}/{case.path}", plain, f"{by_hand}/{number}")


def _measured(case, size, browser, address, plain, raw_address):
    def same(own, other):
        rows = rf'href="/{case.shows or case.area}/(\d+)"'
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
