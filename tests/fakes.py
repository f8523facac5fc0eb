"""FakeChannel: a marketplace in memory that implements every protocol of the contract."""

from tests.fake_orders import FakeOrders
from wholecell.channels.contract import (
    ListingPage,
    ListingState,
    Outcome,
    PushResult,
    RemoteListing,
    RemoteQuantity,
)
from wholecell.db import utcnow


class FakeChannel(FakeOrders):
    """Listings by external id. `errors` are raised one by one by pushes; `feed_from` sends that many as a feed."""

    def __init__(self):
        super().__init__()
        self.listings_by_id = {}
        self.pushed = []
        self.errors = []
        self.rejects = {}
        self.feed_from = None
        self.feeds = {}
        self.answer_feeds = True
        self.after_push = None
        self.on_page = None

    def put(self, external_id, sku="", quantity=0, state=ListingState.ACTIVE, **fields):
        values = {"title": f"Title of {external_id}", "price_cents": 10000, "currency": "USD", **fields}
        self.listings_by_id[external_id] = RemoteListing(
            external_id=external_id, sku=sku, quantity=quantity, state=state, **values
        )

    def shows(self, external_id):
        return self.listings_by_id[external_id].quantity

    def set(self, external_id, **fields):
        from dataclasses import replace

        self.listings_by_id[external_id] = replace(self.listings_by_id[external_id], **fields)

    def check(self):
        return ()

    def listings(self, *, online_only):
        shown = [x for x in self.listings_by_id.values() if not online_only or x.state is ListingState.ACTIVE]
        for number, start in enumerate(range(0, max(len(shown), 1), 2), start=1):
            if self.on_page:
                self.on_page(number)
            yield ListingPage(shown[start : start + 2], number, len(shown))

    def quantities(self, ids):
        for external_id in ids:
            began = utcnow()
            remote = self.listings_by_id.get(external_id)
            if remote is None:
                yield RemoteQuantity(external_id, None, began, ListingState.ENDED)
            else:
                yield RemoteQuantity(external_id, remote.quantity, began, remote.state)

    def plan(self, changes):
        if self.feed_from and sum(not c.is_fall for c in changes) >= self.feed_from:
            yield from ([c] for c in changes if c.is_fall)
            yield [c for c in changes if not c.is_fall]
            return
        for change in changes:
            yield [change]

    def push_quantities(self, changes):
        if len(changes) > 1:
            receipt = f"feed-{len(self.feeds) + 1}"
            self.feeds[receipt] = list(changes)
            for change in changes:
                yield PushResult(change.external_id, Outcome.PENDING, receipt=receipt)
            return
        (change,) = changes
        if self.errors and (error := self.errors.pop(0)) is not None:
            if getattr(error, "maybe_applied", False):
                self._apply(change)
            raise error
        yield self._push_one(change)

    def _push_one(self, change):
        if change.external_id not in self.listings_by_id:
            return PushResult(change.external_id, Outcome.REJECTED, answer="Not found", gone=True)
        if words := self.rejects.get(change.external_id):
            return PushResult(change.external_id, Outcome.REJECTED, answer=words)
        self._apply(change)
        return PushResult(change.external_id, Outcome.ACCEPTED, stored=self.shows(change.external_id))

    def _apply(self, change):
        self.pushed.append((change.external_id, change.quantity))
        state = ListingState.ACTIVE if change.quantity else ListingState.OUT_OF_STOCK
        self.set(change.external_id, quantity=change.quantity, state=state)
        if self.after_push:
            self.after_push(change)

    def push_outcomes(self, receipt, changes):
        if not self.answer_feeds:
            return None
        return iter([self._push_one(change) for change in self.feeds[receipt]])
