"""A page as Chromium makes it, for tests that a page's scripts must pass."""

import shutil
import subprocess
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--virtual-time-budget=10000",
    "--dump-dom",
)


def dom_of(page: Path, profile: Path) -> str:
    """The page's DOM after its scripts have run; skips the test without a browser."""
    if not CHROMIUM:
        pytest.skip("chromium is not installed; the page is not opened in a browser")
    where = [f"--user-data-dir={profile}", page.as_uri()]
    done = subprocess.run(
        [CHROMIUM, *FLAGS, *where], capture_output=True, text=True, timeout=100
    )
    return done.stdout
