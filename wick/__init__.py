"""Wick: a module that fails is diagnosed, repaired, proven and swapped while it runs.

Nothing here runs a body outside a sandbox, and nothing here writes a module except
`wick.promotion`, after a trial.
"""
