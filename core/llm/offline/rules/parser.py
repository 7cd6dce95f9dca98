"""A request, sentence by sentence, through lark; and what in it was not understood."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lark import Tree
from lark.exceptions import UnexpectedInput, VisitError

from core.llm.offline.rules.earley import parser_for
from core.llm.offline.rules.mentions import Mentions
from core.llm.offline.rules.reader import RuleReader
from core.llm.offline.rules.rule import NotUnderstood, Problem
from core.llm.offline.rules.words import Word, typed, words_of

REPHRASE = "rephrase it as a rule, give examples such as 'f(2, 3) is 5', or set a key"
LONGEST_QUOTE = 100
LONGEST_SENTENCE = 250
_BREAK = "\n"
_BULLET = re.compile(r"(?m)^[ \t>]*(?:[-*•‣◦·–—]+|\(?\d{1,2}[.)](?!\d)|[a-z]\))[ \t]+")
_LIST_WORDS = frozenset(
    "all any both each every one of these those the following conditions condition "
    "hold holds are is true met apply rules signals at least".split()
)
_JOINTS = frozenset({",", "and", "or", "but", "unless", "when", "if", "then", "with"})


@dataclass(frozen=True, slots=True)
class Heard:
    """What one sentence said: the vocabulary's own statements, or a problem."""

    words: tuple[Word, ...]
    said: tuple[Any, ...] = ()
    problem: Problem | None = None


def hear(text: str, grammar: str, reader: RuleReader) -> list[Heard]:
    """Every sentence of the text, in order, parsed or with its problem."""
    return [
        heard
        for sentence in sentences(text, reader)
        for heard in _hear_sentence(sentence, text, grammar, reader)
    ]


def _hear_sentence(
    words: Sequence[Word], text: str, grammar: str, reader: RuleReader
) -> Iterator[Heard]:
    """The sentence as one, else line by line: a line break may or may not end it."""
    before, heard = reader.mentions, []
    for way in _as_one(words):
        reader.mentions = before
        heard.append(_parsed(way, text, grammar, reader))
        if heard[-1].problem is None:
            yield heard[-1]
            return
    lines = list(_lines(words))
    if len(lines) == 1:
        yield heard[0]
        return
    reader.mentions = before
    yield from (_parsed(line, text, grammar, reader) for line in lines)


