"""What the browser is told about every answer: what it may load, keep and reveal."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, abort, request
from werkzeug.middleware.proxy_fix import ProxyFix

from wholecell.config import Config

CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self)",
}
ON_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


def init_app(app: Flask, settings: Config) -> None:
    """Add the headers, trust as many proxies as the settings say, and answer only to our own name."""
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    headers = dict(HEADERS)
    if settings.public_url.startswith("https:"):
        headers["Strict-Transport-Security"] = "max-age=31536000"
    names = _names(settings)

    @app.before_request
    def check_host() -> None:
        # A page of another site can point its own name at this machine and talk to us as that name.
        if request.endpoint != "health.healthz" and urlsplit(f"//{request.host}").hostname not in names:
            abort(421)

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def _names(settings: Config) -> set[str | None]:
    names = {urlsplit(settings.public_url).hostname}
    return names | ON_THIS_MACHINE if settings.is_local else names
