"""What stands below a body in a module's file: how to have it written again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.template_header import template

if TYPE_CHECKING:
    from core.spec import Spec


def render_footer(spec: Spec) -> str:
    """One comment line."""
    return template("module_footer.py.j2").render(module=spec.id)
