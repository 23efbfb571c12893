/**
 * Which functions a database has, as far as it matters for who may share a session: builtin functions that change
 * nothing are known by name; anything else might. Views, rules, operators and defaults can call functions that the
 * text of a statement does not show, so the catalog is searched for those as well.
 */
import type { ExchangeHost } from './exchange.ts';
import { query } from './query.ts';
import { FINGERPRINT, shippedFunctions } from './shipped-functions.ts';
import type { SqlText } from './sql-text.ts';

/** Volatile builtin functions that leave nothing behind and return at once. */
const HARMLESS_VOLATILE = [
  'random',
  'random_normal',
  'clock_timestamp',
  'timeofday',
  'gen_random_uuid',
  'uuidv4',
  'uuidv7',
  'pg_sequence_last_value',
  'pg_current_wal_flush_lsn',
  'pg_current_wal_insert_lsn',
] as const;

/** As `random`, but writing: fine in the pool, not on a session that may only read. */
const HARMLESS_WRITERS = new Set(['nextval']);

/** Words that stand before a parenthesis without being calls, as long as no function of the database has that name. */
const NOT_CALLS = new Set(
  `bigint bit boolean char character coalesce conflict columns cube cycle dec decimal exclude filter float
  generated grouping groups greatest grouping_sets identity include inout int integer interval json json_array
  json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize json_table json_value
  key least materialized national nchar nested none normalize nullif numeric out over overlay partition path
  position precision range real rollup rows search set sets setof smallint substring time timestamp treat trim
  values varchar varying within without xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces
  xmlparse xmlpi xmlroot xmlserialize xmltable zone tablesample options quote escape delimiter format`.split(
    /\s+/,
  ),
);

export class FunctionCatalog {
  readonly #safe: ReadonlySet<string>;
  readonly #users: ReadonlySet<string>;
  /** Reading a table or view may run code that the statement does not name. */
  readonly hiddenInReads: boolean;
  /** Writing to a table may: triggers, defaults, checks. */
  readonly hiddenInWrites: boolean;
  readonly #codeRunsDdl: boolean;

  constructor(
    safe: ReadonlySet<string>,
    users: ReadonlySet<string>,
    hiddenInReads: boolean,
    hiddenInWrites: boolean,
    codeRunsDdl: boolean,
  ) {
    this.#safe = safe;
    this.#users = users;
    this.hiddenInReads = hiddenInReads;
    this.hiddenInWrites = hiddenInWrites;
    this.#codeRunsDdl = codeRunsDdl;
  }

