"""The Orders part of an integration's settings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from flask import request
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateTimeLocalField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional, ValidationError

from wholecell.channels.contract import AcceptsOrders, Channel, ConfirmsShipments, ImportsOrders
from wholecell.db import utcnow
from wholecell.services.connect import can
from wholecell.services.order_settings import CHANNEL_NAME, SHIPPING_NAME, Accepting, OrderSettings
from wholecell.web.filters import from_local, local


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the channel can do about orders; the form leaves out the rest."""

    imports: bool
    accepts: bool
    ships: bool
    fulfils: bool  # it ships some orders from its own stock
    keeps_back: bool  # it may itself subtract its open orders
    needs_phones: bool = False  # it may want the number of each phone sold
    is_by_hand: bool = False  # people carry the files: nothing comes or goes by itself

    @classmethod
    def of(cls, channel: Channel, *, is_by_hand: bool = False) -> Abilities:
        """What its connector implements, or what files can carry."""
        if is_by_hand:
            return cls(True, False, True, False, False, channel.needs_all_phones, True)
        return cls(
            can(channel, ImportsOrders),
            can(channel, AcceptsOrders),
            can(channel, ConfirmsShipments),
            bool(channel.fulfilled_by_channel),
            bool(channel.keeps_back_own_orders),
            channel.needs_all_phones,
        )


class OrdersForm(FlaskForm):
    """What is imported and what is told the channel; the status map stands beside it, one select for each word."""

    imports_orders = BooleanField("Import orders")
    order_minimum_at = DateTimeLocalField(
        "Minimum order date and time", [Optional()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
    )
    order_customer = RadioField(
        "Organization type",
        choices=[SelectChoice(SHIPPING_NAME, "Shipping name"), SelectChoice(CHANNEL_NAME, "Channel name")],
        default=SHIPPING_NAME,
    )
    holds_for_scan = BooleanField("Hold for scan")
    accepting = SelectField(
        "Accept orders",
        choices=[
            SelectChoice(Accepting.BY_HAND.value, "By hand"),
            SelectChoice(Accepting.ON_IMPORT.value, "On import"),
            SelectChoice(Accepting.NONE.value, "None: done elsewhere"),
        ],
        default=Accepting.BY_HAND.value,
    )
    sends_shipments = BooleanField("Send shipments")
    needs_all_phones = BooleanField("Shipments need all phones")
    imports_channel_fulfilled = BooleanField("Import orders that the channel ships itself")

    def validate_order_minimum_at(self, field: DateTimeLocalField) -> None:
        """A date that has not come yet would fetch nothing."""
        if field.data is not None and not 2000 <= field.data.year <= 9000:
            raise ValidationError("Enter a date after the year 2000, or leave it empty.")
        if field.data is not None and from_local(field.data) > utcnow():
            raise ValidationError("This is in the future: enter when the first order you want was placed.")

    def show_orders(self, saved: OrderSettings) -> None:
        """Fill in what is saved, in the account's time zone."""
        self.imports_orders.data = saved.imports
        self.order_minimum_at.data = None if saved.minimum_at is None else local(saved.minimum_at).replace(tzinfo=None)
        self.order_customer.data = saved.customer
        self.holds_for_scan.data = saved.holds_for_scan
        self.accepting.data = saved.accepting
        self.sends_shipments.data = saved.sends_shipments
        self.needs_all_phones.data = saved.needs_all_phones
        self.imports_channel_fulfilled.data = saved.imports_channel_fulfilled

    def orders(self, saved: OrderSettings, abilities: Abilities, known: Iterable[int]) -> OrderSettings:
        """What was entered; what the form did not show stays as it is saved. `known` are our order statuses."""
        if not abilities.imports:
            return saved
        minimum = self.order_minimum_at.data
        return replace(
            saved,
            imports=bool(self.imports_orders.data) and not abilities.is_by_hand,
            minimum_at=None if minimum is None else from_local(minimum),
            customer=self.order_customer.data,
            holds_for_scan=bool(self.holds_for_scan.data),
            accepting=self.accepting.data if abilities.accepts else saved.accepting,
            sends_shipments=shown(abilities.ships, self.sends_shipments, saved.sends_shipments),
            needs_all_phones=shown(abilities.needs_phones, self.needs_all_phones, saved.needs_all_phones),
            imports_channel_fulfilled=shown(
                abilities.fulfils, self.imports_channel_fulfilled, saved.imports_channel_fulfilled
            ),
            statuses={**saved.statuses, **entered_map(known)},
        )


def shown(is_shown: bool, field: BooleanField, saved: bool) -> bool:
    """What was entered in a box; one that the form did not show stays as it is saved."""
    return bool(field.data) if is_shown else saved


def entered_map(known: Iterable[int]) -> dict[str, int | None]:
    """The status chosen for each word; one that is gone meanwhile is none."""
    by_text = {str(each): each for each in known}
    pairs = zip(request.form.getlist("word"), request.form.getlist("word_status"), strict=False)
    return {word: by_text.get(chosen) for word, chosen in pairs}
