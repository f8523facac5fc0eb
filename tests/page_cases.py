"""The same shop, moved by people on its pages and read off the listing's page."""

import re

import sqlalchemy as sa

from tests import factories as make
from tests.order_cases import PLACES, CaseWorld, Placed
from wholecell.db import db
from wholecell.models import Commitment, InventoryItem, InventoryStatus, OrderItem, ProductVariation, SalesOrder

PART = re.compile(r"<b[^>]*>(?:<a[^>]*>)?([^<]+)(?:</a>)?</b><span class=\"lbl\">([a-z ]+)</span>")


class PageWorld(CaseWorld):
    """A picker scans, ships and takes back; a manager does the rest."""

    def __init__(self, client_as, phones=10):
        super().__init__(phones)
        self.picker, self.manager = client_as("picker"), client_as("manager")

    def _post(self, client, path, **data):
        answer = client.post(path, data=data)
        assert answer.status_code == 303, f"{path} answered {answer.status_code}: {answer.text[:500]}"
        return answer

    def _newest(self):
        query = sa.select(Commitment).where(Commitment.released_at.is_(None)).order_by(Commitment.id.desc())
        return db.session.scalars(query.limit(1)).one()

    def commit(self, order_id, esn):
        self._post(self.picker, f"/orders/{order_id}/commit", codes=esn)
        return self._newest()

    def commit_direct(self, item_id, esn):
        order_id = self.order_of(item_id)
        self._post(self.picker, f"/orders/{order_id}/items/{item_id}/direct-commit", code=esn)
        return self._newest()

    def order_of(self, item_id):
        return db.session.get(OrderItem, item_id).order_id

    def release(self, commitment_id):
        order_id = self.order_of(db.session.get(Commitment, commitment_id).order_item_id)
        self._post(self.picker, f"/orders/{order_id}/commitments/{commitment_id}/release")

    def release_unwanted(self, order_id):
        self._post(self.picker, f"/orders/{order_id}/release")

    def dismiss_scan(self, order_id):
        self._post(self.manager, f"/orders/{order_id}/not-from-this-stock")

    def set_status(self, order, title):
        self._post(self.manager, f"/orders/{order.id}/status", to_status=self.status_id(title), is_sure="1")

    def order_by_hand(self, variation_id, units):
        line = {"variation_id": variation_id, "ordered": units, "price": "", "currency": "USD"}
        status = self.status_id("Awaiting shipment")
        self._post(
            self.manager, "/orders/new", verb="save", customer="Ada Example", channel="Wholesale", status=status, **line
        )
        order = db.session.scalars(sa.select(SalesOrder).order_by(SalesOrder.id.desc()).limit(1)).one()
        return Placed(order.id, "")

    def connect_item(self, item_id, variation_id):
        order_id = self.order_of(item_id)
        self._post(self.manager, f"/orders/{order_id}/items/{item_id}/connect", variation_id=variation_id)

    def choose(self, listing_id, skus=(), variations=()):
        self._post(self.manager, f"/listings/{listing_id}/connection", skus=list(skus), variations=list(variations))

    def set_sku(self, variation_id, sku):
        self._post(self.manager, f"/catalog/{variation_id}/sku", sku=sku)

    def take_back(self, item_id, status):
        row = make.named(InventoryStatus, status).id
        variation_id = db.session.get(InventoryItem, item_id).variation_id
        grade = db.session.get(ProductVariation, variation_id).grade_id
        self._post(self.picker, f"/inventory/{item_id}/return", **{"return-status": row, "return-grade": grade})

    def send_replacement(self, order_item_id):
        self._post(self.picker, f"/orders/{self.order_of(order_item_id)}/items/{order_item_id}/replacement")

    def move(self, esns, **change):
        for key, name in change.items():
            target = {f"to_{key}": make.named(PLACES[key], name).id}
            verb = "status" if key == "status" else "move"
            self._post(self.manager, "/inventory/change", verb=verb, ids=list(self.phone_ids(esns)), **target)

    def numbers(self, listing_id=None):
        """The parts of the number as the listing's page opens it up."""
        rule = super().numbers(listing_id)
        page = self.picker.get(f"/listings/{listing_id or self.listing_id}").text
        shown = {label: int(re.sub(r"[^0-9-]", "", text.replace("\u2212", "-"))) for text, label in PART.findall(page)}
        assert (shown["available phones"], shown["outstanding"], shown["calculated"]) == rule
        return rule
