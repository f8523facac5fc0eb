"""The one HTTP client of all channels: pacing, time limits, size limits, errors in our three words.

Nothing raised or logged here holds a header, a query string, a body, or the text of a library's exception,
for each of them can carry a secret.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from ssl import SSLCertVerificationError
from typing import Any

import requests
import structlog
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError
from urllib3.util import Retry

from .contract import ChannelError, CredentialsError, Limiter, RateLimit, TemporaryError
from .deadline import Deadline, DeadlineAdapter

CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0  # of silence
TOTAL_SECONDS = 60.0
LARGEST_ANSWER = 20 * 1024 * 1024
LONGEST_RETRY_AFTER = 3600.0
CHUNK = 64 * 1024

# Only what costs the channel nothing: a GET whose connection could not be opened or was cut. An answer is
# never retried here: urllib3 would read its body without a limit and sleep as long as Retry-After says.
RETRIES = Retry(
    total=2,
    connect=2,
    read=1,
    redirect=0,
    status=0,
    other=0,
    allowed_methods={"GET"},
    respect_retry_after_header=False,
    backoff_factor=0.2,
    backoff_max=1,
)
NO_RETRIES = Retry(total=0, read=False, redirect=0, respect_retry_after_header=False)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Response:
    """A channel's answer: 2xx, or a 4xx that the channel's folder must judge.

    `headers` does not mind case. `json` has numbers with a point as Decimal and is None when the text is not
    JSON. `reference` is the channel's own id of the call.
    """

    status: int
    headers: Mapping[str, str]
    text: str
    json: Any
    reference: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether the channel says that it did what was asked."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Content:
    """A body that is not JSON, with its media type."""

    type: str
    data: bytes


class ServerFaultError(TemporaryError):
    """The channel broke on this very request (5xx): what it was asked for may be the cause."""


def asked_wait(status: int, headers: Mapping[str, str]) -> float | None:
    """The seconds that an answer asks us to wait, by its Retry-After; None when it asks for none."""
    return retry_after(headers.get("Retry-After", ""))


class HttpClient:
    """Calls to one host with one login.

    `limits` are taken before every call; `retry_after` is the wait in seconds after a 429 that names none, or
    longer if a limit the call took needs longer for a turn, and `wait_of` reads what a 429 or a 5xx names;
    `refused` and `advice` are said to people on a 401; `reference_headers` hold the channel's id of a call.
    """

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        limiter: Limiter,
        *,
        label: str,
        limits: Sequence[RateLimit] = (),
        retry_after: float = 10.0,
        wait_of: Callable[[int, Mapping[str, str]], float | None] = asked_wait,
        refused: str = "",
        advice: str = "",
        reference_headers: Sequence[str] = ("x-request-id",),
        total_seconds: float = TOTAL_SECONDS,
        read_seconds: float = READ_SECONDS,
        largest_answer: int = LARGEST_ANSWER,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._limiter = limiter
        self._label = label
        self._limits = limits
        self._retry_after = retry_after
        self._wait_of = wait_of
        self._refused = refused or f"{label} refused the login."
        self._advice = advice
        self._reference_headers = reference_headers
        self._total_seconds = total_seconds
        self._read_seconds = read_seconds
        self._largest_answer = largest_answer
        self._reading = new_session(headers, RETRIES)
        self._writing = new_session(headers, NO_RETRIES)
        self._check(headers)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        body: object = None,
        content: Content | None = None,
        headers: Mapping[str, str] | None = None,
        costs: Sequence[tuple[RateLimit, int]] = (),
        reference: str = "",
    ) -> Response:
        """Send one call and return its answer; `costs` are limits taken beyond those of every call.

        `body` is sent as JSON, `content` as it is; `headers` go beside those of every call. A query string that the
        channel gave, ready for use, may stand in `path`. `reference` is our own id of the call, where the channel
        knows it by that; it stands in for one that the answer does not carry.

        Raises TemporaryError (not reached, cut, too slow, too large, 3xx, 429, 5xx) and CredentialsError (401).
        """
        taken = [*((limit, 1) for limit in self._limits), *costs]
        for limit, units in taken:
            self._limiter.take(limit, units)
        self._check(headers or {})
        started = time.monotonic()
        if body is not None:
            content = Content("application/json", json.dumps(body).encode())
        result = self._exchange(method, path, params, content, headers or {})
        if isinstance(result, Response) and not result.reference:
            result = replace(result, reference=reference)
        turn = max((limit.seconds / limit.count for limit, _ in taken), default=0.0)
        problem = result if isinstance(result, ChannelError) else self._problem(method, result, turn)
        if problem is not None:
            problem.reference = problem.reference or reference
        self._log(method, path, time.monotonic() - started, result, problem, reference)
        if problem is not None:
            raise problem
        assert isinstance(result, Response)
        return result

    def _check(self, headers: Mapping[str, str]) -> None:
        if not all(_is_plain_ascii(value) for value in headers.values()):
            said = f"The login for {self._label} holds a character that cannot be sent."
            raise CredentialsError(said, advice=self._advice)

    def _exchange(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | int] | None,
        content: Content | None,
        headers: Mapping[str, str],
    ) -> Response | ChannelError:
        # Returned, not raised: an error raised while a library's exception is handled keeps it as its context.
        session = self._reading if method == "GET" else self._writing
        with Deadline(self._total_seconds) as deadline:
            try:
                answer = session.request(
                    method,
                    self._base_url + path,
                    params=params,
                    data=content.data if content else None,
                    headers={**headers, "Content-Type": content.type} if content else headers,
                    timeout=(CONNECT_SECONDS, self._read_seconds),
                    allow_redirects=False,
                    stream=True,
                )
                try:
                    said = self._read(answer)
                finally:
                    answer.close()
            except (requests.RequestException, HTTPError, OSError) as error:
                return self._failure(method, error, deadline)
            # A cut body without a length looks complete.
            return self._too_slow(method) if deadline.is_over else self._response(method, answer, said)

    def _read(self, answer: requests.Response) -> bytes | None:
        """Return the body, None when it is larger than allowed."""
        content = bytearray()
        for chunk in answer.iter_content(CHUNK):
            content += chunk
            if len(content) > self._largest_answer:
                return None
        return bytes(content)

    def _response(self, method: str, answer: requests.Response, content: bytes | None) -> Response | TemporaryError:
        if content is None:
            return TemporaryError(
                f"{self._label}'s answer was larger than {self._largest_answer // 1_000_000} MB.",
                maybe_applied=method != "GET",
            )
        text = content.decode("utf-8-sig", "replace")
        parsed = parse_json(text)
        return Response(answer.status_code, answer.headers, text, parsed, self._reference(answer.headers, parsed))

    def _reference(self, headers: Mapping[str, str], parsed: object) -> str:
        found = {name: headers.get(name) for name in self._reference_headers}
        if isinstance(parsed, dict) and isinstance(parsed.get("requestId"), str):
            found["requestId"] = parsed["requestId"]
        return ", ".join(f"{name} {plain(value, 80)}" for name, value in found.items() if value)

    def _failure(self, method: str, error: Exception, deadline: Deadline) -> TemporaryError:
        if deadline.is_over:
            return self._too_slow(method)
        if never_sent(error):
            return TemporaryError(f"{self._label} could not be reached.")
        said = "did not answer in time" if isinstance(error, requests.Timeout) else "cut the connection"
        return TemporaryError(f"{self._label} {said}.", maybe_applied=method != "GET")

    def _too_slow(self, method: str) -> TemporaryError:
        return TemporaryError(
            f"{self._label} took longer than {self._total_seconds:g} seconds to answer.",
            maybe_applied=method != "GET",
        )

    def _problem(self, method: str, response: Response, turn: float) -> ChannelError | None:
        status, reference, is_write = response.status, response.reference, method != "GET"
        wait = self._wait_of(status, response.headers)
        if status == 401:
            return CredentialsError(self._refused, advice=self._advice, reference=reference)
        if status == 429:
            said = f"{self._label} asked us to slow down."
            return TemporaryError(said, retry_after=wait or max(self._retry_after, turn), reference=reference)
        if status >= 500 or status < 200:
            said = f"{self._label} has a fault of its own (HTTP {status})."
            return ServerFaultError(said, retry_after=wait, maybe_applied=is_write, reference=reference)
        if 300 <= status < 400:
            said = f"{self._label} answered with a redirect (HTTP {status}), which is not followed."
            return TemporaryError(said, maybe_applied=is_write, reference=reference)
        return None

    def _log(
        self,
        method: str,
        path: str,
        seconds: float,
        result: Response | ChannelError,
        problem: ChannelError | None,
        reference: str,
    ) -> None:
        answer = result if isinstance(result, Response) else None
        log.info(
            "channel call",
            channel=self._label,
            method=method,
            path=path.partition("?")[0],
            status=answer.status if answer else None,
            ms=round(seconds * 1000),
            reference=answer.reference if answer else reference,
            problem=problem.message if problem else "",
        )


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Name none: even a redirect that is not followed would have its whole body read, without a limit."""


