-- The journal of a graph: its writing queries, each chained to the one before by SHA-256. Entries are numbered in the
-- order of their commits and without gaps, so a snapshot of the database always sees a beginning of the journal.
CREATE TABLE graph.journal_entry (
  sequence bigint PRIMARY KEY,
  -- Unix time in milliseconds, as within the payload. Never less than that of the entry before.
  at_ms bigint NOT NULL,
  prev_hash bytea NOT NULL,
  -- SHA-256 of prev_hash and payload.
  hash bytea NOT NULL,
  -- A message JournalEntry, see proto/graphd.proto.
  payload bytea NOT NULL
);

-- One row: the entry before the first that is kept. Sequence 0 and 32 zero bytes are the beginning of every journal.
CREATE TABLE graph.journal_base (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  sequence bigint NOT NULL DEFAULT 0,
  at_ms bigint NOT NULL DEFAULT 0,
  hash bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex')
);
INSERT INTO graph.journal_base DEFAULT VALUES;

-- What is in the journal stays as it is. This is for accidents: who owns the table can drop the trigger, and the chain is
-- what finds that.
CREATE FUNCTION graph.journal_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('facet.prunes_journal', true) = 'on' THEN RETURN NULL; END IF;
  RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state', MESSAGE = 'Entries of the journal are never changed';
END
$$;
CREATE TRIGGER journal_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON graph.journal_entry
FOR EACH STATEMENT EXECUTE FUNCTION graph.journal_kept();

-- 0 is undecided, 1 off, 2 on. A sequence because a sequence is read as it is now, whatever snapshot the reader has. Who
-- sets it holds the lock that writers share, see models/graph/writer.ts.
CREATE SEQUENCE graph.journal_state AS bigint MINVALUE 0 START 0;

-- The end of the journal: number, time and hash (as four integers) of its last entry. A transaction that appends at
-- repeatable read does not see what others have appended since it began, and a row that they have changed it could not
-- lock without failing. Sequences are read and set as they are now, and setting them is not undone. So there are two
-- places, a and b, each with the transaction that set it: a place counts when that transaction has committed. Who appends
-- holds the lock of the journal until the transaction has ended, and never sets the place that counts. The transaction
-- is set first: a crash keeps a beginning of what was written to the log, and what follows it is then void.
CREATE SEQUENCE graph.journal_a_xid AS bigint MINVALUE 0 START 0;
CREATE SEQUENCE graph.journal_a_sequence AS bigint MINVALUE 0 START 0;
CREATE SEQUENCE graph.journal_a_at AS bigint MINVALUE 0 START 0;
CREATE SEQUENCE graph.journal_a_one AS bigint MINVALUE -9223372036854775808 START 0;
CREATE SEQUENCE graph.journal_a_two AS bigint MINVALUE -9223372036854775808 START 0;
CREATE SEQUENCE graph.journal_a_three AS bigint MINVALUE -9223372036854775808 START 0;
CREATE SEQUENCE graph.journal_a_four AS bigint MINVALUE -9223372036854775808 START 0;
CREATE SEQUENCE graph.journal_b_xid AS bigint MINVALUE 0 START 0;
CREATE SEQUENCE graph.journal_b_sequence AS bigint MINVALUE 0 START 0;
CREATE SEQUENCE graph.journal_b_at AS bigint MINVALUE 0 START 0;
CREATE SEQUENCE graph.journal_b_one AS bigint MINVALUE -9223372036854775808 START 0;
CREATE SEQUENCE graph.journal_b_two AS bigint MINVALUE -9223372036854775808 START 0;
CREATE SEQUENCE graph.journal_b_three AS bigint MINVALUE -9223372036854775808 START 0;
CREATE SEQUENCE graph.journal_b_four AS bigint MINVALUE -9223372036854775808 START 0;

-- Whether what transaction `xid` set counts for whoever holds the lock of the journal. Of transactions that PostgreSQL has
-- forgotten every snapshot sees what they did.
CREATE FUNCTION graph.journal_counts(xid bigint, last bigint, own bigint) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  state text;
BEGIN
  IF xid = 0 OR xid = own THEN RETURN true; END IF;
  state := pg_xact_status(xid::text::xid8);
  IF state IS NOT NULL THEN RETURN state = 'committed'; END IF;
  RETURN EXISTS (SELECT FROM graph.journal_entry AS e WHERE e.sequence = last)
    OR EXISTS (SELECT FROM graph.journal_base AS b WHERE b.sequence = last);
