"""Format Python through the `ruff` binary, remembering what was formatted."""

import subprocess
from functools import lru_cache

import ruff  # type: ignore[import-untyped]

from core.errors import AszaError, BodyRefused

COLUMNS = 88
_TIMEOUT = 10.0
_CONFIG = (
    # Canonical means as few lines as the columns allow, whatever commas say.
    "format.skip-magic-trailing-comma=true",
    "lint.isort.split-on-trailing-comma=false",
)


@lru_cache(maxsize=4096)
def canonical_format(source: str) -> str:
    """`source` formatted at 88 columns; `BodyRefused` when it does not parse."""
    done = _run_ruff(source)
    if done.returncode:
        raise BodyRefused(
            f"the formatter refuses this text: {_first_line(done.stderr)}",
            field="body",
            remedy="give statements that Python 3.11 can parse",
        )
    return done.stdout.decode()


def _run_ruff(source: str) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(
            _command(),
            input=source.encode(errors="surrogatepass"),
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AszaError(
            f"ruff cannot be run: {error}", remedy="install requirements.txt again"
        ) from error


@lru_cache(maxsize=1)
def _command() -> tuple[str, ...]:
    settings = [part for item in _CONFIG for part in ("--config", item)]
    return (
        ruff.find_ruff_bin(),
        "format",
        "--isolated",
        "--no-cache",
        f"--line-length={COLUMNS}",
        "--target-version=py311",
        *settings,
        "--stdin-filename=body.py",
        "-",
    )


def _first_line(stderr: bytes) -> str:
    lines = stderr.decode(errors="replace").strip().splitlines()
    return lines[0][:200] if lines else "no reason given"
