/**
 * What the migrations add up to, read from a freshly migrated namespace. Its shape as JSON is committed, so that a
 * change of a migration shows in review as a change of the tables it makes. The fingerprints of its functions are
 * shipped: by them a server knows which functions of a database are Facet's own.
 */
import { ignoreObservations } from '../src/base/index.ts';
import { openStore } from '../src/engine/index.ts';
import { FINGERPRINT } from '../src/engine/shipped-functions.ts';

/** One JSON value of everything outside PostgreSQL's own schemas, each list in order of names. */
const SHAPE = `
  with own as (
    select n.oid, n.nspname as name from pg_namespace n
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  )
  select jsonb_pretty(jsonb_build_object(
    'schemas', (select jsonb_agg(name order by name) from own),
    'tables', (
      select coalesce(jsonb_object_agg(own.name || '.' || c.relname, jsonb_build_object(
        'kind', c.relkind,
        'columns', (
          select coalesce(jsonb_agg(
            a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
            || case when a.attnotnull then ' not null' else '' end
            || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
            order by a.attnum), '[]')
          from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        ),
        'constraints', (
          select coalesce(jsonb_agg(k.conname || ' ' || pg_get_constraintdef(k.oid) order by k.conname), '[]')
          from pg_constraint k where k.conrelid = c.oid
        ),
        'indexes', (
          select coalesce(jsonb_agg(pg_get_indexdef(i.indexrelid) order by pg_get_indexdef(i.indexrelid)), '[]')
          from pg_index i where i.indrelid = c.oid
        ),
        'triggers', (
          select coalesce(jsonb_agg(pg_get_triggerdef(t.oid) order by t.tgname), '[]')
          from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal
        )
      )), '{}')
      from pg_class c join own on own.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'S')
    ),
    'functions', (
      select coalesce(jsonb_agg(
        own.name || '.' || p.proname || '(' || pg_get_function_arguments(p.oid) || ') '
        || coalesce(pg_get_function_result(p.oid), 'procedure')
        order by own.name, p.proname, p.oid::regprocedure::text), '[]')
      from pg_proc p join own on own.oid = p.pronamespace
    ),
    'eventTriggers', (
      select coalesce(jsonb_agg(e.evtname || ' on ' || e.evtevent || ' calls ' || e.evtfoid::regproc order by e.evtname), '[]')
      from pg_event_trigger e
    ),
    'extensions', (select jsonb_agg(extname order by extname) from pg_extension)
  ))`;

/** One JSON object: each function whose body is text, and its fingerprint. */
const FUNCTIONS = `
  select json_object_agg(name, fingerprint order by name collate "C") from (
    select n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' as name,
      ${FINGERPRINT} as fingerprint
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
    where n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'facet_system')
      and p.prosqlbody is null and l.lanname not in ('c', 'internal')
  ) as own`;

/** Path and text of each file, from an empty store that is started for it and thrown away. */
export async function schemaFiles(): Promise<readonly (readonly [path: string, text: string])[]> {
  const store = await openStore('memory://schema-snapshot', { observe: ignoreObservations });
  try {
    const database = await store.namespace(store.defaultNamespace);
    const read = async (sql: string): Promise<string> => {
      const result = await database.runUser(sql, [], { readOnly: true });
      const value = result.rows[0]?.[0];
      if (typeof value !== 'string') throw new Error('The store did not describe itself');
      return `${JSON.stringify(JSON.parse(value), undefined, 2)}\n`;
    };
    return [
      ['src/engine/migrations/schema.json', await read(SHAPE)],
      ['src/engine/migrations/functions.json', await read(FUNCTIONS)],
    ];
  } finally {
    await store.stop();
  }
}
