"""What a person says to a running trader: words in a folder, and the kill switch file.

The trader alone writes its ledger, so a command leaves a word and the trader carries it
out. Files, because halting must need neither database nor Redis, and `touch` can make one.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from time import time_ns
from typing import Any, Literal
from uuid import uuid4

from core.atomic import remove_durably, write_atomically
from core.errors import RequestRefused, StoreError
from core.home import PRIVATE, state_folder
from trading.shell.law.halts import Halts, halt_by_person, resume, told
from trading.shell.ledger.events import Halted
from trading.shell.venue.orders import Mode

Action = Literal["halt", "resume", "flatten"]
ACTIONS: tuple[Action, ...] = ("halt", "resume", "flatten")
KILL_SWITCH = "HALT"
LONGEST = 500
UNREADABLE = (
    *(OSError, ValueError, TypeError, KeyError, AttributeError),
    *(OverflowError, RecursionError),
)


@dataclass(frozen=True, slots=True)
class Word:
    """What a person asked for, why, when (UTC seconds), and of which account.

    Without an account it is for whichever trades next. `causes` are those of the halts
    that were in force when a resume was said: it ends no other. None is all of them.
    """

    action: Action
    by: str
    remark: str
    at: int
    account: str = ""
    causes: tuple[str, ...] | None = None

    def __str__(self) -> str:
        said = f": {self.remark}" if self.remark.strip() else ""
        return f"{self.action} by {self.by or 'a person'}{said}"

    def event(self, halts: Halts, at: int) -> Halted:
        """What the trader journals; RequestRefused for a resume that cannot be."""
        if self.action == "resume":
            return resume(self._meant(halts), at, self.by, self.remark)
        return halt_by_person(
            at, self.by, self.remark, flatten=self.action == "flatten"
        )

    def _meant(self, halts: Halts) -> Halts:
        """The halts that a resume is about: none that its speaker cannot have known."""
        if self.causes is None:
            return halts
        meant = {c: halt for c, halt in halts.items() if c.value in self.causes}
        if halts and not meant:
            raise RequestRefused(
                f"what halts trading came after that was said: {told(halts)}",
                field="halt",
                remedy="`asza trade status` shows it; look into it, then resume again",
            )
        return meant


def kill_switch(home: Path, mode: Mode) -> str:
    """What the kill switch says, with the file that holds it; "" where there is none.

    `touch HALT` in the folder `trade` of the state folder halts every mode, `HALT.live`
    one. A switch that cannot be looked at counts as thrown.
    """
    for path in _switches(home, mode):
        try:
            text = path.read_bytes()[:LONGEST].decode("utf-8", "replace").strip()
        except FileNotFoundError:
            continue
        except OSError as error:
            return f"{path} cannot be read: {error.strerror}"
        return f"{text or 'thrown'} (remove {path} to resume)"
    return ""


def throw_kill_switch(home: Path, remark: str, mode: Mode | None = None) -> Path:
    """Halt one mode, or every one, whatever runs; the file that does it."""
    state_folder(home, "trade")
    path = home / "trade" / (f"{KILL_SWITCH}.{mode}" if mode else KILL_SWITCH)
    write_atomically(path, remark, mode=PRIVATE)
    return path


def leave(home: Path, mode: Mode, word: Word) -> Path:
    """Leave a word for the trader of `mode`; the file that is gone once it was heard.

    RequestRefused for a resume without a remark or against a kill switch.
    """
    if word.action == "resume":
        _resumable(home, mode, word)
    state_folder(home, "trade")
    name = f"{word.at:012d}-{time_ns():020d}-{uuid4().hex[:8]}.json"
    path = _folder(home, mode) / name
    write_atomically(path, json.dumps(asdict(word)), mode=PRIVATE)
    return path


def heard(home: Path, mode: Mode, account: str) -> list[tuple[Path, Word]]:
    """The words left for an account of a mode, oldest first.

    One that cannot be read halts whoever finds it.
    """
    folder = _folder(home, mode)
    try:
        paths = sorted(p for p in folder.iterdir() if p.suffix == ".json")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(
            f"the words left for the trader cannot be read: {error.strerror}",
            where=str(folder),
            remedy="make the folder readable",
        ) from error
    words = [(path, _read(path)) for path in paths]
    return [(path, word) for path, word in words if word.account in ("", account)]


def done(path: Path) -> None:
    """A word was carried out, and is in the ledger."""
    remove_durably(path)


def _resumable(home: Path, mode: Mode, word: Word) -> None:
    if switch := kill_switch(home, mode):
        raise RequestRefused(
            f"the kill switch is thrown: {switch}",
            field="kill_switch",
            remedy="remove that file first",
        )
    if not word.remark.strip():
        raise RequestRefused(
            "trading is resumed with a remark only",
            field="remark",
            remedy="say in a few words what was wrong and why it is over",
        )


def _read(path: Path) -> Word:
    try:
        return _word(json.loads(path.read_text(encoding="utf-8")))
    except UNREADABLE:
        return Word("halt", "", f"{path.name} cannot be read, so trading halts", 0)


def _word(said: dict[str, Any]) -> Word:
    account, causes = said.get("account", ""), said.get("causes")
    if not isinstance(account, str) or not isinstance(causes, list | None):
        raise TypeError("no word")
    return Word(
        ACTIONS[ACTIONS.index(said["action"])],
        str(said["by"])[:LONGEST],
        str(said["remark"])[:LONGEST],
        int(said["at"]),
        account,
        None if causes is None else tuple(map(str, causes)),
    )


def _switches(home: Path, mode: Mode) -> tuple[Path, Path]:
    folder = home / "trade"
    return folder / KILL_SWITCH, folder / f"{KILL_SWITCH}.{mode}"


def _folder(home: Path, mode: Mode) -> Path:
    return home / "trade" / f"{mode}.words"
