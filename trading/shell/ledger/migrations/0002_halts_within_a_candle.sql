-- A person may halt, resume and halt again within one candle, and every word of it counts:
-- what was written before is known by the account's state, which is the sum of these rows.
ALTER TABLE trading_data.halts DROP CONSTRAINT halts_mode_account_at_cause_by_key;
