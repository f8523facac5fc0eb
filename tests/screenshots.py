"""`make screenshots`: the README's pictures, taken of the demo."""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.processes import Process, free_ports
from wholecell import ROOT

FOLDER = ROOT / "static" / "readme"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# File name -> the page, and light or dark.
PICTURES = {"listings.png": ("/listings/", "light"), "orders.png": ("/orders/", "light")}
SIZE = {"width": 1440, "height": 900}


def main() -> None:
    """Start a fresh demo, sign in and take every picture."""
    if not CHROMIUM:
        sys.exit("There is no Chromium on the PATH: install it, then take the pictures.")
    FOLDER.mkdir(exist_ok=True)
    port, sandbox_port = free_ports()
    with tempfile.TemporaryDirectory() as folder:
        demo = Process(Path(folder), "demo", "--port", str(port), "--sandbox-port", str(sandbox_port))
        try:
            link = demo.wait_for(r"http://localhost:\d+/link/\S+")[0]
            demo.wait_for("WholeCell is at")
            take_all(link)
        finally:
            demo.kill()


def take_all(link: str) -> None:
    """Sign in with the link and take the pictures."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        page = browser.new_page(viewport=SIZE)
        page.goto(link)
        page.get_by_role("button", name="Sign in").click()
        page.locator("summary[aria-label$='your account']").wait_for()
        for name, (path, scheme) in PICTURES.items():
            take(page, link.partition("/link/")[0] + path, scheme, FOLDER / name)
        browser.close()


def take(page: Page, url: str, scheme: str, file: Path) -> None:
    """One picture, once the page has loaded what it loads after itself."""
    page.emulate_media(color_scheme=scheme)
    answer = page.goto(url)
    if not answer or not answer.ok:
        sys.exit(f"{url} answered {answer and answer.status}.")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=file)
    print(f"Wrote {file.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
