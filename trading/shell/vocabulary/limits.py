"""Limits on when to enter, each as a gate: what one sentence adds to a stack that trades.

A gate ends the decision for a symbol with a false `proceed` and says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING

from core.llm.offline.rules.rule import Rule
from core.llm.offline.rules.tree import (
    Choose,
    Flag,
    Node,
    Text,
    Truth,
    all_of,
    negated,
)
from core.llm.offline.rules.wording import say
from trading.shell.vocabulary.meanings import Entry, Only

if TYPE_CHECKING:
    from trading.shell.vocabulary.assembly import Said
    from trading.shell.vocabulary.reader import TradingReader

LONGEST_REASON = 44
"""Characters that fit the line of a body they stand on."""
_LONGEST_NAME = 40


def limit_rules(said: Said) -> Iterator[Rule]:
    """A gate for each limit, where they join a stack and no entry takes them in."""
    if said.reader.standing and not said.all(Entry):
        limits = dict.fromkeys(only.when for only in said.all(Only))
        yield from (_gate(when, said.reader) for when in limits)


def note_sides(said: Said) -> None:
    """A limit on buying limits shorts too: a gate does not see which side is wanted."""
    sided = any(only.side for only in said.all(Only))
    shorts = any(entry.side == "short" for entry in said.all(Entry))
    if sided and (said.reader.standing or shorts):
        remark = "a limit on buying is taken for entries of both sides, short ones too"
        said.reader.taken[remark] = None


def limits_that_bite(said: Said) -> Iterator[Truth]:
    """When each limit forbids an entry, and when all of them allow one."""
    limits = tuple(only.when for only in said.all(Only))
    yield from map(negated, limits)
    if limits:
        yield all_of(limits)


def _gate(when: Truth, reader: TradingReader) -> Rule:
    words = _forbidden(when, reader)
    name = _name(words)
    outputs: dict[str, Node] = {
        "proceed": Flag("allowed"),
        "reason": Choose(Flag("allowed"), Text(""), Text(_reason(words))),
    }
    return Rule(
        name=name,
        role="gate",
        intent=f"Never trade {words}.",
        outputs=outputs,
        schemas={"proceed": {"unit": "flag"}, "reason": {"unit": "text"}},
        lets={"allowed": when},
        fallback={"proceed": False, "reason": f"{name} failed"},
    )


def _forbidden(when: Truth, reader: TradingReader) -> str:
    """When there is no entry, as words that follow "never trade"."""
    never = negated(when)
    # "and not on Sunday" is read in two ways: a group is not
    words = re.sub(r"(?<=\S )not (on \w+)", r"not (\1)", say(never, reader))
    return words if reader.say_special(never) else f"when {words}"


def _name(words: str) -> str:
    """ "skip_on_sunday"; a long one is cut and keeps a mark of the whole."""
    plain = re.sub(r"[^a-z0-9]+", "_", words.lower().removeprefix("when ")).strip("_")
    if len(plain) > _LONGEST_NAME:
        plain = f"{plain[:_LONGEST_NAME]}_{sha256(words.encode()).hexdigest()[:4]}"
    return f"skip_{plain}"


def _reason(words: str) -> str:
    reason = f"no entries {words}"
    if len(reason) > LONGEST_REASON:
        reason = f"{reason[: LONGEST_REASON - 3]}..."
    return reason
