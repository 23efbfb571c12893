/**
 * What only a superuser can put into a namespace's database: on our own server the rights of the namespace's role, and
 * the withdrawal of what reaches beyond a session; everywhere the event triggers that note when tables are created,
 * altered and dropped, and keep followed tables whole.
 *
 * The trigger functions stand in a schema of the superuser. If users could replace them, their text would run with
 * the superuser's rights at its next DDL.
 */

import { createHash } from 'node:crypto';
import { LIMITS } from '../base/index.ts';
import { command } from './command.ts';
import type { ExchangeHost } from './exchange.ts';
import { quoteIdentifier } from './identifiers.ts';
import { MODEL_SCHEMAS, SYSTEM_SCHEMAS, schemaList } from './own-schemas.ts';
import { query } from './query.ts';

/**
 * Gives the namespace's role what an owner needs of its database, and not the database itself: an owner could drop it
 * or lock its own server out. The role is created on first use; it is no superuser, so that SQL of users reaches no
 * files and programs, and it cannot replicate, so that nobody holds back WAL by a slot of his own.
 */
export async function handOver(superuser: ExchangeHost, database: string, role: string): Promise<void> {
  const known = await query(superuser, 'SELECT FROM pg_roles WHERE rolname = $1', [role]);
  const name = quoteIdentifier(role);
  if (known.rows.length === 0) await command(superuser, `CREATE ROLE ${name} LOGIN NOSUPERUSER`);
  await command(
    superuser,
    `BEGIN;
     REVOKE ALL ON DATABASE ${quoteIdentifier(database)} FROM PUBLIC;
     GRANT CREATE, CONNECT, TEMPORARY ON DATABASE ${quoteIdentifier(database)} TO ${name};
     ${WITHDRAW};
     DO $do$ BEGIN
       IF EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public' AND nspowner = 'pg_database_owner'::regrole) THEN
         ALTER SCHEMA public OWNER TO ${name};
       END IF;
     END $do$;
     COMMIT`,
  );
}

/**
 * Sessions cannot end each other; settings are changed by SET and set_config alone, which routing.ts sees coming;
 * statistics and the WAL are written by their owners.
 */
const WITHDRAW = `
  REVOKE UPDATE ON pg_catalog.pg_settings FROM PUBLIC;
  REVOKE EXECUTE ON FUNCTION
    pg_catalog.pg_terminate_backend(int, bigint),
    pg_catalog.pg_cancel_backend(int),
    pg_catalog.pg_logical_emit_message(boolean, text, text, boolean),
    pg_catalog.pg_logical_emit_message(boolean, text, bytea, boolean),
    pg_catalog.pg_restore_relation_stats("any"),
    pg_catalog.pg_restore_attribute_stats("any"),
    pg_catalog.pg_clear_relation_stats(text, text),
    pg_catalog.pg_clear_attribute_stats(text, text, text, boolean)
  FROM PUBLIC`;

/** @returns false when the schema's name is taken by somebody else: then tables have no times. */
export async function installEventTriggers(superuser: ExchangeHost): Promise<boolean> {
  const state = await query(superuser, STATE);
  const [schemaIsOurs, schemaExists, triggers, version] = state.rows[0] ?? [];
  if (schemaExists === 't' && schemaIsOurs !== 't') return false;
  if (triggers !== '3' || version !== INSTALLED) {
    await command(superuser, `${INSTALL}; COMMENT ON SCHEMA facet_system IS '${INSTALLED}'; COMMIT`);
  }
  return true;
}

const STATE = `
  SELECT coalesce((SELECT r.rolsuper FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner
                   WHERE n.nspname = 'facet_system'), false),
         EXISTS (SELECT FROM pg_namespace WHERE nspname = 'facet_system'),
         (SELECT count(*) FROM pg_event_trigger t JOIN pg_proc p ON p.oid = t.evtfoid
          JOIN pg_namespace n ON n.oid = p.pronamespace
          WHERE t.evtname IN ('facet_ddl', 'facet_drop', 'facet_watch') AND n.nspname = 'facet_system'),
         (SELECT obj_description(n.oid, 'pg_namespace') FROM pg_namespace n WHERE n.nspname = 'facet_system')`;

/**
 * Tables that are followed keep the whole row as their replica identity, whatever was altered, and so do partitions that
 * come later. When all tables of users are followed (the comment of the publication says so, see changes/publication.ts)
 * new ones are published, up to changeTablesMax. It runs with the superuser's rights, so it reads nothing that users can
 * make: temporary tables come last in its search path, where they would otherwise hide the catalogs. Its own DDL fires event
 * triggers, too: what `note_ddl` writes to is a table of users, whose triggers must not run with these rights, so that does
 * nothing then.
 *
 * Publishing locks the publication until the transaction ends, so that another one that creates a table may have to
 * wait. It does so for a second; what is left undone then is found by the regular look of the change feed.
 */
