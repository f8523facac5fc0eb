"""Routes in the folders of channels, for a channel that calls us: public, so their views prove who is calling."""

from __future__ import annotations

from flask import Flask, request

from wholecell.channels import public_endpoints, routes
from wholecell.web.security import csrf

LARGEST = 1024 * 1024  # bytes of a call: a channel sends notices, not files


def init_app(app: Flask) -> None:
    """Register them. They need no token of ours, which guards browsers of people who are signed in."""
    for module in routes().values():
        app.register_blueprint(module.bp)
    public = public_endpoints()
    for endpoint in public:
        csrf.exempt(app.view_functions[endpoint])

    @app.before_request
    def cap_body() -> None:
        if request.endpoint in public:
            request.max_content_length = LARGEST
