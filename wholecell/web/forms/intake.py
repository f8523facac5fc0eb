"""The form of intake: what is set once, and the code scanned."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from wholecell.services.list_choices import PhoneChoices
from wholecell.web.forms.items import AmountField, SelectMultipleTicksField


class IntakeForm(FlaskForm):
    """Everything but the code stays as it is from scan to scan."""

    product = IntegerField(widget=HiddenInput(), validators=[InputRequired("Choose the product first.")])
    grade = SelectField("Grade", coerce=int)
    conditions = SelectMultipleTicksField("Damages", coerce=int)
    status = SelectField("Status", coerce=int)
    warehouse = SelectField("Warehouse", coerce=int)
    location = StringField("Location", render_kw={"autocomplete": "off", "placeholder": "Scan or type"})
    cost = AmountField("Paid each", render_kw={"inputmode": "decimal", "autocomplete": "off"})

    def offer(self, choices: PhoneChoices) -> None:
        """Offer what the lists hold."""
        self.grade.choices = choices.grades
        self.conditions.choices = choices.conditions
        self.status.choices = choices.statuses
        self.warehouse.choices = choices.warehouses

    @property
    def problems(self) -> list[str]:
        """What is wrong with what was set, as sentences."""
        return [f"{self[name].label.text}: {text}" for name, texts in self.errors.items() if name for text in texts]
