"""Backups go round: everything comes back, onto any server, or nothing changes."""

import json
import tarfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from core.errors import StoreError
from core.records import FAILED, Reflection
from core.settings import Settings, load_settings
from core.store import (
    Defects,
    Journal,
    Modules,
    Patches,
    Plans,
    Probations,
    Quarantines,
    Reflections,
    Runs,
    Store,
    open_store,
)
from core.store.archive import Manifest
from core.store.backup import backup
from core.store.restore import read_manifest, restore
from tests.conftest import empty
from tests.core.store.test_modules import ROW

CALL = Reflection(
    1,
    "r",
    "m.a",
    1,
    5,
    5,
    {"x": float("nan"), "t": "tab\tnul\x00"},
    None,
    [],
    FAILED,
    "\\N",
)


def fill(store: Store) -> None:
    """Something in every kind of column."""
    Modules(store).add_version(ROW)
    Modules(store).set_live(ROW.module, 1)
    Plans(store).save(
        "demo", 'quote " newline \n tab \t \\', {"a": [1.0]}, "", Decimal(1)
    )
    Reflections(store).append_failure(CALL)
    Runs(store).start("run-1", "demo", "paper", {})
    Runs(store).commit([], stack="demo", mode="paper", state={"X": {"n": 1e22}})
    Journal(store).open("write", "m.a", {})


def repair(store: Store) -> None:
    """A defect settled, the patch it left, a probation and a quarantine."""
    defects = Defects(store)
    seen = {"shown": [{"x": float("nan")}], "call_ids": [1]}
    told = {"trigger": "exception", "remark": "tab\t\\N", "evidence": seen}
    one = defects.report(ROW.module, 1, "exception KeyError line 1", **told).id
    defects.settle(one, "repaired", repaired_by=2, cost_usd=Decimal("0.0012"))
    defects.set_fate(one, "kept", "100 calls")
    Patches(store).keep("s", "c", "b", ROW.body, module=ROW.module, defect=one)
    Probations(store).start(ROW.module, 1, safe_version=None, calls_needed=9)
    Quarantines(store).set(ROW.module, 1, reason="it lies", by="ann")


def contents(store: Store) -> dict[str, list[str]]:
    """Every row as text, but for the counter that restoring moves on."""
    names = store.rows(
        "SELECT schemaname || '.' || tablename FROM pg_tables"
        " WHERE schemaname IN ('system_logs', 'trading_data')"
        " AND tablename NOT IN ('counters', 'migrations') ORDER BY 1"
    )
    return {
        name: [
            text for (text,) in store.rows(f"SELECT t::text FROM {name} t ORDER BY 1")
        ]
        for (name,) in names
    }


def test_everything_comes_back(store: Store, tmp_path: Path) -> None:
    fill(store)
    repair(store)
    before = contents(store)
    path, manifest = backup(store, tmp_path / "b.tar.gz")
    empty(store)
    assert restore(store, path) == manifest == read_manifest(path)
    assert contents(store) == before


def test_what_came_after_the_backup_is_gone_and_counting_goes_on(
    store: Store, tmp_path: Path
) -> None:
    fill(store)
    path, _ = backup(store, tmp_path / "b.tar.gz")
    journal = Journal(store)
    journal.open("write", "later", {})
    restore(store, path)
    assert [e.module for e in journal.pending()] == ["m.a"]
    assert journal.open("write", "again", {}) == 2


def test_a_running_stack_notices_that_it_was_restored(
    store: Store, tmp_path: Path
) -> None:
    path, _ = backup(store, tmp_path / "b.tar.gz")
    modules = Modules(store)
    for _ in range(3):
        modules.bump()
    restore(store, path)
    assert modules.generation() == 4


@pytest.mark.parametrize("to_embedded", [True, False])
def test_a_backup_goes_from_one_kind_of_server_to_the_other(
    settings: Settings,
    home: Path,
    external: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    to_embedded: bool,
) -> None:
    monkeypatch.setenv("ASZA_HOME", str(home))
    inside = load_settings(settings.root)
    monkeypatch.setenv("DATABASE_URL", external["DATABASE_URL"])
    outside = load_settings(settings.root)
    with open_store(inside) as one, open_store(outside) as other:
        source, target = (other, one) if to_embedded else (one, other)
        for store in (source, target):
            empty(store)
        fill(source)
        path, _ = backup(source, tmp_path / "b.tar.gz")
        restore(target, path)
        assert contents(target) == contents(source)


def test_the_default_place_is_the_state_folder(store: Store) -> None:
    path, _ = backup(store)
    assert path.parent == store.settings.home / "backups"
    path.unlink()


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def not_a_backup(path: Path) -> None:
    path.write_text("hello")


def gone(path: Path) -> None:
    path.unlink()


def without_manifest(path: Path) -> None:
    with tarfile.open(path, "w:gz"):
        pass


