"""The engine: one loop for backtest, paper and replay, under two clocks."""
