"""Forms of an integration: its name, what it may sell, its limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, RadioField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from wholecell.services.integration_page import Tick
from wholecell.services.integrations import Settings
from wholecell.services.limits import Limits
from wholecell.web.forms.orders_settings import Abilities, OrdersForm, shown
from wholecell.web.forms.sign_in import str_strip

MOST = 1_000_000


class NameForm(FlaskForm):
    """What an integration is called here."""

    name = StringField(
        "Name",
        [DataRequired("Enter a name."), Length(max=80, message="Use up to 80 characters.")],
        filters=[str_strip],
        description="Shown on listings and in lists",
    )


def limit_field(label: str, hint: str, least: int = 0, most: int = MOST) -> IntegerField:
    """A whole number that may stay empty."""
    wrong = f"Enter a whole number from {least} to {most:,}, or leave it empty."
    return IntegerField(label, [Optional(), NumberRange(least, most, wrong)], description=hint)


class LimitsForm(FlaskForm):
    """The four limits, in the order they are applied; of an integration or of one listing."""

    zero_out_threshold = limit_field("Zero at or under", "stop selling the last ones")
    percentage = limit_field("Percentage of stock", "rounded down", 0, 100)
    safety_quantity = limit_field("Safety quantity", "always held back")
    maximum_quantity = limit_field("At most", "never offer more")

    @property
    def own(self) -> tuple[int | None, int | None, int | None, int | None]:
        """As entered; None where empty."""
        fields = (self.zero_out_threshold, self.percentage, self.safety_quantity, self.maximum_quantity)
        return tuple(field.data for field in fields)


class SettingsForm(LimitsForm, OrdersForm):
    """The Details tab without the login."""

    pushes_quantities = BooleanField("Send quantities")
    imports_online_only = RadioField(
        "Listings to import",
        choices=[SelectChoice("all", "All, also out of stock and inactive"), SelectChoice("online", "Online only")],
        default="all",
    )
    match = RadioField(
        "Connect listings",
        choices=[SelectChoice("sku", "Match via SKU"), SelectChoice("chosen", "Choose specific product variations")],
        default="sku",
    )
    statuses = SelectMultipleField("Statuses that count", coerce=int)
    warehouses = SelectMultipleField("Warehouses that count", coerce=int)
    is_exclusive = BooleanField("These warehouses serve only this channel")
    adds_own_orders = BooleanField("The channel subtracts its own open orders")

    def offer(self, statuses: Sequence[Tick], warehouses: Sequence[Tick]) -> None:
        """What there is to tick."""
        self.statuses.choices = [SelectChoice(tick.id, tick.name) for tick in statuses]
        self.warehouses.choices = [SelectChoice(tick.id, tick.name) for tick in warehouses]

    def show(self, saved: Settings) -> None:
        """Fill in what is saved; a limit that limits nothing stays empty."""
        rule, limits = saved.rule, saved.rule.limits
        self.pushes_quantities.data = saved.pushes_quantities
        self.imports_online_only.data = "online" if saved.imports_online_only else "all"
        self.match.data = "sku" if rule.matches_via_sku else "chosen"
        self.statuses.data, self.warehouses.data = sorted(rule.statuses), sorted(rule.warehouses)
        self.is_exclusive.data, self.adds_own_orders.data = rule.is_exclusive, rule.adds_own_orders
        self.zero_out_threshold.data = limits.zero_out_threshold or None
        self.percentage.data = None if limits.percentage == 100 else limits.percentage
        self.safety_quantity.data = limits.safety_quantity or None
        self.maximum_quantity.data = limits.maximum_quantity
        self.show_orders(saved.orders)

    def settings(self, saved: Settings, abilities: Abilities, known: Iterable[int]) -> Settings:
        """What was entered, as a value; `known` are our order statuses."""
        threshold, percentage, safety, maximum = self.own
        limits = Limits(threshold or 0, 100 if percentage is None else percentage, safety or 0, maximum)
        rule = replace(
            saved.rule,
            statuses=frozenset(self.statuses.data or ()),
            warehouses=frozenset(self.warehouses.data or ()),
            matches_via_sku=self.match.data == "sku",
            is_exclusive=bool(self.is_exclusive.data),
            limits=limits,
            adds_own_orders=shown(abilities.keeps_back, self.adds_own_orders, saved.rule.adds_own_orders),
        )
        online_only, pushes = self.imports_online_only.data == "online", bool(self.pushes_quantities.data)
        return Settings(rule, online_only, pushes, self.orders(saved.orders, abilities, known))
