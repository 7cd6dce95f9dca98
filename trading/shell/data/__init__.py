"""Historical candles: from files and Kraken into the store, checked, and out again."""
