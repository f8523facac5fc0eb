"""How much a bench database holds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """Phones are given; a tenth as many variations, and every integration has as many listings."""

    name: str
    phones: int
    orders: int = 200_000
    listings: int = 20_000
    uploaded: int = 20_000
    first_fill: int = 2_500
    first_feed: int = 20_000
    repeats: int = 9
    changes: int = 200
    imported: int = 1_000
    sales: int = 20
    requests: int = 40

    @property
    def variations(self):
        return self.phones // 10

    @property
    def alone(self):
        """The first variations have one listing on each channel; the others share the rest."""
        return min(self.variations // 10, self.listings // 2)

    def __str__(self):
        return (
            f"{self.phones:,} phones, {self.variations:,} variations, {self.orders:,} orders, "
            f"6 integrations x {self.listings:,} listings"
        )


SIZES = {
    each.name: each
    for each in (
        Size("10k", 10_000),
        Size("100k", 100_000),
        Size("1m", 1_000_000, repeats=5),
    )
}
# Too small to measure anything: it shows that every case still runs and that both sides agree.
TINY = Size("tiny", 200, 400, 60, 100, 50, 40, repeats=1, changes=3, requests=1, imported=60, sales=1)
