"""The sandbox on a real socket, in a thread of the caller's process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Event, Thread
from typing import TYPE_CHECKING, Self

from werkzeug.serving import WSGIRequestHandler, make_server

from .shop import Shop
from .wire import ConnectionCutError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class _QuietHandler(WSGIRequestHandler):
    """The shop keeps its own log of calls."""

    def make_environ(self) -> WSGIEnvironment:
        """With the headers whose names hold an underscore: werkzeug drops them, and one marketplace asks for some."""
        environ = super().make_environ()
        for name, value in self.headers.items():
            if "_" in name:
                environ.setdefault("HTTP_" + name.upper().replace("-", "_"), value)
        return environ

    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing: a cut connection is no error here."""

    def connection_dropped(self, error: BaseException, environ: WSGIEnvironment | None = None) -> None:
        """Close the connection: without an answer's headers the handler would wait on it for another call."""
        self.close_connection = True


class Sandbox:
    """Serves a shop on 127.0.0.1 until stopped; `with Sandbox(shop) as sandbox:` starts and stops it.

    Port 0 takes a free one. `wrap` puts a WSGI middleware around the app.
    """

    def __init__(
        self,
        shop: Shop | None = None,
        port: int = 0,
        wrap: Callable[[WSGIApplication], WSGIApplication] | None = None,
    ) -> None:
        from . import create_sandbox

        self.shop = shop or Shop()
        app = create_sandbox(self.shop)
        self._app = wrap(app) if wrap else app
        self._stopped = Event()
        self._server = make_server("127.0.0.1", port, self._serve, threaded=True, request_handler=_QuietHandler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), name="sandbox", daemon=True)

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def base_url(self, kind: str) -> str:
        """Where one marketplace is mounted: what its WHOLECELL_<KIND>_BASE_URL has to be."""
        return f"{self.url}/{kind}"

    def variables(self, kind: str) -> dict[str, str]:
        """The environment of a seller's program that sells on this marketplace of ours, by variable."""
        places = {"base": "", **self.shop.marketplaces[kind].addresses}
        return {f"WHOLECELL_{kind}_{name}_URL".upper(): self.base_url(kind) + path for name, path in places.items()}

    def start(self) -> Self:
        """Begin to answer, in a thread."""
        self._thread.start()
        return self

    def wait(self) -> None:
        """Keep the caller until the sandbox is stopped (Ctrl+C interrupts it)."""
        self._thread.join()

    def stop(self) -> None:
        """Answer no more and free the port; a call on its way is cut."""
        self._stopped.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self._stopped.is_set():
            raise ConnectionCutError("the sandbox was stopped")
        return self._app(environ, start_response)
