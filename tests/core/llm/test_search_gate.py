"""Bodies that the search finds pass every check of the gate."""

import pytest

from core.gate import run_gate
from core.llm.offline.examples import parse_examples
from core.llm.offline.search import search
from core.sandbox import Sandbox
from core.spec import spec_from_draft
from core.vocabulary import base_vocabulary
from tests.core.llm.search_corpus import CASES

SAMPLE = [case for case in CASES if "leverage(" not in case.request][::3]


@pytest.mark.parametrize("case", SAMPLE, ids=lambda case: case.request.split("(")[0])
def test_a_found_body_passes_the_gate(case, sandbox: Sandbox):
    vocabulary = base_vocabulary()
    (draft,) = parse_examples(case.request).drafts
    spec = spec_from_draft(draft, stack="made", vocabulary=vocabulary)
    found = search(spec)
    assert found is not None
    certificate = run_gate(spec, found.body, sandbox=sandbox, vocabulary=vocabulary)
    assert certificate.passed, certificate.checks[-1].findings
