"""The Stores tab of a program that ships for us and that we call."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import BooleanField, RadioField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from wholecell.services.shipping_stores import StoreChoice, StoreRow, Stores
from wholecell.web.forms.orders_settings import OrdersForm

CHOOSES_ITSELF = "-"


class StoresForm(OrdersForm):
    """Where our orders go, whose orders come here, and how those come in."""

    sends_orders = BooleanField("Send orders")
    store = RadioField("Our orders go to", default=CHOOSES_ITSELF)
    import_stores = SelectMultipleField("Orders come here from")

    def offer(self, rows: Sequence[StoreRow]) -> None:
        """The stores there are to choose from."""
        stores = [SelectChoice(row.store_id, row.title) for row in rows]
        self.store.choices = [SelectChoice(CHOOSES_ITSELF, "The first store for orders made by hand"), *stores]
        self.import_stores.choices = stores

    def show_stores(self, saved: Stores) -> None:
        """Fill in what is saved."""
        self.sends_orders.data = saved.sends_orders
        self.store.data = next((row.store_id for row in saved.rows if row.is_target), CHOOSES_ITSELF)
        self.import_stores.data = [row.store_id for row in saved.rows if row.is_imported]

    def validate_import_stores(self, field: SelectMultipleField) -> None:
        """Orders come from some store, and not from the one ours go to."""
        if self.imports_orders.data and not field.data:
            raise ValidationError("Choose the stores whose orders come here, or switch the import of orders off.")
        if self.store.data in (field.data or []):
            raise ValidationError("Our own orders go to one of these: choose another store for them, or leave it out.")

    def choice(self) -> StoreChoice:
        """What was chosen."""
        target = "" if self.store.data == CHOOSES_ITSELF else self.store.data
        return StoreChoice(frozenset(self.import_stores.data or ()), target, bool(self.sends_orders.data))
