"""Settings: the account's own values, and the lists people keep."""

from wholecell.web.settings import account, api, apps, lists, merges, order_statuses, sales_channels
from wholecell.web.settings.blueprint import bp

__all__ = ["account", "api", "apps", "bp", "lists", "merges", "order_statuses", "sales_channels"]
