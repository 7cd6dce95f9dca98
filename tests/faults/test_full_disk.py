"""A disk that is full or may not be written: said so, nothing half, and on with it."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from core.settings import Settings
from core.store import Modules, Store, open_store
from tests.faults.conftest import PRODUCT, SUM, Asza, check_whole


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[Path, str], None]]:
    """Puts a small disk on a folder; only root may."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    mounted: list[Path] = []

    def put(folder: Path, size: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            mount("-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", str(folder))
        except (subprocess.CalledProcessError, FileNotFoundError):
            pytest.skip("this machine lets nobody mount a small disk")
        mounted.append(folder)

    yield put
    for folder in mounted:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def fill(folder: Path) -> Path:
    """Use every byte that is left."""
    filler = folder / "filler"
    with suppress(OSError), filler.open("wb") as file:
        for size in (1 << 20, 1 << 12, 1):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))
                    file.flush()
    return filler


@pytest.mark.parametrize("where", ["generated", "prompts"])
def test_a_full_disk_under_the_files_changes_nothing(
    asza: Asza,
    store: Store,
    disk: Callable[[Path, str], None],
    where: str,
) -> None:
    asza("ask", SUM, "--stack", "sums", "--no-run").went()
    disk(store.settings.root / where / "more", "64k")
    filler = fill(store.settings.root / where / "more")
    done = asza("ask", PRODUCT, "--stack", "more", "--no-run", "--json").refused(9)
    assert "free some space" in done.json["remedy"]
    assert "No space left" in done.json["message"]
    check_whole(store)
    assert [row.module for row in Modules(store).all_live()] == ["sums.f"]
    asza("run", "sums").went()
    filler.unlink()
    asza("ask", PRODUCT, "--stack", "more", "--no-run").went()
    check_whole(store)


def test_a_read_only_folder_is_named_and_the_modules_stay(
    asza: Asza, store: Store, disk: Callable[[Path, str], None]
) -> None:
    generated = store.settings.root / "generated"
    disk(generated, "1m")
    asza("ask", SUM, "--stack", "sums", "--no-run").went()
    mount("-o", "remount,ro", str(generated))
    asza("build", "sums", "--fresh").went()  # the same body: nothing to write
    asza("ask", PRODUCT, "--stack", "more", "--no-run").refused(9, "writable")
    asza("run", "sums").went()
    check_whole(store)
    mount("-o", "remount,rw", str(generated))
    asza("ask", PRODUCT, "--stack", "more", "--no-run").went()
    check_whole(store)


def test_a_home_too_small_for_the_database_is_told(
    alone: Settings, here: Asza, disk: Callable[[Path, str], None]
) -> None:
    disk(alone.home, "4m")
    here("plan", SUM).refused(9, "free disk space")
    here("list").went()


def test_a_home_that_fills_up_is_told_and_works_again_once_there_is_room(
    alone: Settings, here: Asza, disk: Callable[[Path, str], None]
) -> None:
    disk(alone.home, "160m")
    here("ask", SUM, "--stack", "sums", "--no-run").went()
    filler = fill(alone.home)
    here("ask", PRODUCT, "--stack", "more", "--no-run").refused(9)
    here("run", "sums")
    filler.unlink()
    here("ask", PRODUCT, "--stack", "more", "--no-run").went()
    with open_store(alone) as store:
        check_whole(store)
