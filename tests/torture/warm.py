"""Loaded once by the server that forks the seller's processes: what the first app of a process works out, they have."""

import tempfile

from sqlalchemy.orm import configure_mappers

from tests.torture import seller
from wholecell import config, create_app

with tempfile.TemporaryDirectory() as _folder:
    create_app(config.load({"WHOLECELL_DATA_DIR": _folder, "WHOLECELL_SCHEDULER": "off"}))
configure_mappers()

__all__ = ["seller"]
