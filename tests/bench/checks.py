"""What several cases hold themselves to."""

from tests.bench import rule_sql
from tests.bench.data import INTEGRATIONS

COMMIT = "UPDATE inventory_item SET cost_cents = cost_cents + 1 WHERE id = :id"  # the smallest durable change


def all_right(raw):
    """Nothing changed but what was computed: every stored number is the one the statement gives."""
    stored = dict(raw.rows("SELECT id, last_offered FROM listing"))
    for integration in range(1, len(INTEGRATIONS) + 1):
        for key, (_available, _outstanding, offered) in rule_sql.answers(raw, integration).items():
            assert stored[key] == offered, f"listing {key} offers {stored[key]}, not {offered}"
