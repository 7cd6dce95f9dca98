"""The repair benchmark: seeded defects in functions of our own, repaired by Wick.

`corpus` holds the correct functions and their split, `seeding` the slips, `defects`
the set itself, `cases` what is shown to a search and what judges it.

Run it with `python -m bench.repair --split dev` while tuning and `--split test` to
report; `make bench-repair` runs the test part and the development part.
"""