const WATCH_DDL = `
  CREATE OR REPLACE FUNCTION facet_system.watch_ddl() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '1s' AS $body$
  DECLARE
    publication oid;
    everything boolean;
    changed record;
  BEGIN
    SELECT p.oid, coalesce(obj_description(p.oid, 'pg_publication') = 'all tables of users', false)
      INTO publication, everything FROM pg_publication p WHERE p.pubname = 'facet_changes';
    IF publication IS NULL THEN RETURN; END IF;
    FOR changed IN
      SELECT c.oid, n.nspname, c.relname, c.relispartition, n.nspname IN (${schemaList(MODEL_SCHEMAS)}) AS of_model,
             EXISTS (SELECT FROM pg_publication_rel r WHERE r.prpubid = publication AND (r.prrelid = c.oid
                     OR r.prrelid IN (SELECT a FROM pg_partition_ancestors(c.oid) a))) AS published,
             EXISTS (SELECT FROM pg_attribute a
                     WHERE a.attrelid = c.oid AND a.attgenerated = 'v' AND NOT a.attisdropped) AS has_virtual
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND n.nspname NOT IN (${schemaList(SYSTEM_SCHEMAS)})
        AND c.oid IN (SELECT d.objid FROM pg_event_trigger_ddl_commands() d WHERE d.classid = 'pg_class'::regclass
                      UNION SELECT t.relid FROM pg_event_trigger_ddl_commands() d, pg_partition_tree(d.objid) t
                      WHERE d.classid = 'pg_class'::regclass)
    LOOP
      CONTINUE WHEN NOT changed.published AND (NOT everything OR changed.relispartition OR changed.of_model);
      -- PostgreSQL would let nobody update it any more.
      IF changed.has_virtual AND changed.published THEN
        RAISE EXCEPTION USING ERRCODE = 'feature_not_supported', MESSAGE = format(
          'Table "%s" is followed, and changes of tables with virtual generated columns cannot be', changed.relname),
          HINT = 'A column GENERATED ALWAYS AS (...) STORED can be followed.';
      END IF;
      CONTINUE WHEN changed.has_virtual;
      BEGIN
        IF EXISTS (SELECT FROM pg_class c WHERE c.oid = changed.oid AND c.relreplident <> 'f') THEN
          EXECUTE format('ALTER TABLE ONLY %I.%I REPLICA IDENTITY FULL', changed.nspname, changed.relname);
        END IF;
        IF NOT changed.published
           AND NOT EXISTS (SELECT FROM pg_publication_rel r WHERE r.prpubid = publication AND r.prrelid = changed.oid)
           AND (SELECT count(*) FROM pg_publication_rel r WHERE r.prpubid = publication) < ${LIMITS.changeTablesMax} THEN
          EXECUTE format('ALTER PUBLICATION facet_changes ADD TABLE ONLY %I.%I', changed.nspname, changed.relname);
        END IF;
      EXCEPTION WHEN OTHERS THEN NULL;
      END;
    END LOOP;
  EXCEPTION WHEN feature_not_supported THEN RAISE;
    WHEN OTHERS THEN NULL;
  END $body$`;

/**
 * A function of a superuser has lent its rights to what happens now: the session is of somebody else. Whoever the session
 * is of has the rights of his own triggers anyway.
 */
const NOT_FOR_USERS = `IF current_user <> session_user
      AND (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user) THEN RETURN; END IF;`;

/** A failure inside a trigger must not fail the user's DDL: the times are a courtesy. */
const INSTALL = `
  BEGIN;
  CREATE SCHEMA IF NOT EXISTS facet_system;
  GRANT USAGE ON SCHEMA facet_system TO PUBLIC;
  CREATE OR REPLACE FUNCTION facet_system.note_ddl() RETURNS event_trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
  BEGIN
    ${NOT_FOR_USERS}
    INSERT INTO facet.table_info AS info (relation_oid, created_at, modified_at)
    SELECT c.oid, CASE WHEN tg_tag = 'ALTER TABLE' THEN NULL ELSE now() END, now()
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname NOT IN ('facet', 'pg_catalog')
      AND c.oid IN (SELECT objid FROM pg_event_trigger_ddl_commands() WHERE classid = 'pg_class'::regclass)
    ON CONFLICT (relation_oid) DO UPDATE SET modified_at = excluded.modified_at;
  EXCEPTION WHEN OTHERS THEN NULL;
  END $body$;
  CREATE OR REPLACE FUNCTION facet_system.note_drop() RETURNS event_trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
  BEGIN
    ${NOT_FOR_USERS}
    DELETE FROM facet.table_info WHERE relation_oid IN
      (SELECT objid FROM pg_event_trigger_dropped_objects() WHERE classid = 'pg_class'::regclass AND objsubid = 0);
  EXCEPTION WHEN OTHERS THEN NULL;
  END $body$;
  ${WATCH_DDL};
  DROP EVENT TRIGGER IF EXISTS facet_watch;
  DROP EVENT TRIGGER IF EXISTS facet_ddl;
  DROP EVENT TRIGGER IF EXISTS facet_drop;
  CREATE EVENT TRIGGER facet_ddl ON ddl_command_end
    WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'ALTER TABLE')
    EXECUTE FUNCTION facet_system.note_ddl();
  CREATE EVENT TRIGGER facet_watch ON ddl_command_end
    WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'ALTER TABLE')
    EXECUTE FUNCTION facet_system.watch_ddl();
  CREATE EVENT TRIGGER facet_drop ON sql_drop EXECUTE FUNCTION facet_system.note_drop()`;

/** The comment of the schema, which only its superuser can change: which text of the above is installed. */
const INSTALLED = `installed ${createHash('sha256').update(INSTALL).digest('hex')}`;
