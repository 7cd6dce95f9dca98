"""The doctor: every check answers, failing ones say what to do, no key is shown."""

from pathlib import Path

import pytest

from core.doctor import Check, examine, healthy, size
from core.settings import Settings
from core.store import Journal, Store

KEY = "correct-horse-battery-staple"


def found(checks: list[Check], name: str) -> Check:
    [check] = [c for c in checks if c.name == name]
    return check


def test_a_sound_installation_is_healthy(store: Store) -> None:
    checks = examine(store.settings.root)
    assert [c.name for c in checks] == [
        *("python", "settings", "disk", "keys", "sandbox"),
        *("postgres", "clock", "redis", "journal", "sizes"),
    ]
    slow = {"postgres", "redis"}  # a busy machine may be slow, and says so
    assert healthy(c for c in checks if c.name not in slow)


def test_keys_are_present_or_not_and_never_shown(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    checks = examine(store.settings.root)
    assert KEY not in str([c.as_dict() for c in checks])
    assert found(checks, "keys").detail.startswith("set: OPENAI_API_KEY; not set")


def test_a_wrong_setting_is_told_and_the_rest_is_left(settings: Settings) -> None:
    (settings.root / ".env").write_text("BUDGET_PER_DAY=lots\n")
    checks = examine(settings.root)
    assert [c.name for c in checks] == ["python", "settings"]
    assert "BUDGET_PER_DAY" in checks[1].remedy
    assert not healthy(checks)


def test_a_misspelt_setting_is_told_with_what_was_meant(store: Store) -> None:
    (store.settings.root / ".env").write_text("BUDGET_PER_DAYS=1\n")
    check = found(examine(store.settings.root), "settings")
    assert not check.ok
    assert "BUDGET_PER_DAY?" in check.detail


def test_a_dead_database_is_told_and_the_other_checks_still_answer(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:hunter22@127.0.0.1:1/db")
    checks = examine(settings.root)
    assert found(checks, "sandbox").ok
    check = found(checks, "postgres")
    assert not check.ok
    assert "DATABASE_URL" in check.remedy
    assert "hunter22" not in str(checks)


def test_a_dead_redis_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    checks = examine(store.settings.root)
    assert found(checks, "postgres").detail
    assert "REDIS_URL" in found(checks, "redis").remedy


def test_unfinished_work_is_told(store: Store) -> None:
    Journal(store).open("write", "demo.double", {})
    check = found(examine(store.settings.root), "journal")
    assert (check.ok, check.detail) == (False, "1 unfinished: demo.double")
    assert "asza build" in check.remedy
    assert "asza list" not in check.remedy


def test_tables_are_too_large_where_the_settings_say_so(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.execute(
        "CREATE TABLE trading_data.large AS "
        "SELECT repeat('x', 1500) AS x FROM generate_series(1, 2000)"
    )
    assert found(examine(store.settings.root), "sizes").ok
    monkeypatch.setenv("STORE_GB", "0.002")
    check = found(examine(store.settings.root), "sizes")
    assert (check.ok, "STORE_GB = 0.002" in check.detail) == (False, True)
    assert "raise STORE_GB" in check.remedy
    assert "`asza store retain`" in check.remedy


def test_a_state_folder_that_cannot_be_written_is_told(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ASZA_HOME", str(tmp_path / "file" / "home"))
    assert not found(examine(settings.root), "disk").ok


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1536, "1.5 kB"),
        (5 << 20, "5.0 MB"),
        (3 << 30, "3.0 GB"),
    ],
)
def test_sizes_are_for_people(count: int, shown: str) -> None:
    assert size(count) == shown
