-- Which process made the newest entry of an account: after an append whose end is not
-- known, whoever made it tells it from another's.
ALTER TABLE trading_data.accounts ADD COLUMN writer text NOT NULL DEFAULT '';
COMMENT ON COLUMN trading_data.accounts.writer IS 'A name that the journal of one process had; it says who moved last_seq';
