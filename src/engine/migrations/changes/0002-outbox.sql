-- Changes where PostgreSQL offers no logical decoding to us: triggers of the watched tables note every change in the
-- transaction that makes it, and a trigger that is deferred to the commit gives that transaction its position. Nobody
-- waits for anybody by that, as the positions of two transactions that wrote the same row are in the order of their
-- commits: the second could not write before the first had ended. The reader waits instead, with outbox_horizon.

-- Positions, in the manner of those of the write-ahead log: every change has one, and every commit a higher one. They
-- grow by about the bytes of a change, so that distances mean something.
CREATE SEQUENCE cdc.outbox_position AS bigint INCREMENT BY 256;

-- Another number whenever a change could not be noted as the outbox was full. Outside of transactions, so that all see it
-- and nobody waits; by chance, as those who set it do not look at each other.
CREATE SEQUENCE cdc.outbox_lost AS bigint;

CREATE TABLE cdc.outbox_change (
  position bigint NOT NULL,
  xid xid8 NOT NULL,
  table_oid oid NOT NULL,
  -- i, u, d: a row; t: the table was emptied; r: what the rows that follow of this table look like, in new_row.
  kind "char" NOT NULL,
  -- The text of a composite value.
  new_row text,
  old_row text
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000,
  autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000);
CREATE INDEX outbox_change_order ON cdc.outbox_change (xid, position);