END
$$;

-- Takes the lock of the journal until the transaction ends. `place` is where the next end of the journal goes: not where
-- the one that counts is, but where this transaction has put one itself. Values are assigned one by one here and where they
-- are set: an assignment is evaluated without the executor, and others wait meanwhile.
CREATE FUNCTION graph.journal_open(OUT place text, OUT sequence bigint, OUT at_ms bigint, OUT hash bytea)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  own bigint := pg_current_xact_id()::text::bigint;
  -- "journal" in ASCII.
  held text := pg_advisory_xact_lock(29958897753022828)::text;
  a_last bigint := coalesce(pg_sequence_last_value('graph.journal_a_sequence'), 0);
  b_last bigint := coalesce(pg_sequence_last_value('graph.journal_b_sequence'), 0);
  a_xid bigint := coalesce(pg_sequence_last_value('graph.journal_a_xid'), 0);
  b_xid bigint := coalesce(pg_sequence_last_value('graph.journal_b_xid'), 0);
BEGIN
  -- What was set last has the greater number. If it does not count, the other one does.
  place := CASE WHEN a_last >= b_last THEN 'a' ELSE 'b' END;
  IF NOT graph.journal_counts(CASE place WHEN 'a' THEN a_xid ELSE b_xid END, greatest(a_last, b_last), own) THEN
    place := CASE place WHEN 'a' THEN 'b' ELSE 'a' END;
    IF NOT graph.journal_counts(CASE place WHEN 'a' THEN a_xid ELSE b_xid END, least(a_last, b_last), own) THEN
      RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
        MESSAGE = 'The end of the journal is not known',
        HINT = 'Turn the journal off and on: its end is read from its entries then.';
    END IF;
  END IF;
  IF place = 'a' THEN
    sequence := a_last;
    at_ms := coalesce(pg_sequence_last_value('graph.journal_a_at'), 0);
    hash := int8send(coalesce(pg_sequence_last_value('graph.journal_a_one'), 0))
      || int8send(coalesce(pg_sequence_last_value('graph.journal_a_two'), 0))
      || int8send(coalesce(pg_sequence_last_value('graph.journal_a_three'), 0))
      || int8send(coalesce(pg_sequence_last_value('graph.journal_a_four'), 0));
    IF a_xid <> own THEN place := 'b'; END IF;
  ELSE
    sequence := b_last;
    at_ms := coalesce(pg_sequence_last_value('graph.journal_b_at'), 0);
    hash := int8send(coalesce(pg_sequence_last_value('graph.journal_b_one'), 0))
      || int8send(coalesce(pg_sequence_last_value('graph.journal_b_two'), 0))
      || int8send(coalesce(pg_sequence_last_value('graph.journal_b_three'), 0))
      || int8send(coalesce(pg_sequence_last_value('graph.journal_b_four'), 0));
    IF b_xid <> own THEN place := 'a'; END IF;
  END IF;
END
$$;

-- Part `at` (counted from 0) of a hash as an integer.
CREATE FUNCTION graph.journal_word(hash bytea, word int) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ('x' || encode(substr(hash, word * 8 + 1, 8), 'hex'))::bit(64)::bigint;

-- Sets the end of the journal, in the name of transaction `xid`.
CREATE FUNCTION graph.journal_close(place text, xid bigint, last bigint, at_ms bigint, hash bytea) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  done bigint;
BEGIN
  IF place = 'a' THEN
    done := setval('graph.journal_a_xid', xid);
    done := setval('graph.journal_a_sequence', last);
    done := setval('graph.journal_a_at', at_ms);
    done := setval('graph.journal_a_one', graph.journal_word(hash, 0));
    done := setval('graph.journal_a_two', graph.journal_word(hash, 1));
    done := setval('graph.journal_a_three', graph.journal_word(hash, 2));
    done := setval('graph.journal_a_four', graph.journal_word(hash, 3));
  ELSE
    done := setval('graph.journal_b_xid', xid);
    done := setval('graph.journal_b_sequence', last);
    done := setval('graph.journal_b_at', at_ms);
    done := setval('graph.journal_b_one', graph.journal_word(hash, 0));
    done := setval('graph.journal_b_two', graph.journal_word(hash, 1));
    done := setval('graph.journal_b_three', graph.journal_word(hash, 2));
    done := setval('graph.journal_b_four', graph.journal_word(hash, 3));
  END IF;
