"""The login form: the Custom Store, for which ShipStation calls us, or the API with a key and a secret."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import Form, SelectField
from wtforms.fields.choices import SelectChoice

CUSTOM, API = "custom", "api"


def calls_us(login: Mapping[str, str]) -> bool:
    """Whether ShipStation calls us, which is so unless the API was chosen."""
    return login.get("mode", CUSTOM) != API


class LoginForm(Form):
    """How orders get to ShipStation."""

    mode = SelectField(
        "How it works",
        choices=[SelectChoice(CUSTOM, "Custom Store: ShipStation asks us for orders")],
        default=CUSTOM,
        description=(
            "A Custom Store works with every plan of ShipStation that has it, and needs WholeCell to be reached from "
            "the internet by https."
        ),
    )
