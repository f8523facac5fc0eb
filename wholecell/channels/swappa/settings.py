"""The login form: by files, which needs no login, or by an API."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import Form, SelectField
from wtforms.fields.choices import SelectChoice

CSV, REST = "csv", "rest"


def is_by_hand(login: Mapping[str, str]) -> bool:
    """Whether people carry files, which is so unless the API was chosen."""
    return login.get("mode", CSV) != REST


class LoginForm(Form):
    """How this integration works; files need nothing else."""

    mode = SelectField(
        "How it works",
        choices=[SelectChoice(CSV, "Files that you carry (CSV)")],
        default=CSV,
        description=(
            "Swappa publishes no API. You upload its listings and orders here, and enter numbers and shipments there "
            "from files made here. No login is needed, and nothing is ever called."
        ),
    )
