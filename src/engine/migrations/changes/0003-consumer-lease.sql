-- Who reads as a consumer, and until when nobody else may: one at a time, over all processes.
ALTER TABLE cdc.consumer ADD COLUMN holder text, ADD COLUMN held_until timestamptz;