def new_session(headers: Mapping[str, str], retries: Retry) -> requests.Session:
    """Open a session that follows no redirect, asks no proxy, and whose calls a Deadline can cut."""
    session = _Session()
    session.trust_env = False  # no proxy and no .netrc login from the environment
    session.headers.update(headers)
    session.mount("https://", DeadlineAdapter(max_retries=retries))
    session.mount("http://", DeadlineAdapter(max_retries=retries))
    return session


def never_sent(error: BaseException) -> bool:
    """Whether the connection was not even opened, so the request cannot have taken effect."""
    causes: list[object] = [error]
    for cause in causes:
        if isinstance(cause, NewConnectionError | ConnectTimeoutError | SSLCertVerificationError):
            return True
        if isinstance(cause, BaseException) and len(causes) < 20:
            causes += [*cause.args, getattr(cause, "reason", None)]
    return isinstance(error, requests.ConnectTimeout | ValueError)  # ValueError: requests refused to build it


def retry_after(header: str) -> float | None:
    """Read Retry-After, seconds or an HTTP date, as seconds between 1 and an hour; None when it says neither."""
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", header.strip(), re.ASCII):
        seconds = float(header)
    else:
        try:
            moment = parsedate_to_datetime(header)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 1.0), LONGEST_RETRY_AFTER)


def parse_json(text: str) -> Any:
    """Parse a channel's answer; None when it is not JSON. Numbers with a point become Decimal."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None


def _refuse_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are not JSON


def plain(value: object, longest: int = 300) -> str:
    """Return a channel's text as one line that every database and log can hold, cut at `longest`."""
    text = str(value).encode("utf-8", "replace").decode().replace("\x00", "")
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _is_plain_ascii(value: str) -> bool:
    return value.isascii() and value.isprintable()
