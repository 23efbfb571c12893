-- Following keys. Whoever follows some keeps a row here; changes of those keys are told by notifications, which
-- PostgreSQL sends when the change has committed, in the order of the commits. A trigger tells them, so that every change
-- is told whoever makes it: a command, a transaction, the sweep, SQL of a user.

-- Called: somebody may follow keys. A sequence, because it is the one thing that every session sees at once and that can be
-- asked without a query: while nobody follows anything, this question is all that a change costs.
CREATE SEQUENCE kv.watching AS bigint;

-- A process with followers. Without a new lease it is gone, and its followers with it.
CREATE UNLOGGED TABLE kv.watcher (
  id text COLLATE "C" PRIMARY KEY,
  keys text[] COLLATE "C" NOT NULL,
  -- Beginnings of keys.
  prefixes text[] COLLATE "C" NOT NULL,
  lease_until timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Removes processes that are gone, and puts kv.watching right. What sequences hold is part of no transaction, so this takes
-- turns.
CREATE FUNCTION kv.note_watchers() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock('kv.watching'::regclass::oid::bigint);
  DELETE FROM kv.watcher WHERE lease_until <= statement_timestamp();
  PERFORM setval('kv.watching', 1, EXISTS (SELECT FROM kv.watcher));
END $$;

-- One change to all who follow keys: `<event> <id>.<version> <what is there of the value> <bytes of the key>`, a line
-- feed, the key, the value. Of the value: `v` it is there, `f` it is to be fetched, `t` it is too large, `-` it has none.
-- 65536 and 7999 are kvWatchValueBytesMax and notificationBytesMax.
CREATE FUNCTION kv.tell(event text, entry kv.entry, value text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  head text;
  bytes int := octet_length(value);
  has text := CASE WHEN value IS NULL THEN '-' WHEN bytes > 65536 THEN 't' ELSE 'v' END;
BEGIN
  IF entry.long_key IS NOT NULL OR NOT EXISTS (
    SELECT FROM kv.watcher AS w WHERE w.lease_until > statement_timestamp()
      AND (entry.key = ANY (w.keys) OR EXISTS (
        SELECT FROM unnest(w.prefixes) AS p (prefix) WHERE starts_with(entry.key, p.prefix))))
  THEN
    RETURN;
  END IF;
  head := format('%s %s.%s %s %s', event, entry.id, entry.version, has, octet_length(entry.key)) || E'\n' || entry.key;
  IF has = 'v' AND octet_length(head) + bytes > 7999 THEN
    head := format('%s %s.%s f %s', event, entry.id, entry.version, octet_length(entry.key)) || E'\n' || entry.key;
  END IF;
  PERFORM pg_notify('facet_kv', CASE WHEN has = 'v' AND octet_length(head) + bytes <= 7999 THEN head || value ELSE head END);
END $$;

CREATE FUNCTION kv.tell_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    -- A row that only held a key, see kv.hold_both, is no key.
    IF OLD.expires_at IS DISTINCT FROM '-infinity' THEN
      PERFORM kv.tell(CASE WHEN kv.live(OLD.expires_at) THEN 'del' ELSE 'expired' END, OLD, NULL);
    END IF;
    RETURN NULL;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF NEW.version = OLD.version THEN
      RETURN NULL;
    END IF;
    IF NEW.key <> OLD.key THEN
      PERFORM kv.tell('del', OLD, NULL);
    ELSIF NEW.id = OLD.id AND NEW.expires_at IS DISTINCT FROM OLD.expires_at AND NEW.kind = OLD.kind
      AND NEW.size = OLD.size AND NEW.value IS NOT DISTINCT FROM OLD.value
      AND NEW.bytes IS NOT DISTINCT FROM OLD.bytes
    THEN
      PERFORM kv.tell(CASE WHEN NEW.expires_at IS NULL THEN 'persist' ELSE 'expire' END, NEW, NULL);
      RETURN NULL;
    END IF;
  END IF;
  IF NOT kv.live(NEW.expires_at) THEN
    RETURN NULL;
  END IF;
  IF NEW.kind = 1 THEN
    PERFORM kv.tell('set', NEW, NEW.value);
  -- Collections and bytes are made empty, and filled or removed in the same statement.
  ELSIF NEW.kind < 6 AND NEW.size > 0 OR NEW.kind >= 6 AND NEW.bytes IS NOT NULL THEN
    PERFORM kv.tell('change', NEW, NULL);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER entry_changed AFTER INSERT OR UPDATE OR DELETE ON kv.entry
  FOR EACH ROW WHEN (pg_sequence_last_value('kv.watching'::regclass) IS NOT NULL) EXECUTE FUNCTION kv.tell_change();
