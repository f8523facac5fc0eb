"""Waiting for what the scheduler does beside the pages."""

import time

from wholecell.db import db


def until(true, seconds=60):
    """Look again and again whether it is true by now, in the database as it is then."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        db.session.remove()
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to be")
