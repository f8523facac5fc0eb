"""What a person is told when a change cannot be made."""

from __future__ import annotations


class Refusal(ValueError):
    """A change that was not made; the text is plain sentences for the person: what is wrong and the way out."""


class AsksFirst(Refusal):
    """Nothing was changed yet: the sentence is a question, and a yes calls the same function with is_sure=True."""


class StaleEdit(Refusal):
    """Somebody else changed the row since the person opened it."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} was changed by somebody else while you were editing. "
            "What you see now is the newest state: make your change again."
        )
