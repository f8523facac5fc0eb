"""A real socket that answers as a test says, for what a pretended answer cannot show: cuts, drips, sizes."""

import socket
import threading
from contextlib import suppress

import pytest
import responses
import structlog


class SocketServer:
    """Each connection's request is read whole, kept in `requests`, and given with its socket to `answer`."""

    def __init__(self):
        self.requests = []
        self.answer = lambda connection, request: None
        self.over = threading.Event()  # lets an answer that stalls end with the test
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self):
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection):
        with connection, suppress(OSError):
            request = self._read(connection)
            self.requests.append(request)
            self.answer(connection, request)

    @staticmethod
    def _read(connection):
        data = b""
        while b"\r\n\r\n" not in data:
            data += connection.recv(65536)
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        while len(body) < length:
            body += connection.recv(65536)
        return head + b"\r\n\r\n" + body

    def close(self):
        self.over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)


@pytest.fixture
def server():
    running = SocketServer()
    yield running
    running.close()


@pytest.fixture(autouse=True)
def _every_line_is_logged():
    """Whatever the level that the app of an earlier test was given."""
    structlog.reset_defaults()


@pytest.fixture
def answers():
    """Planned answers by URL; a call to any other URL fails the test."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as planned:
        yield planned
