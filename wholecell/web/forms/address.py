"""Where an order goes."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import Length, Optional, Regexp

from wholecell.web.forms.sign_in import str_strip


def _upper(value: str | None) -> str:
    return (value or "").strip().upper()


def _field(label: str, longest: int = 200, hint: str = "") -> StringField:
    return StringField(
        label,
        [Length(max=longest, message=f"Use up to {longest} characters.")],
        filters=[str_strip],
        description=hint,
        render_kw={"autocomplete": "off"},
    )


class AddressForm(FlaskForm):
    """The address of one order; every part may stay empty."""

    name = _field("Name")
    company = _field("Company")
    street = _field("Street and number")
    street2 = _field("Second line")
    city = _field("City")
    state = _field("State or province")
    postal_code = _field("Postal code", 60)
    country = StringField(
        "Country",
        [Optional(), Regexp(r"[A-Z]{2}\Z", message="Enter the two letters of the country, such as US.")],
        filters=[_upper],
        description="Two letters, such as US",
        render_kw={"autocomplete": "off", "maxlength": "2"},
    )
    phone = _field("Phone", 60)
