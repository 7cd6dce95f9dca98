"""Repair of any function in any file, by cases alone: `asza repair`.

No stack, no registration, no body rules: what a function must do is what its cases say.
"""
