"""Numbers of a file that is not to be carried any more: somebody may have entered them all the same."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.models import HandExport, HandExportRow, Listing
from wholecell.services import hand_due
from wholecell.services.bulk import chunks


def doubt(session: Session, *which: sa.ColumnElement[bool]) -> None:
    """Note of these files that their numbers may be entered by now, in the caller's transaction.

    A listing for which that makes a difference waits, until somebody says what was entered last: otherwise a number
    that came back to what it was before stays too high there, and nobody sees it.
    """
    differs = HandExportRow.number.is_distinct_from(hand_due.known_number())
    rows = sa.select(Listing.id).join(HandExportRow, HandExportRow.listing_id == Listing.id)
    rows = rows.join(HandExport, HandExport.id == HandExportRow.export_id).where(*which, differs)
    ids = session.scalars(rows.where(Listing.is_number_unknown.is_(False)).distinct().order_by(Listing.id)).all()
    for chunk in chunks(ids):
        # In one order, so that no two transactions wait for each other's rows.
        session.execute(sa.select(Listing.id).where(Listing.id.in_(chunk)).order_by(Listing.id).with_for_update())
        update = sa.update(Listing).where(Listing.id.in_(chunk)).values(is_number_unknown=True)
        session.execute(update, execution_options={"synchronize_session": False})
