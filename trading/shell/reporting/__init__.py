"""Reports of a session: a terminal table, one JSON document, one HTML page.

All three say the same figures, and say that a simulated session is not profit.
"""