END
$$;

-- As protobuf writes an integer that is not negative.
CREATE FUNCTION graph.journal_varint(number bigint) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  bytes bytea := '';
BEGIN
  WHILE number > 127 LOOP
    bytes := bytes || set_byte('\x00', 0, (number & 127)::int | 128);
    number := number >> 7;
  END LOOP;
  RETURN bytes || set_byte('\x00', 0, number::int);
END
$$;

-- Appends entries, of which the query and the parameters are given as their fields of the message; returns the number of
-- the last one. It is the last statement of its transaction.
CREATE FUNCTION graph.journal_append(bodies bytea[]) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  head record;
  last bigint;
  prev bytea;
  now_ms bigint;
  stamp bytea;
  body bytea;
  payload bytea;
  next bytea;
BEGIN
  head := graph.journal_open();
  last := head.sequence;
  prev := head.hash;
  now_ms := greatest(head.at_ms, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint);
  stamp := '\x20'::bytea || graph.journal_varint(now_ms);
  FOREACH body IN ARRAY bodies LOOP
    last := last + 1;
    payload := '\x08'::bytea || graph.journal_varint(last) || body || stamp;
    next := sha256(prev || payload);
    INSERT INTO graph.journal_entry (sequence, at_ms, prev_hash, hash, payload)
    VALUES (last, now_ms, prev, next, payload);
    prev := next;
  END LOOP;
  PERFORM graph.journal_close(head.place, pg_current_xact_id()::text::bigint, last, now_ms, prev);
  RETURN last;
END
$$;

-- Appends entries as they are, behind the entry `after`; returns the hash of the last one. For who rebuilds a graph.
CREATE FUNCTION graph.journal_store(after bigint, payloads bytea[], times bigint[]) RETURNS bytea
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  head record;
  last bigint;
  prev bytea;
  payload bytea;
  next bytea;
BEGIN
  head := graph.journal_open();
  last := head.sequence;
  prev := head.hash;
  IF last <> after THEN
    RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
      MESSAGE = format('The journal ends at entry %s and not at entry %s', last, after);
  END IF;
  FOREACH payload IN ARRAY payloads LOOP
    last := last + 1;
    next := sha256(prev || payload);
    INSERT INTO graph.journal_entry (sequence, at_ms, prev_hash, hash, payload)
    VALUES (last, times[last - after], prev, next, payload);
    prev := next;
  END LOOP;
  PERFORM graph.journal_close(head.place, pg_current_xact_id()::text::bigint, last, times[last - after], prev);
  RETURN prev;
END
$$;

-- Begins an empty journal behind the entry `last`, which a snapshot has told of.
CREATE FUNCTION graph.journal_seat(last bigint, time_ms bigint, last_hash bytea) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  head record;
BEGIN
  head := graph.journal_open();
  IF head.sequence <> 0 THEN
    RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
      MESSAGE = format('The journal has entries already, up to %s', head.sequence);
  END IF;
  UPDATE graph.journal_base AS b SET sequence = last, at_ms = time_ms, hash = last_hash;
  PERFORM graph.journal_close(head.place, pg_current_xact_id()::text::bigint, last, time_ms, last_hash);
END
$$;

-- Reads the end of the journal from its entries: after a copy to another server, where transactions have other numbers.
-- Of a transaction that sees all that was committed, which has the lock that writers share for itself.
CREATE FUNCTION graph.journal_mend() RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  head record;
BEGIN
  PERFORM pg_advisory_xact_lock(29958897753022828);
  SELECT sequence, at_ms, hash INTO head FROM graph.journal_entry ORDER BY sequence DESC LIMIT 1;
  IF NOT FOUND THEN SELECT sequence, at_ms, hash INTO head FROM graph.journal_base; END IF;
  PERFORM graph.journal_close('a', 0, head.sequence, head.at_ms, head.hash);
  PERFORM graph.journal_close('b', 0, head.sequence, head.at_ms, head.hash);
END
$$;
