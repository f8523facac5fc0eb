"""The form of a new variation."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from wholecell.services.list_choices import PhoneChoices
from wholecell.web.forms.items import AmountField, SelectMultipleTicksField


def product_field(label: str, most: int, hint: str = "") -> StringField:
    """One of the six fields that make a product."""
    needed = InputRequired(f"{label} is blank: write unknown if you do not know it.")
    length = Length(max=most, message=f"Use up to {most} characters.")
    return StringField(label, [needed, length], description=hint, render_kw={"autocomplete": "off"})


class ProductForm(FlaskForm):
    """The six fields that make a product."""

    manufacturer = product_field("Manufacturer", 80)
    model = product_field("Model", 120)
    variant = product_field("Variant", 80, "The maker's model number, such as A2111.")
    network = product_field("Network", 80, "Unlocked, or the carrier it is locked to.")
    capacity = product_field("Capacity", 40)
    color = product_field("Color", 60)


class VariationForm(ProductForm):
    """A product in one grade with its damages."""

    grade = SelectField("Grade", coerce=int)
    conditions = SelectMultipleTicksField("Damages", coerce=int)
    sku = StringField("SKU", [Length(max=120, message="Use up to 120 characters.")], render_kw={"autocomplete": "off"})
    price = AmountField("Price", render_kw={"inputmode": "decimal", "autocomplete": "off"})

    def offer(self, choices: PhoneChoices) -> None:
        """Offer what the lists hold."""
        self.grade.choices = choices.grades
        self.conditions.choices = choices.conditions