@pytest.mark.parametrize("damage", [truncated, not_a_backup, gone, without_manifest])
def test_a_damaged_backup_changes_nothing(
    store: Store, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    fill(store)
    before = contents(store)
    path, _ = backup(store, tmp_path / "b.tar.gz")
    damage(path)
    with pytest.raises(StoreError):
        restore(store, path)
    assert contents(store) == before


def repacked(path: Path, folder: Path, change: Callable[[Path], None]) -> None:
    with tarfile.open(path) as archive:
        archive.extractall(folder, filter="data")
    change(folder)
    with tarfile.open(path, "w:gz") as archive:
        for file in folder.iterdir():
            archive.add(file, file.name)


def test_a_table_cut_short_changes_nothing(store: Store, tmp_path: Path) -> None:
    fill(store)
    before = contents(store)
    path, _ = backup(store, tmp_path / "b.tar.gz")
    repacked(
        path, tmp_path / "x", lambda f: (f / "system_logs.plans.copy").write_text("")
    )
    with pytest.raises(StoreError, match=r"system_logs\.plans has 0 rows"):
        restore(store, path)
    assert contents(store) == before


def test_a_backup_of_a_newer_program_is_refused(store: Store, tmp_path: Path) -> None:
    path, _ = backup(store, tmp_path / "b.tar.gz")

    def newer(folder: Path) -> None:
        file = folder / "manifest.json"
        file.write_text(file.read_text().replace('"1":', '"99":'))

    repacked(path, tmp_path / "x", newer)
    with pytest.raises(StoreError, match="0099") as caught:
        restore(store, path)
    assert "update" in caught.value.remedy


def test_a_backup_that_cannot_be_written_leaves_no_trace(
    store: Store, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="backup was not written"):
        backup(store, tmp_path / "file" / "b.tar.gz")
    folder = tmp_path / "taken.tar.gz"
    (folder / "inside").mkdir(parents=True)
    with pytest.raises(StoreError):
        backup(store, folder)
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_dir()) == [
        "project",
        folder.name,
    ]


def test_a_manifest_counts_its_rows(store: Store, tmp_path: Path) -> None:
    fill(store)
    manifest: Manifest = backup(store, tmp_path / "b.tar.gz")[1]
    assert manifest.rows == 7


def renamed_table(folder: Path) -> None:
    file = folder / "manifest.json"
    text = file.read_text().replace("system_logs.plans", "public.victim")
    file.write_text(text)
    (folder / "system_logs.plans.copy").rename(folder / "public.victim.copy")


def table_of_migrations(folder: Path) -> None:
    file = folder / "manifest.json"
    text = file.read_text().replace("system_logs.plans", "system_logs.migrations")
    file.write_text(text)
    (folder / "system_logs.plans.copy").rename(folder / "system_logs.migrations.copy")


def unknown_column(folder: Path) -> None:
    file = folder / "manifest.json"
    file.write_text(file.read_text().replace('"architect"', '"nobody"'))


def table_twice(folder: Path) -> None:
    file = folder / "manifest.json"
    data = json.loads(file.read_text())
    data["tables"].append(data["tables"][0])
    file.write_text(json.dumps(data))


def path_as_a_table(folder: Path) -> None:
    file = folder / "manifest.json"
    text = file.read_text().replace("system_logs.plans", "../../victim.x")
    file.write_text(text)


def number_as_a_table(folder: Path) -> None:
    file = folder / "manifest.json"
    file.write_text(file.read_text().replace('"system_logs.plans"', "7"))


@pytest.mark.parametrize(
    "change",
    [
        *(renamed_table, table_of_migrations, unknown_column, table_twice),
        *(path_as_a_table, number_as_a_table),
    ],
)
def test_a_backup_that_names_what_is_not_ours_changes_nothing(
    store: Store, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    columns = store.rows(
        "SELECT column_name || ' text' FROM information_schema.columns"
        " WHERE table_schema = 'system_logs' AND table_name = 'plans'"
    )
    store.execute("DROP TABLE IF EXISTS public.victim")
    store.execute(f"CREATE TABLE public.victim ({', '.join(c for (c,) in columns)})")
    store.execute("INSERT INTO public.victim (stack) VALUES ('mine')")
    fill(store)
    before = contents(store)
    path, _ = backup(store, tmp_path / "b.tar.gz")
    repacked(path, tmp_path / "x", change)
    with pytest.raises(StoreError):
        restore(store, path)
    assert contents(store) == before
    assert store.rows("SELECT stack FROM public.victim") == [("mine",)]
    store.execute("DROP TABLE public.victim")


def member(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0) -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.size, found.linkname = kind, size, "/etc/passwd"
    return found


@pytest.mark.parametrize(
    "extra",
    [
        member("../outside.copy"),
        member("/tmp/outside.copy"),
        member("notes.txt"),
        member("system_logs.extra.copy", tarfile.SYMTYPE),
        member("system_logs.extra.copy", tarfile.LNKTYPE),
        member("system_logs.extra.copy", tarfile.DIRTYPE),
        member("system_logs.extra.copy", tarfile.FIFOTYPE),
        member("system_logs.extra.copy", size=1 << 40),
        member("system_logs.plans.copy"),
    ],
    ids=lambda m: f"{m.name} {m.type!r} {m.size}",
)
def test_an_archive_with_anything_but_expected_plain_files_is_refused(
    store: Store, tmp_path: Path, extra: tarfile.TarInfo
) -> None:
    path, _ = backup(store, tmp_path / "b.tar.gz")
    with tarfile.open(path) as old, tarfile.open(tmp_path / "c.tar.gz", "w:gz") as new:
        for each in old:
            new.addfile(each, old.extractfile(each))
        new.addfile(extra)  # the size is a claim: nothing so large is written here
    with pytest.raises(StoreError, match="not a backup"):
        read_manifest(tmp_path / "c.tar.gz")