def _as_one(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Line breaks read as commas, then as nothing."""
    yield [_comma(word) if word.text == _BREAK else word for word in words]
    if any(word.text == _BREAK for word in words):
        yield [word for word in words if word.text != _BREAK]


def _comma(word: Word) -> Word:
    return Word(",", "mark", word.start, word.end)


def _lines(words: Sequence[Word]) -> Iterator[list[Word]]:
    line: list[Word] = []
    for word in words:
        if word.text == _BREAK:
            yield line
            line = []
        else:
            line.append(word)
    yield line


def _parsed(said: Sequence[Word], text: str, grammar: str, reader: RuleReader) -> Heard:
    words = reader.respelled(said, text)
    if not words:
        return Heard(tuple(said))
    if len(words) > LONGEST_SENTENCE:
        why = f"a sentence of {len(words)} words is too long to read"
        return _failed(
            words, Problem(_quote(words, text, reader), why, "use short sentences")
        )
    doubt = reader.doubt(words, text)
    if doubt is not None:
        return _failed(words, doubt)
    try:
        tree: Tree[Any] = parser_for(grammar).parse(list(words))
        return Heard(tuple(words), tuple(_flat(reader.transform(tree))))
    except UnexpectedInput as error:
        reader.mentions = Mentions()
        known = reader.unmeant(words)
        if known is not None:
            quote = _quote(_piece(words, known.at), text, reader)
            return _failed(words, Problem(quote, known.why, known.remedy))
        place = _place(error, words)
        quote = _quote(_piece(words, place) if place else words, text, reader)
        return _failed(words, Problem(quote, "these words are not a rule", REPHRASE))
    except VisitError as error:
        if not isinstance(error.orig_exc, NotUnderstood):
            raise
        reader.mentions = Mentions()
        quote = _quote(words, text, reader)
        return _failed(words, Problem(quote, error.orig_exc.why, error.orig_exc.remedy))


def _failed(words: Sequence[Word], problem: Problem) -> Heard:
    return Heard(tuple(words), problem=problem)


def _flat(said: Any) -> Iterator[Any]:
    if isinstance(said, list | tuple):
        for each in said:
            yield from _flat(each)
    elif said is not None:
        yield said


def _place(error: UnexpectedInput, words: Sequence[Word]) -> int:
    """The index of the word the parser stopped at; the last one at an early end."""
    token = getattr(error, "token", None)
    start = getattr(token, "start_pos", None)
    found = (i for i, word in enumerate(words) if word.start == start)
    return next(found, len(words) - 1)


def _piece(words: Sequence[Word], at: int) -> Sequence[Word]:
    """The words round `at` up to the nearest joints on either side."""
    first = at
    while first > 0 and words[first - 1].text not in _JOINTS:
        first -= 1
    last = at + 1
    while last < len(words) and words[last].text not in _JOINTS:
        last += 1
    return words[first:last]


def _quote(words: Sequence[Word], text: str, reader: RuleReader) -> str:
    quoted = typed(words, text, reader.noise)
    return quoted if len(quoted) <= LONGEST_QUOTE else quoted[:LONGEST_QUOTE] + "…"


# sentences ----------------------------------------------------------------------------
def sentences(text: str, reader: RuleReader) -> list[list[Word]]:
    """The sentences of a text as words, with line breaks inside kept as words.

    A sentence ends at `.`, `;`, `!`, `?`, an empty line or a bullet; bullets under a
    line that ends with a colon are joined to it with "and", or with "or" under "any".
    """
    bullets = {match.end() for match in _BULLET.finditer(text)}
    marked = _BULLET.sub(lambda match: " " * len(match.group()), text)
    words = [_normal(word, reader) for word in words_of(marked)]
    split = _Split(reader.is_title)
    for word in _with_breaks([w for w in words if w], marked, bullets):
        split.take(word)
    return [trimmed for each in split.found if (trimmed := _trimmed(each))]


@dataclass
class _Split:
    """Collects words into sentences; knows the list header that bullets belong to."""

    is_title: Callable[[Sequence[Word]], bool]
    found: list[list[Word]] = field(default_factory=list)
    header: list[Word] | None = None
    joint: str = ""
    fresh: bool = True

    def take(self, word: Word) -> None:
        """Add a word to its sentence, or note where one ends."""
        if word.kind == "bullet":
            self._bullet(word)
        elif word.kind == "end":
            self.fresh = True
            self.header = None if word.text == "blank" else self.header
        else:
            if self.fresh:
                self.found.append([])
            self.found[-1].append(word)
            self.fresh = False

    def _bullet(self, word: Word) -> None:
        """An item: joined to its list's header, else a sentence of its own."""
        opened = _header(self.found)
        if opened is not None and self.is_title(opened[:-1]):
            self.found.pop()
            opened = None
        if opened is not None:
            self.header, self.joint = opened, _joint(opened)
            _strip_list_words(opened)
        listed = bool(self.found) and self.found[-1] is self.header
        if listed and self.header and self.header[-1].text not in _JOINTS:
            self.header.append(Word(self.joint, "word", word.start, word.start))
        self.fresh = not listed


def _normal(word: Word, reader: RuleReader) -> Word | None:
    """The word as the grammar spells it; None when it says nothing."""
    text = reader.synonyms.get(word.text, word.text) if word.kind == "word" else ""
    if word.kind == "word" and (text in reader.noise or not text):
        return None
    return Word(text or word.text, word.kind, word.start, word.end)


def _with_breaks(words: Sequence[Word], text: str, bullets: set[int]) -> Iterator[Word]:
    """The words with what lies between them: bullets, ends and line breaks."""
    last = 0
    for word in words:
        between = text[last : word.start]
        starts = [place for place in bullets if last <= place <= word.start]
        if starts:
            yield Word("bullet", "bullet", word.start, word.start)
        elif re.search(r"\n\s*\n", between):
            yield Word("blank", "end", word.start, word.start)
        elif "\n" in between:
            yield Word(_BREAK, "mark", last, word.start)
        if word.text in (".", ";", "!", "?") and word.kind == "mark":
            yield Word(word.text, "end", word.start, word.end)
        else:
            yield word
        last = word.end


def _header(found: Sequence[list[Word]]) -> list[Word] | None:
    """The sentence before a bullet, if it introduces a list."""
    ends = found[-1][-1].text if found and found[-1] else ""
    return found[-1] if ends == ":" and len(found[-1]) > 1 else None


def _joint(header: Sequence[Word]) -> str:
    said = {word.text for word in header}
    return "or" if said & {"any", "either", "or"} else "and"


def _strip_list_words(header: list[Word]) -> None:
    """Drop "all of these hold:" from the end of a list's header."""
    while header and header[-1].text in _LIST_WORDS | {":"}:
        header.pop()


def _trimmed(words: Iterable[Word]) -> list[Word]:
    """The sentence without commas, breaks and joints at its ends."""
    idle = {",", _BREAK, "and", "then", "or"}
    kept = list(words)
    while kept and kept[0].text in idle:
        kept.pop(0)
    while kept and kept[-1].text in idle:
        kept.pop()
    return kept