-- Transactions that have committed.
CREATE TABLE cdc.outbox_commit (
  position bigint PRIMARY KEY,
  xid xid8 NOT NULL,
  committed_at timestamptz NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

-- What transactions under way have noted already: one row for each of them (table and command 0), and one for each of their
-- commands and tables. Rows of transactions that have ended mean nothing, so a crash may empty it.
CREATE UNLOGGED TABLE cdc.outbox_open (
  xid xid8,
  table_oid oid,
  command bigint,
  PRIMARY KEY (xid, table_oid, command)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

CREATE TABLE cdc.outbox_state (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  -- Transactions that committed before it can no longer be had.
  first bigint NOT NULL DEFAULT 0,
  -- The value of outbox_lost that `first` accounts for.
  lost bigint NOT NULL DEFAULT 0,
  -- Transaction ids mean something in one cluster only; 0: nobody has looked yet.
  system_identifier bigint NOT NULL DEFAULT 0,
  -- All tables of users are followed, those to come too.
  watches_all boolean NOT NULL DEFAULT false
) WITH (fillfactor = 50);
INSERT INTO cdc.outbox_state DEFAULT VALUES;

-- Bytes that the notes may fill. Beyond them changes are not noted and followers begin anew: the disk is not filled.
CREATE FUNCTION cdc.outbox_bytes_max() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN 4294967296::bigint;

-- The end of a sequence without reading it as a table.
CREATE FUNCTION cdc.outbox_last(of_sequence regclass) RETURNS bigint LANGUAGE sql VOLATILE
RETURN coalesce(pg_catalog.pg_sequence_last_value(of_sequence), 0);

-- Behind everything that has committed.
CREATE FUNCTION cdc.outbox_now() RETURNS pg_lsn LANGUAGE sql VOLATILE
RETURN '0/0'::pg_catalog.pg_lsn + (cdc.outbox_last('cdc.outbox_position') + 1)::numeric;

-- A table as rows of it are written now: [oid, schema, name, [[column, type, modifier, in key, place in the row] …]].
-- A partition is told as the watched table that it belongs to.
CREATE FUNCTION cdc.outbox_shape(of_table oid) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- Not in SQL: that would be planned anew at each call, for longer than everything else here takes.
  RETURN (
    WITH watched AS (
      SELECT coalesce((
        SELECT a.relid FROM pg_partition_ancestors(of_table) WITH ORDINALITY AS a (relid, height)
        JOIN pg_trigger t ON t.tgrelid = a.relid AND t.tgname = '!facet_changes'
        ORDER BY a.height DESC LIMIT 1), of_table)::oid AS oid
    ), field AS (
      SELECT a.attname, row_number() OVER (ORDER BY a.attnum) - 1 AS place
      FROM pg_attribute a WHERE a.attrelid = of_table AND a.attnum > 0 AND NOT a.attisdropped
    )
    SELECT json_build_array(c.oid::bigint, n.nspname, c.relname, (
      SELECT coalesce(json_agg(json_build_array(a.attname, a.atttypid::bigint, a.atttypmod, EXISTS (
          SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)), f.place)
        ORDER BY a.attnum), '[]')
      FROM pg_attribute a JOIN field f USING (attname)
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> 'v'))::text
    FROM watched w JOIN pg_class c ON c.oid = w.oid JOIN pg_namespace n ON n.oid = c.relnamespace
  );
END $$;

-- The table and its columns, before the first change of a command: within a command they do not change.
CREATE FUNCTION cdc.outbox_announce(of_xid xid8, of_table oid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO cdc.outbox_open (xid, table_oid, command) VALUES (of_xid, 0, 0) ON CONFLICT DO NOTHING;
  INSERT INTO cdc.outbox_change (position, xid, table_oid, kind, new_row)
  VALUES (nextval('cdc.outbox_position'), of_xid, of_table, 'r', cdc.outbox_shape(of_table));
END $$;

-- Notes one changed row. Nothing here reads a table of ours: among serializable transactions each would conflict with
-- each. Cells are as logical decoding sends them, whatever the settings of the writer are.
CREATE FUNCTION cdc.outbox_note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET DateStyle = 'ISO' SET IntervalStyle = 'postgres' SET TimeZone = 'UTC'
SET extra_float_digits = 1 SET bytea_output = 'hex' AS $$
DECLARE
  me xid8 := pg_current_xact_id();
  -- The command of the transaction that made the change; null when the row does not tell.
  command bigint;
BEGIN
  IF pg_relation_size('cdc.outbox_change') >= cdc.outbox_bytes_max() THEN
    PERFORM setval('cdc.outbox_lost', 1 + floor(random() * 4611686018427387904)::bigint);
    RETURN NULL;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    -- Otherwise this transaction has changed the row again, and the number stands for two commands.
    IF NEW.xmax = '0'::xid THEN
      command := NEW.cmin::text::bigint;
    END IF;
  ELSIF pg_xact_status((me::text::numeric
      - mod(mod(me::text::numeric, 4294967296) - OLD.xmin::text::numeric + 4294967296, 4294967296))::text::xid8)
      IS DISTINCT FROM 'in progress' THEN
    command := OLD.cmax::text::bigint;
  END IF;
  IF command IS NULL THEN
    PERFORM cdc.outbox_announce(me, TG_RELID);
  ELSE
    INSERT INTO cdc.outbox_open (xid, table_oid, command) VALUES (me, TG_RELID, command) ON CONFLICT DO NOTHING;
    IF FOUND THEN
      PERFORM cdc.outbox_announce(me, TG_RELID);
    END IF;
  END IF;
  INSERT INTO cdc.outbox_change (position, xid, table_oid, kind, new_row, old_row)
  VALUES (nextval('cdc.outbox_position'), me, TG_RELID, lower(left(TG_OP, 1))::"char", NEW::text, OLD::text);
  RETURN NULL;
END $$;

CREATE FUNCTION cdc.outbox_note_truncate() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM cdc.outbox_announce(pg_current_xact_id(), TG_RELID);
  INSERT INTO cdc.outbox_change (position, xid, table_oid, kind)
  VALUES (nextval('cdc.outbox_position'), pg_current_xact_id(), TG_RELID, 't');
  RETURN NULL;
END $$;

-- At the commit, or before it after SET CONSTRAINTS: the transaction gets its position. The lock that it holds from before
-- that until after its commit bears the lower half of a position below, which is how a reader knows of it.
CREATE FUNCTION cdc.outbox_stamp() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(1667523328,
    ((cdc.outbox_last('cdc.outbox_position') + 2147483648) % 4294967296 - 2147483648)::int);
  INSERT INTO cdc.outbox_commit (position, xid, committed_at)
  VALUES (nextval('cdc.outbox_position'), NEW.xid, clock_timestamp());
  -- A notification has commits wait for each other in the whole cluster, so only a reader that sleeps is woken: it holds
  -- this lock. Transactions that can be prepared must not notify; then readers do not sleep.
  IF current_setting('max_prepared_transactions') = '0' THEN
    IF pg_try_advisory_lock(1667523329, 0) THEN
      PERFORM pg_advisory_unlock(1667523329, 0);
    ELSE
      PERFORM pg_notify('facet_changes', '');
    END IF;
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER stamp AFTER INSERT ON cdc.outbox_open DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.table_oid = 0) EXECUTE FUNCTION cdc.outbox_stamp();
ALTER TABLE cdc.outbox_open ENABLE ALWAYS TRIGGER stamp;

-- Every transaction with a position up to it has ended and is visible to statements that begin later; and how many have a
-- position and have not ended. In this order: who takes the lock after the look at it gets a higher position.
CREATE FUNCTION cdc.outbox_horizon(OUT horizon bigint, OUT committing bigint)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  last bigint := cdc.outbox_last('cdc.outbox_position');
BEGIN
  SELECT count(*), least(last, min(last - (last % 4294967296 - l.objid::bigint + 4294967296) % 4294967296))
  INTO committing, horizon
  FROM pg_locks l JOIN pg_database d ON d.oid = l.database
  WHERE l.locktype = 'advisory' AND l.classid = 1667523328 AND l.objsubid = 2 AND l.granted
    AND d.datname = current_database();
END $$;

-- As outbox_now, and before everything that commits from now on.
CREATE FUNCTION cdc.outbox_settled() RETURNS pg_lsn LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN '0/0'::pg_lsn + (SELECT h.horizon + 1 FROM cdc.outbox_horizon() h)::numeric;
END $$;

-- What follows a change, up to a horizon, until some rows or bytes are reached: changes, and behind those of a transaction
-- one of kind c. For the planner: always the indexes, whatever it thinks of young tables.
CREATE FUNCTION cdc.outbox_page(
  from_commit bigint, after_change bigint, to_commit bigint, rows_max int, bytes_max bigint)
RETURNS TABLE (commit_position bigint, xid xid8, committed_ms bigint,
  "position" bigint, table_oid oid, kind "char", new_row text, old_row text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off AS $$
DECLARE
  done_rows int := 0;
  done_bytes bigint := 0;
  start bigint := after_change;
BEGIN
  FOR commit_position, xid, committed_ms IN
    SELECT c.position, c.xid, floor(extract(epoch FROM c.committed_at) * 1000)::bigint FROM cdc.outbox_commit c
    WHERE c.position >= from_commit AND c.position <= to_commit ORDER BY c.position
  LOOP
    FOR "position", table_oid, kind, new_row, old_row IN
      SELECT n.position, n.table_oid, n.kind, n.new_row, n.old_row FROM cdc.outbox_change n
      WHERE n.xid = outbox_page.xid AND n.position > start ORDER BY n.position
    LOOP
      RETURN NEXT;
      done_rows := done_rows + 1;
      done_bytes := done_bytes + coalesce(octet_length(new_row), 0) + coalesce(octet_length(old_row), 0);
      IF done_rows >= rows_max OR done_bytes >= bytes_max THEN
        RETURN;
      END IF;
    END LOOP;
    SELECT NULL, NULL, 'c', NULL, NULL INTO "position", table_oid, kind, new_row, old_row;
    RETURN NEXT;
    done_rows := done_rows + 1;
    IF done_rows >= rows_max THEN
      RETURN;
    END IF;
    start := 0;
  END LOOP;
END $$;

-- Takes up the outbox: positions begin no lower than the write-ahead log stands, so that they do not return after a
-- failover; and where changes were lost, or belong to another cluster, everybody begins anew.
CREATE FUNCTION cdc.outbox_open_up() RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  s cdc.outbox_state;
  log_position bigint := (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint;
  cluster bigint := (SELECT c.system_identifier FROM pg_control_system() c);
  is_lost bigint;
BEGIN
  SELECT * INTO STRICT s FROM cdc.outbox_state FOR UPDATE;
  -- So far that those who take positions right now do not get there.
  IF log_position > cdc.outbox_last('cdc.outbox_position') + 268435456 OR s.system_identifier = 0 THEN
    PERFORM setval('cdc.outbox_position', greatest(log_position, cdc.outbox_last('cdc.outbox_position')) + 268435456);
  END IF;
  is_lost := cdc.outbox_last('cdc.outbox_lost');
  IF is_lost <> s.lost OR cluster <> s.system_identifier THEN
    -- Waits for those who have written to it, so nobody commits with a lower position afterwards.
    TRUNCATE cdc.outbox_change, cdc.outbox_commit, cdc.outbox_open;
    -- Changes that were lost took no positions: whoever has come to the end must be told, too.
    PERFORM nextval('cdc.outbox_position');
    UPDATE cdc.outbox_state SET first = cdc.outbox_last('cdc.outbox_position') + 1,
      lost = cdc.outbox_last('cdc.outbox_lost'), system_identifier = cluster;
  END IF;
END $$;

-- One bounded step of removing what lies before `keep`; returns how many rows went.
CREATE FUNCTION cdc.outbox_trim(keep bigint, rows_max int) RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off AS $$
DECLARE
  removed bigint := 0;
  step bigint;
  c cdc.outbox_commit;
BEGIN
  -- One at a time. Readers learn from it that something is missing before it is.
  UPDATE cdc.outbox_state SET first = greatest(first, keep);
  DELETE FROM cdc.outbox_open o WHERE o.ctid = ANY (ARRAY (
    SELECT p.ctid FROM cdc.outbox_open p WHERE p.xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY p.xid LIMIT rows_max));
  LOOP
    SELECT * INTO c FROM cdc.outbox_commit o WHERE o.position < keep ORDER BY o.position LIMIT 1;
    EXIT WHEN NOT FOUND OR removed >= rows_max;
    DELETE FROM cdc.outbox_change n WHERE n.ctid = ANY (ARRAY (
      SELECT m.ctid FROM cdc.outbox_change m WHERE m.xid = c.xid
      ORDER BY m.xid, m.position LIMIT rows_max - removed));
    GET DIAGNOSTICS step = ROW_COUNT;
    removed := removed + step;
    IF removed < rows_max THEN
      DELETE FROM cdc.outbox_commit o WHERE o.position = c.position;
      removed := removed + 1;
    END IF;
  END LOOP;
  RETURN removed;
END $$;

-- Whoever can attach them to a table can write here.
REVOKE EXECUTE ON FUNCTION cdc.outbox_note(), cdc.outbox_note_truncate(), cdc.outbox_stamp(),
  cdc.outbox_announce(xid8, oid), cdc.outbox_open_up(), cdc.outbox_trim(bigint, int) FROM PUBLIC;
