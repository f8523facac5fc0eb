"""What an integration ticked, as a value: the rule answers saved settings and ones not saved yet alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import Integration, integration_statuses, integration_warehouses
from wholecell.services.bulk import table
from wholecell.services.limits import Limits


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """Everything on an integration that the quantity rule looks at."""

    integration_id: int
    statuses: frozenset[int] = frozenset()
    warehouses: frozenset[int] = frozenset()
    matches_via_sku: bool = True
    is_exclusive: bool = False
    limits: Limits = field(default_factory=Limits)
    adds_own_orders: bool = False  # units the channel keeps back for its own open orders are added to what it is sent
    kind: str = ""  # whose words its orders have

    def counts_orders_of(self, other: RuleSettings | None) -> bool:
        """Whether another integration's orders lower our numbers; hand-made ones (None) always do."""
        if other is None or other.integration_id == self.integration_id:
            return True
        return not (self.is_exclusive or other.is_exclusive) or bool(self.warehouses & other.warehouses)


# Built once, for they run with every change.
_TICKS = sa.union_all(
    sa.select(integration_statuses.c.integration_id, sa.literal_column("'status'"), integration_statuses.c.status_id),
    sa.select(
        integration_warehouses.c.integration_id,
        sa.literal_column("'warehouse'"),
        integration_warehouses.c.warehouse_id,
    ),
)
_INTEGRATION = table(Integration).c
_RULES = sa.select(
    _INTEGRATION.id,
    _INTEGRATION.matches_via_sku,
    _INTEGRATION.is_exclusive,
    _INTEGRATION.zero_out_threshold,
    _INTEGRATION.percentage,
    _INTEGRATION.safety_quantity,
    _INTEGRATION.maximum_quantity,
    _INTEGRATION.adds_own_orders,
    _INTEGRATION.kind,
)


def load_settings() -> dict[int, RuleSettings]:
    """The saved settings of all integrations by id, in two queries."""
    connection = db.session.connection()
    ticks: dict[tuple[int, str], set[int]] = {}
    for integration_id, kind, tick in connection.execute(_TICKS):
        ticks.setdefault((integration_id, kind), set()).add(tick)
    return {
        key: RuleSettings(
            key,
            frozenset(ticks.get((key, "status"), ())),
            frozenset(ticks.get((key, "warehouse"), ())),
            matches_via_sku,
            is_exclusive,
            Limits(*rest[:4]),
            *rest[4:],
        )
        for key, matches_via_sku, is_exclusive, *rest in connection.execute(_RULES)
    }


def rule_as_json(rule: RuleSettings) -> dict[str, Any]:
    """These settings as a value the database can keep; `rule_from_json` gives them back."""
    return {
        "integration_id": rule.integration_id,
        "statuses": sorted(rule.statuses),
        "warehouses": sorted(rule.warehouses),
        "matches_via_sku": rule.matches_via_sku,
        "is_exclusive": rule.is_exclusive,
        "limits": asdict(rule.limits),
        "adds_own_orders": rule.adds_own_orders,
        "kind": rule.kind,
    }


def rule_from_json(kept: Mapping[str, Any]) -> RuleSettings:
    """The settings that `rule_as_json` was given; what else was kept beside them is left out."""
    names = {each.name for each in fields(RuleSettings)}
    kept = {name: value for name, value in kept.items() if name in names}
    ticks = {name: frozenset(kept[name]) for name in ("statuses", "warehouses")}
    return RuleSettings(**{**kept, **ticks, "limits": Limits(**kept["limits"])})
