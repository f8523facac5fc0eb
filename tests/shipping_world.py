"""An integration that ships for us, beside the orders of one marketplace: what tests of shipping programs share."""

from tests import factories as make
from tests.ship_world import ShipWorld
from wholecell.db import db, transaction
from wholecell.models import SalesOrder, ShippingSettings
from wholecell.services import shipping_settings
from wholecell.services.events import Actor
from wholecell.services.shipping_settings import Handing

ME = Actor()
ADDRESS = {
    "ship_name": "Ada Byron",
    "ship_street": "12 Analytical Row",
    "ship_city": "Albany",
    "ship_state": "NY",
    "ship_postal_code": "12207",
    "ship_country": "US",
}


class ShippingWorld(ShipWorld):
    """Orders of a marketplace in memory with whole addresses, and an integration that ships them."""

    def __init__(self, kind="shipstation", channels=("Backmarket",), **handing):
        super().__init__(needs_all_phones=handing.pop("needs_all_phones", False))
        self.shipper_id = make.make_integration(kind, "Shipper", login={"mode": "custom"}, is_by_hand=True).id
        with transaction() as session:
            shipping_settings.ensure(session, self.shipper_id)
        self.hand(channels=frozenset(channels), **handing)

    def hand(self, **fields):
        """Save these settings."""
        shipping_settings.save(self.shipper_id, Handing(**fields), ME)

    @property
    def settings(self):
        return db.session.get(ShippingSettings, self.shipper_id, populate_existing=True)

    def order(self, *units, **fields):
        return super().order(*units, **{**ADDRESS, **fields})

    def row(self, order_id):
        return db.session.get(SalesOrder, order_id, populate_existing=True)

    def reference(self, order_id):
        return f"{self.settings.prefix}-{order_id}"
