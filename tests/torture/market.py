"""Pretend marketplaces that sell one pile of phones, and the people who buy there. They outlive every crash."""

import random
import threading
import time
from collections import Counter

from tests.torture.stalls import STALLS
from wholecell.sandbox import RefusedError, Sandbox, Shop


class Market:
    """Every listing is at all stalls under one SKU, so each sale must lower the number at the others."""

    def __init__(self, skus, stock, hidden, seed=1, stalls=STALLS):
        self.skus, self.stock, self._hidden, self._random = skus, stock, hidden, random.Random(seed)
        self.stalls = stalls
        self.shops = {stall: Shop() for stall in stalls}
        self.sandboxes = {stall: Sandbox(shop).start() for stall, shop in self.shops.items()}
        self.orders = self.cancelled = self.late = 0
        for stall, shop in self.shops.items():
            self._fill(shop, stall)

    def _fill(self, shop, stall):
        account = shop.account(stall.kind)
        account.settings |= stall.settings
        for limit in account.limits.values():
            limit.most = None
        rows = {**stall.row, "price": "100.00", "quantity": self.stock}
        shop.seed(stall.kind, [{"sku": sku, "title": f"Phone {sku}", **rows} for sku in self.skus])

    @property
    def hosts(self):
        """Stall -> address of its API."""
        return {stall: sandbox.base_url(stall.kind) for stall, sandbox in self.sandboxes.items()}

    def close(self):
        for sandbox in self.sandboxes.values():
            sandbox.stop()

    def buy(self):
        """Somebody orders one to three things, at times late to show, and now and then somebody cancels."""
        draw, stall = self._random, self._random.choice(self.stalls)
        shop = self.shops[stall]
        with shop.lock:
            listings = shop.account(stall.kind).listings
            on_sale = [each for each in draw.sample(list(listings.values()), 20) if each.for_sale and each.quantity > 0]
            if not on_sale:
                return
            wanted = on_sale[: draw.choice((1, 1, 1, 2, 3))]
            lines = [(each.id, 2 if each.quantity > 1 and draw.random() < 0.2 else 1) for each in wanted]
            hidden = draw.uniform(0.5, self._hidden) if draw.random() < 0.15 else 0.0
            shop.sell_lines(stall.kind, lines, hidden_seconds=hidden)
            self.orders += 1
            self.late += hidden > 0
            if draw.random() < 0.15:
                self._cancel(shop, stall.kind)

    def _cancel(self, shop, kind):
        orders = shop.account(kind).orders
        key = self._random.choice(list(orders)[-100:])
        try:
            shop.cancel_line(kind, key)
        except RefusedError:
            return  # nothing of it is left
        self.cancelled += 1

    # What is true, whatever the seller believes.

    def all_orders(self, stall):
        return list(self.shops[stall].account(stall.kind).orders.values())

    def shown(self, stall):
        """SKU -> the quantity a buyer sees."""
        return {each.sku: each.quantity for each in self.shops[stall].account(stall.kind).listings.values()}

    def left(self):
        """SKU -> phones that nobody has bought, over all stalls: nothing was shipped yet."""
        sold = Counter()
        for stall in self.stalls:
            for order in self.all_orders(stall):
                for line in order.lines:
                    sold[line.sku] += line.quantity - stall.unwanted(order, line)
        return {sku: max(self.stock - sold[sku], 0) for sku in self.skus}


class Buyers(threading.Thread):
    """Buy until so many orders are there as were last allowed."""

    def __init__(self, market, pause):
        super().__init__(name="buyers", daemon=True)
        self._market, self._pause = market, pause
        self._allowed, self._is_over = 0, False
        self.problem = None

    def allow(self, orders):
        self._allowed = orders

    def run(self):
        try:
            while not self._is_over:
                if self._market.orders < self._allowed:
                    self._market.buy()
                time.sleep(self._pause)
        except Exception as error:
            self.problem = error
            raise

    def finish(self, within):
        ends = time.monotonic() + within
        while self._market.orders < self._allowed and self.problem is None:
            assert time.monotonic() < ends, f"only {self._market.orders} of {self._allowed} orders in {within:g} s"
            time.sleep(0.01)
        self._is_over = True
        self.join()
        assert self.problem is None, self.problem
