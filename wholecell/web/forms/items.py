"""The form of one phone."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, InputRequired, ValidationError
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from wholecell.services.list_choices import PhoneChoices
from wholecell.services.money import parse_cents
from wholecell.services.refusal import Refusal


class SelectMultipleTicksField(SelectMultipleField):
    """Several of a list, as tick boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class AmountField(StringField):
    """An amount of money as people type it."""

    def post_validate(self, form: FlaskForm, validation_stopped: bool) -> None:
        """Say how to write it when it is none."""
        try:
            parse_cents(self.data or "")
        except Refusal as refusal:
            raise ValidationError(str(refusal)) from None


class ItemForm(FlaskForm):
    """What people change on one phone."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired("Load the page again.")])
    status = SelectField("Status", coerce=int)
    warehouse = SelectField("Warehouse", coerce=int, description="A location decides its warehouse.")
    location = StringField("Location", render_kw={"autocomplete": "off", "placeholder": "Scan or type"})
    grade = SelectField("Grade", coerce=int)
    conditions = SelectMultipleTicksField("Damages", coerce=int)
    cost = AmountField("Paid", render_kw={"inputmode": "decimal", "autocomplete": "off"})

    def offer(self, choices: PhoneChoices) -> None:
        """Offer what the lists hold."""
        self.status.choices = choices.statuses
        self.warehouse.choices = [(0, "None"), *choices.warehouses]
        self.grade.choices = choices.grades
        self.conditions.choices = choices.conditions


class ReturnForm(FlaskForm):
    """What becomes of a phone that a buyer sent back; nobody offers it again without having said so."""

    status = SelectField("Status now", coerce=int, validators=[DataRequired("Choose what state the phone is in now.")])
    grade = SelectField("Grade", coerce=int)

    def offer(self, choices: PhoneChoices) -> None:
        """Offer what the lists hold."""
        self.status.choices = [(0, "Choose"), *choices.statuses]
        self.grade.choices = choices.grades
