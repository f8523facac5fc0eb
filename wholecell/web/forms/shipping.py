"""What an integration that ships for us is given."""

from __future__ import annotations

from collections.abc import Iterable

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectMultipleField
from wtforms.fields.choices import SelectChoice

from wholecell.services.shipping_settings import (
    ADDRESS_SOURCES,
    ATTRIBUTES,
    LINE_FORMATS,
    AddressSource,
    Handing,
    LineFormat,
)


class HandingForm(FlaskForm):
    """The settings of the Details tab."""

    channels = SelectMultipleField("Sales channels whose orders go")
    line_format = RadioField("Lines", choices=[SelectChoice(key.value, text) for key, text in LINE_FORMATS.items()])
    address_source = RadioField(
        "Address", choices=[SelectChoice(key.value, text) for key, text in ADDRESS_SOURCES.items()]
    )
    attributes = SelectMultipleField(
        "In the name of a line", choices=[SelectChoice(key, text) for key, text in ATTRIBUTES.items()]
    )

    def offer(self, names: Iterable[str]) -> None:
        """Which sales channels there are to tick."""
        self.channels.choices = [SelectChoice(name, name) for name in names]

    def show(self, saved: Handing) -> None:
        """Fill in what is saved."""
        self.channels.data, self.attributes.data = sorted(saved.channels), list(saved.attributes)
        self.line_format.data, self.address_source.data = saved.line_format.value, saved.address_source.value

    def value(self) -> Handing:
        """What was entered."""
        ticked = set(self.attributes.data or ())
        return Handing(
            frozenset(self.channels.data or ()),
            LineFormat(self.line_format.data),
            AddressSource(self.address_source.data),
            tuple(name for name in ATTRIBUTES if name in ticked),
        )
