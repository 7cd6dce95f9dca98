"""The trading stack: generated modules here, hand-written shell in `trading.shell`."""
