"""What the sheets of one integration have in common, whose listings and orders people carry here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy.orm import Session

from wholecell.channels.contract import SheetWords
from wholecell.models import Integration
from wholecell.services.connect import channel_of
from wholecell.services.refusal import Refusal
from wholecell.services.upload_kinds import Field, Plain


class ChannelSheet(Plain):
    """A kind of sheet made for one integration, and for one upload where there is one already."""

    key: str
    label: str
    fields: tuple[Field, ...]

    def __init__(self, integration: Integration, upload_id: int | None = None) -> None:
        """For an integration that works by files."""
        self.integration_id = self.own_id = integration.id
        self.name = integration.name
        self.channel = channel_of(integration)
        self.upload_id = upload_id

    @property
    def words(self) -> SheetWords:
        """What the channel says in files."""
        assert self.channel.sheet_words is not None, self.channel.kind
        return self.channel.sheet_words

    def choices(self) -> Mapping[str, Sequence[str]]:
        """Nothing is set beside these sheets but their switches."""
        return {}

    def lacks_column(self, mapped: Collection[str], key: str) -> str:
        """Why these columns are not enough without this one."""
        label = next(each.label for each in self.fields if each.key == key)
        return "" if key in mapped else f"Choose the column that holds the {label}."


def hold_integration(session: Session, integration_id: int) -> Integration:
    """Let two sheets of one integration be applied one after the other. Raises Refusal when it has an API by now."""
    integration = session.get_one(Integration, integration_id, with_for_update={"key_share": True})
    session.refresh(integration)
    if not integration.is_by_hand:
        raise Refusal(f"{integration.name} does not work by files any more: what it has comes in by itself.")
    return integration
