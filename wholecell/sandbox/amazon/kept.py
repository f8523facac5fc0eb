"""Feeds, reports and the files behind them, as the account keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass
class Document:
    """A file of a feed or a report behind presigned addresses.

    `signatures` is signature -> the method it is for, when it ends, whether the download is unpacked on the way.
    """

    kind: str
    content_type: str
    body: bytes | None
    is_packed: bool = False
    signatures: dict[str, tuple[str, datetime, bool]] = field(default_factory=dict)


@dataclass
class Job:
    """A feed or a report: waits until `begins`, ends when it has a final status."""

    id: str
    kind: str
    type: str
    marketplaces: list[str]
    created: datetime
    begins: datetime
    final: str = ""
    ended: datetime | None = None
    document: str = ""

    def status(self, now: datetime) -> str:
        """The documents' processingStatus."""
        return self.final or ("IN_PROGRESS" if now >= self.begins else "IN_QUEUE")

    def end(self, status: str, now: datetime, document: str = "") -> None:
        """Give it its final status."""
        self.final, self.ended, self.document = status, now, document

    def shape(self, now: datetime) -> dict[str, Any]:
        """As the documents' schemas Feed and Report."""
        result = {"feed": "resultFeedDocumentId", "report": "reportDocumentId"}[self.kind]
        shape: dict[str, Any] = {
            f"{self.kind}Id": self.id,
            f"{self.kind}Type": self.type,
            "marketplaceIds": self.marketplaces,
            "createdTime": iso(self.created),
            "processingStatus": self.status(now),
        }
        if now >= self.begins:
            shape["processingStartTime"] = iso(self.begins)
        if self.ended:
            shape["processingEndTime"] = iso(self.ended)
        return shape | ({result: self.document} if self.document else {})


def iso(value: datetime) -> str:
    """ISO 8601 in UTC, written with Z."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
