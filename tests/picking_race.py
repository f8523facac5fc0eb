"""Pickers with browsers of their own who scan at the same moment, over HTTP, on the app's own server."""

import html
import threading
import time
from contextlib import contextmanager

import requests
import sqlalchemy as sa
from sqlalchemy import event
from waitress import wasyncore
from waitress.server import create_server

from tests import factories as make
from tests.web.clients import sign_in_quickly
from wholecell.db import db
from wholecell.models import Commitment, InventoryItem, OrderItem

PICKERS = 16


class Picker:
    """One person signed in, with a cookie and a token."""

    def __init__(self, app, url, number):
        self.application, self._url, self.csrf, self.user = app, url, None, None
        self.name = f"Picker{number:02d}"
        self._http = requests.Session()
        sign_in_quickly(self, make.make_user(f"picker{number}@example.com", role="picker", name=self.name))
        self._http.headers.update({"X-CSRFToken": self.csrf, "HX-Request": "true"})

    def use_cookie(self, value):
        self._http.cookies.set(self.application.config["SESSION_COOKIE_NAME"], value)

    def close(self):
        self._http.close()

    def scan(self, order_id, code):
        """What the page sends; gives the status and the text that comes back."""
        answer = self._http.post(f"{self._url}/fulfil/scan", {"order": order_id, "code": code}, timeout=60)
        return answer.status_code, html.unescape(answer.text)


class Floor:
    """The pickers, and rounds in which they all scan at once. Each round raises AssertionError unless one won."""

    def __init__(self, app, url):
        self.pickers = [Picker(app, url, number) for number in range(PICKERS)]
        self.answers, self.slowest, self._problems = 0, 0.0, set()
        event.listen(db.engine, "handle_error", self._note)

    def _note(self, context):
        self._problems.add(str(context.original_exception))

    def last_phone(self, rounds):
        """All scan the last phone, each for an order of their own that waits for it."""
        variation = make.make_variation("LAST")
        wanted = [{"sku": "LAST", "ordered": rounds}]
        orders = [make.make_order("Awaiting shipment", wanted) for _ in self.pickers]
        keys, numbers = [order.id for order in orders], [order.number for order in orders]
        for _ in range(rounds):
            phone = make.make_item(variation)
            esn, phone_id = phone.esn, phone.id
            answers = self._at_once([(key, esn) for key in keys])
            won = [number for number, (status, _) in enumerate(answers) if status == 200]
            assert len(won) == 1, f"{len(won)} were told that they have the phone"
            (winner,) = won
            assert f"{esn} is committed to order {numbers[winner]}:" in answers[winner][1]
            told = f"{esn} is committed to order {numbers[winner]} already, by {self.pickers[winner].name}"
            for status, text in answers[:winner] + answers[winner + 1 :]:
                assert (status, told in text) == (422, True), (status, told, text[:3000])
            assert _live(OrderItem.order_id, InventoryItem.id == phone_id) == {keys[winner]: 1}

    def one_unit(self, rounds):
        """In pairs: both scan a phone for the one unit that their order lacks."""
        variation = make.make_variation("UNIT")
        for _ in range(rounds):
            orders = [make.make_order("Awaiting shipment", [{"sku": "UNIT"}]) for _ in self.pickers[::2]]
            keys, items = [order.id for order in orders], [make.order_items(order)[0].id for order in orders]
            esns = [phone.esn for phone in make.make_items(variation, PICKERS)]
            answers = self._at_once([(keys[number // 2], esn) for number, esn in enumerate(esns)])
            assert {status for status, _ in answers} == {200}, [
                text[:3000] for status, text in answers if status != 200
            ]
            for number, (order_id, item_id) in enumerate(zip(keys, items, strict=True)):
                assert self._one_filled_it(order_id, item_id), f"both phones are on one unit of order {order_id}"
                self._assert_one_was_told(number, answers, esns)

    @staticmethod
    def _one_filled_it(order_id, item_id):
        on_lines = _live(OrderItem.id, OrderItem.order_id == order_id)
        return on_lines.pop(item_id, 0) == 1 and list(on_lines.values()) == [1]

    def _assert_one_was_told(self, pair, answers, esns):
        numbers = (2 * pair, 2 * pair + 1)
        below = [n for n in numbers if f"{esns[n]}," in answers[n][1] and "is on a line of its own" in answers[n][1]]
        assert len(below) == 1, answers
        (faster,) = set(numbers) - set(below)
        assert f"{self.pickers[faster].name} gave it the last one" in answers[below[0]][1]

    def _at_once(self, scans):
        db.session.remove()
        barrier, answers = threading.Barrier(PICKERS), [None] * PICKERS

        def scan(number):
            barrier.wait(30)
            began = time.monotonic()
            answers[number] = self.pickers[number].scan(*scans[number])
            self.slowest = max(self.slowest, time.monotonic() - began)

        threads = [threading.Thread(target=scan, args=(number,)) for number in range(PICKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.answers += PICKERS
        assert all(answers), "a scan was not answered"
        assert max(status for status, _ in answers) < 500, f"a scan failed: {self._problems}"
        return answers

    def close(self):
        for picker in self.pickers:
            picker.close()


def _live(column, which):
    """Live commitments by this column."""
    query = (
        sa.select(column, sa.func.count(Commitment.id))
        .select_from(Commitment)
        .join(OrderItem, OrderItem.id == Commitment.order_item_id)
        .join(InventoryItem, InventoryItem.id == Commitment.item_id)
        .where(which, Commitment.released_at.is_(None))
        .group_by(column)
    )
    return dict(db.session.execute(query).all())


@contextmanager
def floor(app):
    """The app on a port of its own, with as many threads as pickers, and the pickers."""
    server = create_server(app, host="127.0.0.1", port=0, threads=PICKERS, ident=None)
    thread = threading.Thread(target=server.run, name="pages", daemon=True)
    thread.start()
    there = Floor(app, f"http://127.0.0.1:{server.effective_port}")
    try:
        yield there
    finally:
        there.close()
        # Only its own thread may close what it waits on.
        server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))
        thread.join(10)
        server.task_dispatcher.shutdown()
