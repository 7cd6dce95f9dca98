"""The hunt: which text is changed next, and when there is enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import NamedTuple

from wick.search.candidates import bare, canonical, explosive, lawful, looks_up
from wick.search.court import Court, outcome_text
from wick.search.lode import Lode
from wick.search.normal import normal_form
from wick.search.text import Edit
from wick.subject import Allowance, Case, Judge, Ran, Runner, Subject, Survivor

_WAVE = 256
_LARGEST = 3
_MOST_LODES = 600
# Candidates with one outcome of the first failing case that are looked at further.
_MOST_ALIKE, _MOST_TWINS = 8, 2
# Candidates tried for more survivors once there is one: as many again, and these.
_AFTERWARDS = 4_000
_LITTLE = 0.02
# The function's own edits have every other wave for so many, then every fourth.
_TURN, _OFTEN = 2, 8_000
# Candidates that may grow values without end, in a wave of others.
_MOST_COSTLY = 1


class Candidate(NamedTuple):
    """A text, and the edit that made it of its lode's."""

    edit: Edit
    text: str


class Search:
    """An anytime search for one subject: iterate it; `tried` says how far it came."""

    def __init__(
        self,
        subject: Subject,
        cases: Sequence[Case],
        judge: Judge,
        runner: Runner,
        allowance: Allowance,
        *,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._subject = subject
        self._allowance = allowance
        self._stop = stop
        self._court = Court(subject.preamble, cases, judge, runner)
        self._source, self._docstring = bare(subject.source)
        self._seen = {hash(self._source)}
        self._forms: set[str] = set()
        self._kinds: Counter[str] = Counter()
        self._twins: Counter[str] = Counter()
        self._lodes: list[Lode] = []
        self._costly: list[Candidate] = []
        self._found_at = 0
        self._largest = _LARGEST
        self._waves = 0
        self._began = perf_counter()

    @property
    def tried(self) -> int:
        """How many candidates were run."""
        return self._court.tried

    def __iter__(self) -> Iterator[Survivor]:
        """Survivors as they are found; none where no case fails."""
        self._began = perf_counter()
        self._court.open(self._source)
        if not self._court.failing:
            return
        self._lodes = [Lode(self._source)]
        while self._lodes and not self._over():
            yield from self._dig(self._next())
            self._lodes = [
                one for one in self._lodes if not one.dry and one.size < self._largest
            ]

    def _next(self) -> Lode:
        """The most promising lode; every other time the function itself, for a while."""
        self._waves += 1
        root = next((one for one in self._lodes if not one.size), None)
        turn = _TURN if root and root.taken < _OFTEN else 2 * _TURN
        if root and self._waves % turn == 0:
            return root
        return max(self._lodes, key=lambda one: one.promise)

    def _over(self) -> bool:
        """Whether the allowance is used up, or there is enough to choose from."""
        allowance, tried = self._allowance, self._court.tried
        enough = self._found_at and tried > 2 * self._found_at + _AFTERWARDS
        return bool(
            enough
            or len(self._forms) >= allowance.survivors
            or tried >= allowance.candidates
            or perf_counter() - self._began >= allowance.seconds
            or self._stop()
        )

    def _dig(self, lode: Lode) -> Iterator[Survivor]:
        """Try a wave of one lode's edits; remember those worth more edits."""
        edits = lode.take(_WAVE, self._subject, self._court)
        wave = self._fresh(lode, edits)
        if not wave:
            return
        rans, left = self._court.sift([one.text for one in wave])
        for number in left:
            survivor = self._survivor(lode, wave[number])
            if survivor and len(self._forms) <= self._allowance.survivors:
                yield survivor
        if lode.size + 1 < self._largest:
            self._remember(lode, wave, rans)

    def _fresh(self, lode: Lode, edits: Sequence[Edit]) -> list[Candidate]:
        """The candidates not yet tried, that may be tried."""
        wave: list[Candidate] = []
        for edit in edits:
            text = edit.apply(lode.source)
            mark = hash(text)
            if mark not in self._seen and lawful(edit, text, self._subject):
                self._seen.add(mark)
                if explosive(text) <= explosive(lode.source):
                    wave.append(Candidate(edit, text))
                elif not lode.size:
                    self._costly.append(Candidate(edit, text))
        if not lode.size and lode.tier and self._costly:
            wave += self._costly[:_MOST_COSTLY]
            del self._costly[:_MOST_COSTLY]
        return wave

    def _survivor(self, lode: Lode, found: Candidate) -> Survivor | None:
        """The candidate as a survivor, unless it is one already or a mere look-up."""
        source = canonical(found.text, self._docstring)
        if source is None or looks_up(found.text, self._source, self._court.cases):
            return None
        form = normal_form(source)
        if form in self._forms:
            return None
        self._forms.add(form)
        self._found_at = self._found_at or self._court.tried
        self._largest = min(self._largest, lode.size + 1)
        words = (*lode.words, found.edit.words)
        seconds = perf_counter() - self._began
        return Survivor(source, words, len(words), self._court.tried, seconds)

    def _remember(
        self, lode: Lode, wave: Sequence[Candidate], rans: Sequence[Ran]
    ) -> None:
        """Make lodes of the candidates that change something for the better."""
        chosen = [
            one for one, ran in zip(wave, rans, strict=True) if self._new_kind(ran)
        ]
        if not chosen:
            return
        scores = self._court.scores([one.text for one in chosen])
        for one, (score, outcomes) in zip(chosen, scores, strict=True):
            self._twins[outcomes] += 1
            if self._twins[outcomes] <= _MOST_TWINS and score > lode.score - _LITTLE:
                words = (*lode.words, one.edit.words)
                self._lodes.append(Lode(one.text, words, max(score, _LITTLE)))
        self._lodes.sort(key=lambda one: -one.promise)
        del self._lodes[_MOST_LODES:]

    def _new_kind(self, ran: Ran) -> bool:
        kind = outcome_text(ran)
        self._kinds[kind] += 1
        return not ran.crashed and self._kinds[kind] <= _MOST_ALIKE
