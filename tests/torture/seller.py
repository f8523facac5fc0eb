"""The seller's side, a process of its own that lives until it is killed: what `flask worker` starts.

Five things differ from a real one, so that much happens in little time. A dead run's lease ends after LEASE. The
limits are as many times wider as WIDER says, though still taken from the database call by call. Orders changed
within OVERLAP are read again, not within ten minutes. Changes are asked for at
once where a channel would leave the newest to the next reading. And each integration talks to a pretend marketplace of
its own.
"""

import logging
import os
import signal
from dataclasses import replace
from datetime import timedelta

from wholecell import config, create_app, jobs
from wholecell.channels import discover
from wholecell.channels.ebay import order_reading
from wholecell.services import connect, integration_state, work

LEASE = timedelta(seconds=0.8)
OVERLAP = timedelta(seconds=30)
WIDER = 1000


class WideState(integration_state.IntegrationState):
    """The limits in the database, for a seller who may call more often."""

    def take(self, limit, units=1):
        super().take(replace(limit, count=limit.count * WIDER, burst=limit.burst * WIDER), units)

    def spend(self, budget, units=1, *, is_urgent=False):
        super().spend(replace(budget, count=budget.count * WIDER), units, is_urgent=is_urgent)

    def learn_budget(self, budget, count, left, ends_at):
        """The days of the pretend marketplaces have no end."""


def run(environ, hosts, problems):
    """Work until killed; `hosts` says by kind and platform where each marketplace is, `problems` takes what is said."""
    os.dup2(os.open(problems, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    for kind, addresses in hosts.items():
        os.environ.pop(f"WHOLECELL_{kind.upper()}_BASE_URL", None)
        hurried = {"order_overlap": OVERLAP, "receipt_every": timedelta(seconds=1)}
        discover()[kind] = replace(discover()[kind], hosts=addresses, **hurried)
    order_reading.LAG = timedelta(0)
    discover()["ebay"] = replace(discover()["ebay"], orders_lag=timedelta(0))
    work.LEASE = LEASE
    connect.IntegrationState = WideState
    app = create_app(config.load(environ))
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # on a busy machine a look is left out now and then
    jobs.start(app)
    signal.pause()
