"""Large files that channels hand out and take at addresses of their own: reports, and files of many changes.

Such an address opens the file by itself. It is therefore told to nobody, neither in errors nor in the log, and no
header of ours goes along.
"""

from __future__ import annotations

import codecs
import io
import tempfile
import time
import zlib
from collections.abc import Iterator, Sequence
from typing import IO, Any
from urllib.parse import SplitResult, urlsplit

import requests
import structlog
from urllib3.exceptions import HTTPError

from .contract import TemporaryError
from .deadline import Deadline
from .http import CHUNK, CONNECT_SECONDS, NO_RETRIES, READ_SECONDS, TOTAL_SECONDS, Content, never_sent, new_session

LARGEST = 500 * 1_000_000  # bytes, unpacked
LONGEST = 600.0  # seconds
PULSE = 15.0  # seconds of reading after which the caller gets a turn
GZIP = b"\x1f\x8b"
HTTPS_PORT = 443

log = structlog.get_logger(__name__)


class Document:
    """A file that was fetched, in a temporary file of ours; it is gone after `close` or the `with` block."""

    def __init__(self, file: IO[bytes], charset: str) -> None:
        """`charset` is what the download said it is written in; empty when it did not say."""
        self._file = file
        self._charset = charset
        self._text: io.TextIOWrapper | None = None

    def __enter__(self) -> Document:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the space back."""
        self._file.close()

    def text(self) -> io.TextIOWrapper:
        """Open it as text whose lines end with a line feed alone: as it says it is written, else UTF-8, else cp1252.

        Another call begins anew, also for who reads already.
        """
        if self._text is None:
            named = [name for name in (self._charset, "utf-8-sig") if name and self._is_written_in(name)]
            codec, errors = (_with_mark(named[0]), "strict") if named else ("cp1252", "replace")
            self._text = io.TextIOWrapper(self._file, codec, errors=errors, newline="\n")
        self._text.seek(0)
        return self._text

    def _is_written_in(self, name: str) -> bool:
        try:
            "".encode(name)  # there are codecs that make no text
            decoder = codecs.getincrementaldecoder(name)()
            self._file.seek(0)
            while chunk := self._file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except (LookupError, UnicodeDecodeError):
            return False
        return True


def _with_mark(name: str) -> str:
    return "utf-8-sig" if codecs.lookup(name).name == "utf-8" else name


class Documents:
    """Files at the addresses that a channel may name: https on hosts under `suffixes`, or where `beside` is.

    `beside` is the address of an API that stands in for the channel's, whose files come from the same place.
    """

    def __init__(self, *, label: str, suffixes: Sequence[str], beside: str = "") -> None:
        self._label = label
        self._suffixes = suffixes
        self._beside = _place(urlsplit(beside)) if beside else None
        self._session = new_session({}, NO_RETRIES)
        self._session.headers.clear()

    def fetch(self, url: str) -> Iterator[Document | None]:
        """Fetch and unpack a file. Yields None every quarter of a minute, so that a lease can be kept; then the file.

        Raises TemporaryError for an address that is not the channel's, a refusal, a cut, and for what is larger than
        500 MB or takes longer than ten minutes.
        """
        self._check(url)
        started, told = time.monotonic(), time.monotonic()
        answer = self._open("GET", url, None)
        file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by whoever gets it, or below
        try:
            unpacked = _Unpacked(file)
            for chunk in self._chunks(answer):
                self._write(unpacked, chunk)
                now = time.monotonic()
                if now - started > LONGEST:
                    raise TemporaryError(f"{self._label}'s file took longer than {LONGEST / 60:g} minutes to arrive.")
                if now - told > PULSE:
                    told = now
                    yield None
            if not unpacked.is_whole:
                raise TemporaryError(f"{self._label}'s file arrived cut off.")
        except BaseException:
            file.close()
            raise
        finally:
            answer.close()
        self._log("GET", url, answer.status_code, started)
        yield Document(file, _charset(answer.headers.get("Content-Type", "")))

    def fetch_now(self, url: str) -> Document:
        """Fetch a small file, without a pause for the caller. Raises TemporaryError as `fetch` does."""
        return next(each for each in self.fetch(url) if each is not None)

    def put(self, url: str, content: Content) -> None:
        """Put a file where the channel said. Raises TemporaryError; the file alone takes no effect."""
        self._check(url)
        started = time.monotonic()
        answer = self._open("PUT", url, content)
        answer.close()
        self._log("PUT", url, answer.status_code, started)

    def _check(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            host, is_ours = parts.hostname or "", _place(parts) == self._beside
            is_theirs = parts.scheme == "https" and parts.port in (None, HTTPS_PORT)
        except ValueError:
            host, is_ours, is_theirs = "", False, False
        is_named = any(host == suffix or host.endswith(f".{suffix}") for suffix in self._suffixes)
        if "@" in url.partition("?")[0] or not (is_ours or (is_theirs and is_named)):
            raise TemporaryError(
                f"{self._label} named an address for a file that is not one of its own.",
                advice="It is tried again by itself. If it goes on, tell whoever looks after this program.",
            )

    def _open(self, method: str, url: str, content: Content | None) -> requests.Response:
        # Returned, not raised, as in HttpClient: an error must not keep a library's exception as its context.
        found = self._exchange(method, url, content)
        if isinstance(found, TemporaryError):
            raise found
        if found.status_code != 200:
            found.close()  # its body is XML for programs, which may repeat the address
            raise TemporaryError(f"{self._label}'s store of files refused us (HTTP {found.status_code}).")
        return found

    def _exchange(self, method: str, url: str, content: Content | None) -> requests.Response | TemporaryError:
        with Deadline(TOTAL_SECONDS) as deadline:
            try:
                return self._session.request(
                    method,
                    url,
                    data=content.data if content else None,
                    headers={"Content-Type": content.type} if content else {},
                    timeout=(CONNECT_SECONDS, READ_SECONDS),
                    allow_redirects=False,
                    stream=True,
                )
            except (requests.RequestException, HTTPError, OSError) as error:
                is_unreached = never_sent(error) and not deadline.is_over
                said = "could not be reached" if is_unreached else "did not answer"
                return TemporaryError(f"{self._label}'s store of files {said}.")

    def _chunks(self, answer: requests.Response) -> Iterator[bytes]:
        while chunk := self._chunk(answer):
            if isinstance(chunk, TemporaryError):
                raise chunk
            yield chunk

    def _chunk(self, answer: requests.Response) -> bytes | TemporaryError:
        try:
            raw: Any = answer.raw
            # As it comes, so that the time can be looked at between two bytes that drip.
            return raw.read1(CHUNK, decode_content=False) or b""
        except (HTTPError, OSError, ValueError):
            return TemporaryError(f"{self._label}'s store of files cut the connection.")

    def _write(self, unpacked: _Unpacked, chunk: bytes) -> None:
        problem = unpacked.add(chunk)
        if problem:
            raise TemporaryError(f"{self._label}'s file {problem}.")

    def _log(self, method: str, url: str, status: int, started: float) -> None:
        log.info(
            "channel file",
            channel=self._label,
            method=method,
            host=urlsplit(url).hostname,
            status=status,
            ms=round((time.monotonic() - started) * 1000),
        )


class _Unpacked:
    """A file being written, unpacked if what comes is gzip, whatever the channel says of it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._start = b""
        self._unzip: Any = None
        self._is_known = False
        self._size = 0

    def add(self, chunk: bytes) -> str:
        """Write what came; gives what is wrong with it."""
        if not self._is_known:
            chunk = self._start = self._start + chunk
            if len(chunk) < len(GZIP):
                return ""
            self._is_known, self._start = True, b""
            self._unzip = _unzip() if chunk.startswith(GZIP) else None
        return self._inflate(chunk) if self._unzip is not None else self._write(chunk)

    @property
    def is_whole(self) -> bool:
        """Whether the end of what was packed was reached."""
        if self._start:
            self._write(self._start)
        return self._unzip is None or self._unzip.eof

    def _inflate(self, chunk: bytes) -> str:
        while chunk:
            if self._unzip.eof:
                self._unzip = _unzip()  # several packed files in a row are one
            try:
                problem = self._write(self._unzip.decompress(chunk, CHUNK))
            except zlib.error:
                return "could not be unpacked"
            if problem:
                return problem
            chunk = self._unzip.unconsumed_tail or self._unzip.unused_data
        return ""

    def _write(self, data: bytes) -> str:
        self._size += len(data)
        if self._size > LARGEST:
            return f"was larger than {LARGEST // 1_000_000} MB"
        self._file.write(data)
        return ""


def _unzip() -> Any:
    return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)


def _place(parts: SplitResult) -> tuple[str, str, int | None]:
    default = {"https": HTTPS_PORT, "http": 80}.get(parts.scheme)
    return parts.scheme, parts.hostname or "", parts.port or default


def _charset(content_type: str) -> str:
    for part in content_type.split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().casefold() == "charset":
            return value.strip().strip("\"'")
    return ""
