"""Bodies of ship notices that a store must refuse without harm."""

from __future__ import annotations

from ..records import RefusedError

KINDS = ("unknown", "huge", "bomb", "external", "broken", "empty")


def body(kind: str, number: str) -> bytes:
    """`unknown`: well formed. `huge`: 5 MB. `bomb`: entities that grow. `external`: a file. `broken`, `empty`."""
    if kind not in KINDS:
        raise RefusedError(f"There is no notice {kind}. Choose one of: {', '.join(KINDS)}.")
    told = f"<OrderNumber>{number}</OrderNumber><TrackingNumber>9400111899000000000001</TrackingNumber>"
    match kind:
        case "huge":
            told += f"<InternalNotes>{'x' * 5_000_000}</InternalNotes>"
        case "bomb":
            grown = "".join(f'<!ENTITY e{at} "{f"&e{at - 1};" * 10}">' for at in range(1, 9))
            return f'<!DOCTYPE n [<!ENTITY e0 "xx">{grown}]>{_notice(f"{told}<Carrier>&e8;</Carrier>")}'.encode()
        case "external":
            entity = '<!ENTITY f SYSTEM "file:///etc/hostname">'
            return f"<!DOCTYPE n [{entity}]>{_notice(f'{told}<Carrier>&f;</Carrier>')}".encode()
        case "broken":
            return f"<ShipNotice>{told}".encode()
        case "empty":
            return b""
    return _notice(told).encode()


def _notice(inside: str) -> str:
    return f"<ShipNotice>{inside}</ShipNotice>"