  /** True if the text, by a function or a trigger, may run code that changes the schema. */
  mayRunDdl(text: SqlText, reads: boolean): boolean {
    if (!this.#codeRunsDdl) return false;
    const hidden = reads ? this.hiddenInReads : this.hiddenInWrites;
    return hidden || text.functions.some((name) => name.includes('.') || this.#users.has(name));
  }

  /** True if every function that the text calls by name is builtin and leaves nothing behind. */
  provesCalls(text: SqlText, mayWrite: boolean): boolean {
    return text.functions.every((written) => {
      const name = written.startsWith('pg_catalog.') ? written.slice('pg_catalog.'.length) : written;
      if (name.includes('.') || this.#users.has(name)) return false;
      return this.#safe.has(name) || NOT_CALLS.has(name) || (mayWrite && HARMLESS_WRITERS.has(name));
    });
  }
}

/** Reads the catalog of the database that `session` is connected to. A few milliseconds. */
export async function readFunctionCatalog(session: ExchangeHost): Promise<FunctionCatalog> {
  const [safe, users, hidden] = await Promise.all([
    query(session, SAFE),
    query(session, USERS),
    query(session, HIDDEN, [shippedFunctions()]),
  ]);
  const [reads, writes, codeRunsDdl] = hidden.rows[0] ?? [];
  return new FunctionCatalog(
    new Set([...safe.rows.map(([name]) => name ?? ''), ...HARMLESS_VOLATILE]),
    new Set(users.rows.map(([name]) => name ?? '')),
    reads !== 'f',
    writes !== 'f',
    codeRunsDdl !== 'f',
  );
}

const SAFE = `
  SELECT proname FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
  GROUP BY proname HAVING bool_and(provolatile IN ('i', 's') AND prokind IN ('f', 'a', 'w'))`;

const USERS = `
  SELECT DISTINCT proname FROM pg_proc
  WHERE pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)`;

/** DDL that can bring code into reads, or make it hidden there. Temporary tables are not of that kind. */
const DDL_WORDS = `'\\m(create|alter|drop)\\s+(or|table|view|materialized|function|procedure|aggregate|operator|cast|domain|type|rule|trigger|policy|schema|index|unique|constraint)\\M'`;

/** The shipped function that indexes are built on. Whatever functions users have, it calls PostgreSQL's own. */
const INDEXED = `'kv.element_key(text)'`;

/** A shipped function of conditions and of other shipped functions. It computes, and calls only PostgreSQL's own. */
const COMPUTES = `'graph.cy_type(jsonb)'`;

const HARMLESS_LIST = [...HARMLESS_VOLATILE, ...HARMLESS_WRITERS].map((name) => `'${name}'`).join(', ');

/**
 * Custom code is a function outside the system schemas whose language is not C: those come with extensions, which only
 * a trusted hand installs. Nor is it one whose body is stored as a tree and calls nothing volatile: what else it calls
 * depends on its functions, and is found there (`reach`).
 *
 * It is hidden in reads when anything but a function, a trigger or a default depends on it, or when it can be called
 * with nothing but a row, if only as a pseudo-type, and so like a column. Volatile builtin functions are found by
 * their number in the stored trees of views, defaults and checks, and behind operators, casts and aggregates of users.
 * A write to a view over pg_settings sets settings.
 *
 * Shipped functions, unchanged, are custom code as well: who calls one by name, or builds a view on it, is not proven
 * to do nothing. But they leave nothing in a session, so that they are there, and that triggers call them, hides
 * nothing in writes. Some run their arguments as SQL; a trigger that has arguments is therefore believed nothing.
 *
 * Custom code that runs DDL is told by its words; what hides them is noticed at the next regular look.
 */
const HIDDEN = `
  WITH RECURSIVE volatile AS MATERIALIZED (
    SELECT array_agg(oid) AS oids,
           '[{ ]:(funcid|opfuncid) (' || string_agg(oid::text, '|') || ') ' AS pattern FROM pg_proc
    WHERE oid < 16384 AND provolatile = 'v' AND proname NOT IN (${HARMLESS_LIST})
  ), custom AS MATERIALIZED (
    SELECT p.oid, p.prosrc, own.shipped
    FROM pg_proc p, volatile v,
         LATERAL (SELECT p.prosqlbody IS NULL AND ${FINGERPRINT} = ANY ($1::text[]) AS shipped) AS own
    WHERE NOT (p.oid IS NOT DISTINCT FROM to_regprocedure(${COMPUTES})::oid AND own.shipped)
      AND p.oid >= 16384 AND p.prolang NOT IN (SELECT oid FROM pg_language WHERE lanname IN ('c', 'internal'))
      AND p.pronamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname IN ('information_schema', 'facet_system'))
      AND (p.prosqlbody IS NULL OR p.prosqlbody::text ~ v.pattern OR p.proargdefaults::text ~ v.pattern)
  ), reach AS (
    SELECT oid, shipped FROM custom
    UNION
    SELECT p.oid, p.prokind = 'a' FROM reach r
    JOIN pg_depend d ON d.refclassid = 'pg_proc'::regclass AND d.refobjid = r.oid AND d.classid = 'pg_proc'::regclass
    JOIN pg_proc p ON p.oid = d.objid
  ), reads AS (
    SELECT EXISTS (SELECT FROM pg_depend d JOIN reach r ON r.oid = d.refobjid
                   WHERE d.refclassid = 'pg_proc'::regclass AND d.classid NOT IN
                     ('pg_proc'::regclass, 'pg_trigger'::regclass, 'pg_attrdef'::regclass)
                     AND NOT (d.classid = 'pg_class'::regclass AND r.shipped AND r.oid = to_regprocedure(${INDEXED})))
        OR EXISTS (SELECT FROM reach r JOIN pg_proc p USING (oid), unnest(p.proargtypes) AS argument
                   JOIN pg_type t ON t.oid = argument
                   WHERE t.typtype IN ('c', 'd', 'p') AND p.pronargs - p.pronargdefaults <= 1)
        OR EXISTS (SELECT FROM pg_operator o, volatile v WHERE o.oid >= 16384 AND o.oprcode = ANY (v.oids))
        OR EXISTS (SELECT FROM pg_cast c, volatile v WHERE c.oid >= 16384 AND c.castfunc = ANY (v.oids))
        OR EXISTS (SELECT FROM pg_aggregate a, volatile v WHERE a.aggfnoid >= 16384 AND
                     ARRAY[a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn, a.aggmtransfn,
                           a.aggminvtransfn, a.aggmfinalfn]::oid[] && v.oids)
        OR EXISTS (SELECT FROM pg_constraint c, volatile v
                   WHERE c.contypid <> 0 AND c.oid >= 16384 AND c.conbin::text ~ v.pattern)
        OR EXISTS (SELECT FROM pg_rewrite r, volatile v WHERE r.oid >= 16384 AND r.ev_action::text ~ v.pattern)
        OR EXISTS (SELECT FROM pg_policy p, volatile v WHERE p.polqual::text ~ v.pattern) AS hidden
  )
  SELECT reads.hidden,
         reads.hidden OR EXISTS (SELECT FROM reach WHERE NOT shipped)
           OR EXISTS (SELECT FROM pg_depend d JOIN reach r ON r.oid = d.refobjid
                      WHERE d.refclassid = 'pg_proc'::regclass AND d.classid = 'pg_attrdef'::regclass)
           OR EXISTS (SELECT FROM pg_trigger t, volatile v WHERE NOT t.tgisinternal AND t.oid >= 16384
                        AND (t.tgnargs > 0 OR t.tgqual::text ~ v.pattern OR EXISTS
                          (SELECT FROM reach r WHERE t.tgqual::text ~ (':(funcid|opfuncid) ' || r.oid || ' '))))
           OR EXISTS (SELECT FROM pg_rewrite r
                      WHERE r.oid >= 16384 AND r.ev_action::text ~ (':relid ' || 'pg_settings'::regclass::oid || ' '))
           OR EXISTS (SELECT FROM pg_attrdef a, volatile v WHERE a.oid >= 16384 AND a.adbin::text ~ v.pattern)
           OR EXISTS (SELECT FROM pg_constraint c, volatile v WHERE c.oid >= 16384 AND c.conbin::text ~ v.pattern)
           OR EXISTS (SELECT FROM pg_index i, volatile v WHERE i.indexrelid >= 16384 AND i.indexprs::text ~ v.pattern)
           OR EXISTS (SELECT FROM pg_type t, volatile v WHERE t.oid >= 16384 AND t.typdefaultbin::text ~ v.pattern),
         EXISTS (SELECT FROM custom WHERE prosrc ~* CASE WHEN shipped THEN '\\mexecute\\M' ELSE ${DDL_WORDS} END)
  FROM reads`;
