"""What a channel raises: each kind says what happens next. Folders and services know them by `contract`."""

from __future__ import annotations


class ChannelError(Exception):
    """A channel did not do what was asked. The text is shown to people and never holds a secret."""

    def __init__(self, message: str, *, advice: str = "", reference: str = "") -> None:
        """`message` says what happened, `advice` what to do, `reference` the channel's own id of the call."""
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.reference = reference


class TemporaryError(ChannelError):
    """Try again later, by itself.

    `retry_after` is in seconds, None when the channel gave none. `maybe_applied` is True when the
    request may have taken effect (time-out, cut connection, 5xx): the channel's number is then unknown.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        maybe_applied: bool = False,
        advice: str = "",
        reference: str = "",
    ) -> None:
        super().__init__(message, advice=advice, reference=reference)
        self.retry_after = retry_after
        self.maybe_applied = maybe_applied


class WaitingError(TemporaryError):
    """Nothing is wrong: the channel still works on what was asked for, or a limit is used up until `retry_after`.

    The run goes on then, under the same row of History. What it needs for that is kept with `SharedState.remember`.
    """

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message, retry_after=retry_after)


class CredentialsError(ChannelError):
    """The login is refused: this integration stops until a person gives new credentials."""


class RejectedError(ChannelError):
    """This one request is refused, in the channel's own words; others go on. `gone` means it is no more there."""

    def __init__(self, message: str, *, gone: bool = False, advice: str = "", reference: str = "") -> None:
        super().__init__(message, advice=advice, reference=reference)
        self.gone = gone


class NotAcceptedError(RejectedError):
    """The order has to be accepted on the channel first; then the same request works."""
