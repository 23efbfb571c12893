/**
 * What only a superuser can put into a namespace's database: on our own server the rights of the namespace's role, and
 * the withdrawal of what reaches beyond a session; everywhere the event triggers that note when tables are created,
 * altered and dropped.
 *
 * The trigger functions stand in a schema of the superuser. If users could replace them, their text would run with
 * the superuser's rights at its next DDL.
 */

import { command } from './command.ts';
import type { ExchangeHost } from './exchange.ts';
import { quoteIdentifier } from './identifiers.ts';
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
  const [schemaIsOurs, schemaExists, triggers] = state.rows[0] ?? [];
  if (schemaExists === 't' && schemaIsOurs !== 't') return false;
  if (triggers !== '2') await command(superuser, INSTALL);
  return true;
}

const STATE = `
  SELECT coalesce((SELECT r.rolsuper FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner
                   WHERE n.nspname = 'facet_system'), false),
         EXISTS (SELECT FROM pg_namespace WHERE nspname = 'facet_system'),
         (SELECT count(*) FROM pg_event_trigger t JOIN pg_proc p ON p.oid = t.evtfoid
          JOIN pg_namespace n ON n.oid = p.pronamespace
          WHERE t.evtname IN ('facet_ddl', 'facet_drop') AND n.nspname = 'facet_system')`;

/** A failure inside a trigger must not fail the user's DDL: the times are a courtesy. */
const INSTALL = `
  BEGIN;
  CREATE SCHEMA IF NOT EXISTS facet_system;
  GRANT USAGE ON SCHEMA facet_system TO PUBLIC;
  CREATE OR REPLACE FUNCTION facet_system.note_ddl() RETURNS event_trigger
    LANGUAGE plpgsql SET search_path = pg_catalog AS $body$
  BEGIN
    INSERT INTO facet.table_info AS info (relation_oid, created_at, modified_at)
    SELECT c.oid, CASE WHEN tg_tag = 'ALTER TABLE' THEN NULL ELSE now() END, now()
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname NOT IN ('facet', 'pg_catalog')
      AND c.oid IN (SELECT objid FROM pg_event_trigger_ddl_commands() WHERE classid = 'pg_class'::regclass)
    ON CONFLICT (relation_oid) DO UPDATE SET modified_at = excluded.modified_at;
  EXCEPTION WHEN OTHERS THEN NULL;
  END $body$;
  CREATE OR REPLACE FUNCTION facet_system.note_drop() RETURNS event_trigger
    LANGUAGE plpgsql SET search_path = pg_catalog AS $body$
  BEGIN
    DELETE FROM facet.table_info WHERE relation_oid IN
      (SELECT objid FROM pg_event_trigger_dropped_objects() WHERE classid = 'pg_class'::regclass AND objsubid = 0);
  EXCEPTION WHEN OTHERS THEN NULL;
  END $body$;
  DROP EVENT TRIGGER IF EXISTS facet_ddl;
  DROP EVENT TRIGGER IF EXISTS facet_drop;
  CREATE EVENT TRIGGER facet_ddl ON ddl_command_end
    WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'ALTER TABLE')
    EXECUTE FUNCTION facet_system.note_ddl();
  CREATE EVENT TRIGGER facet_drop ON sql_drop EXECUTE FUNCTION facet_system.note_drop();
  COMMIT`;
