"""Start WholeCell: `flask` finds `app` here; run directly, it serves with the scheduler in the same process."""

from __future__ import annotations

import sys

from wholecell import create_app
from wholecell.config import ConfigError

try:
    app = create_app()
except ConfigError as error:
    sys.exit(str(error))

if __name__ == "__main__":
    from wholecell.serve import serve

    serve(app)
