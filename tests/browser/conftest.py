"""A real browser against the app, served on a free port."""

import dataclasses
import shutil
import socket
import threading

import pytest
from waitress import create_server

from tests.factories import make_user
from wholecell import create_app
from wholecell.db import db
from wholecell.services import login_links, start_lists

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


# These take half of all the time: begun last, one of them would keep a single worker busy while the others wait.
LONG = (
    "test_five_channels.py",
    "test_stock.py::test_pages_are",
    "test_story.py",
    "test_fulfil.py::test_pages",
    "test_orders.py::test_pages",
)


def pytest_collection_modifyitems(items):
    """The long ones first."""
    items.sort(key=lambda item: not any(name in item.nodeid for name in LONG))


@pytest.fixture
def site(settings):
    """The app on a free port of this machine; `site.url` and `site.link_for(role)`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = create_app(dataclasses.replace(settings, port=port, public_url=f"http://localhost:{port}"))
    server = create_server(app, host="127.0.0.1", port=port, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    with app.app_context():
        start_lists.ensure()
        yield Site(app, f"http://localhost:{port}")
        server.close()
        thread.join(1)
        db.session.remove()
        db.engine.dispose()


@dataclasses.dataclass
class Site:
    app: object
    url: str

    def sign_in(self, page, user=None):
        """Sign in through a one-time link."""
        token = login_links.make("signin", (user or make_user("maya@example.com", "admin", name="Maya Ortiz")).id)
        db.session.commit()
        page.goto(f"{self.url}/link/{token}")
        page.get_by_role("button", name="Sign in").click()
        page.locator("summary[aria-label$='your account']").wait_for()


@pytest.fixture(scope="session")
def chromium():
    if not CHROMIUM:
        pytest.skip("needs Chromium on the PATH")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    """A page of a fresh browser profile; a script or style the content policy stops fails the test."""
    context = chromium.new_context()
    page = context.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert not [text for text in complaints if "Failed to load resource" not in text]
