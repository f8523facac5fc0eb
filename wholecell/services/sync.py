"""The one loop for all channels: claim, run, and turn what a channel raises into what happens next."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
import structlog

from wholecell.channels.contract import (
    Channel,
    Connector,
    CredentialsError,
    ImportsListings,
    ImportsOrders,
    ImportsShipments,
    PushesQuantities,
    ReadsQuantities,
    RejectedError,
    SendsOrders,
    TemporaryError,
    WaitingError,
)
from wholecell.db import db
from wholecell.models import Integration
from wholecell.services import (
    importing,
    logins,
    offers,
    order_import,
    outgoing_sending,
    push,
    repair,
    sending,
    shipment_import,
    work,
)
from wholecell.services.connect import channel_of, connector_for
from wholecell.services.events import SYSTEM, Actor
from wholecell.services.vault import Vault
from wholecell.services.work import Kind, Run

log = structlog.get_logger(__name__)

Open = Callable[[Integration], Connector]


def run_work(
    integration_id: int,
    kind: Kind,
    vault: Vault,
    actor: Actor = SYSTEM,
    opener: Open | None = None,
    only_if: sa.ColumnElement[bool] | None = None,
    when_computed: Callable[[], None] = lambda: None,
) -> Run | None:
    """Do one kind of work for one integration, unless somebody does it now; returns the run, or None.

    The button, the command line and the scheduler all call this. It never raises what a channel did.
    `when_computed` is called when new orders gave new numbers and the run still goes on.
    """
    run = work.claim(integration_id, kind, actor, only_if=only_if)
    if run is None:
        return None
    try:
        integration = db.session.get_one(Integration, integration_id)
        connector = opener(integration) if opener else connector_for(integration, vault)
        if kind in (Kind.IMPORT_LISTINGS, Kind.REPAIR, Kind.IMPORT_SHIPMENTS):  # those that look at the whole account
            logins.check_daily(integration, connector)
        _dispatch(run, connector, channel_of(integration), vault, when_computed)
        work.finish(run)
    except work.LeaseLostError:
        log.warning("lease lost", integration=integration_id, kind=kind.value)
    except work.StopAskedError:
        work.stop(run)
    except CredentialsError as error:
        work.refuse_login(run, error.message, error.advice)
    except WaitingError as error:
        work.pause(run, error.message, error.retry_after or 0.0)
    except TemporaryError as error:
        work.wait(run, error.message, error.advice, error.retry_after)
    except RejectedError as error:
        work.wait(run, error.message, error.advice, None)
    except Exception as error:
        # The text of an unforeseen error may hold anything: it goes to the log by its type alone.
        log.error("run failed", integration=integration_id, kind=kind.value, error=type(error).__name__)
        db.session.rollback()
        work.wait(run, "Something went wrong on our side.", "It is tried again by itself; the log says more.", None)
        raise
    return run


def _dispatch(
    run: Run, connector: Connector, channel: Channel, vault: Vault, when_computed: Callable[[], None]
) -> None:
    def compute() -> None:
        offers.compute_all()
        when_computed()

    if run.kind is Kind.IMPORT_LISTINGS and isinstance(connector, ImportsListings):
        importing.import_listings(run, connector)
        offers.compute_all()
    elif run.kind is Kind.IMPORT_ORDERS and isinstance(connector, ImportsOrders):
        order_import.import_orders(run, connector, vault, when_read=compute)
        offers.compute_all()
    elif run.kind is Kind.REPAIR and isinstance(connector, ReadsQuantities):
        repair.repair(run, connector)
    elif run.kind is Kind.PUSH_QUANTITIES and isinstance(connector, PushesQuantities):
        push.push_quantities(run, connector, channel)
    elif run.kind is Kind.SEND_SHIPMENTS:
        sending.send(run, connector)
    elif run.kind is Kind.SEND_ORDERS and isinstance(connector, SendsOrders):
        outgoing_sending.send_orders(run, connector)
    elif run.kind is Kind.IMPORT_SHIPMENTS and isinstance(connector, ImportsShipments):
        shipment_import.import_shipments(run, connector)
