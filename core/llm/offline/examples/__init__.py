"""Examples in a request, read into spec drafts."""

from core.llm.offline.examples.parsing import Examples, parse_examples

__all__ = ["Examples", "parse_examples"]
