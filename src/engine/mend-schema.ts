/**
 * Makes again what migrations made and somebody has dropped: DROP SCHEMA is open to users of SQL, who own what their role
 * owns. What was in it is gone with it, but the next start finds everything in its place. Only what is missing is made;
 * nothing that is there is changed but for functions, which get the text that is shipped.
 */
import { asFacetError } from '../base/index.ts';
import { arrayLiteral } from './array-literal.ts';
import { command } from './command.ts';
import type { ExchangeHost } from './exchange.ts';
import type { MigrationFile } from './migration-files.ts';
import { query } from './query.ts';
import { scanPlaces } from './sql-scanner.ts';

const RELATION = /^CREATE (?:UNLOGGED )?(?:TABLE|SEQUENCE|VIEW) (?:IF NOT EXISTS )?([a-z_]+\.[a-z_]+)/;
const INDEX = /^CREATE (?:UNIQUE )?INDEX ([a-z_]+) ON ([a-z_]+)\./;
const FUNCTION = /^CREATE (?:OR REPLACE )?FUNCTION ([a-z_]+\.[a-z_0-9]+)/;
const INSERT = /^INSERT INTO ([a-z_]+\.[a-z_]+)/;
/** Rows are data: those that a migration changed are not changed again. */
const MAKES = /^(?:CREATE|ALTER|DROP|REVOKE|GRANT|COMMENT) /;

/** duplicate_table, _function, _object, _column, _schema: it is there. */
const THERE = new Set(['42P07', '42723', '42710', '42701', '42P06']);

/** $1 relations, $2 functions -> those that are missing. */
const MISSING = `
  SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NULL
  UNION ALL
  SELECT name FROM unnest($2::text[]) AS name WHERE NOT EXISTS (
    SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname || '.' || p.proname = name)`;

/** By the name of what is made, the models whose migrations make it. */
interface Made {
  readonly relations: ReadonlyMap<string, string>;
  readonly functions: ReadonlyMap<string, string>;
}

const known = new WeakMap<readonly MigrationFile[], Made>();

/** Statements of a migration, without the comments before them. */
function statementsOf(sql: string): string[] {
  const statements: string[] = [];
  let from: number | undefined;
  for (const place of scanPlaces(sql)) {
    if (sql[place.from] !== ';') {
      from ??= place.from;
      continue;
    }
    if (from !== undefined) statements.push(sql.slice(from, place.from));
    from = undefined;
  }
  if (from !== undefined) statements.push(sql.slice(from));
  return statements;
}

function madeBy(shipped: readonly MigrationFile[]): Made {
  const made = known.get(shipped) ?? namesIn(shipped);
  known.set(shipped, made);
  return made;
}

function namesIn(shipped: readonly MigrationFile[]): Made {
  const relations = new Map<string, string>();
  const functions = new Map<string, string>();
  for (const { model, sql } of shipped) {
    for (const statement of statementsOf(sql)) {
      const relation = RELATION.exec(statement)?.[1];
      const [, index, schema] = INDEX.exec(statement) ?? [];
      const callable = FUNCTION.exec(statement)?.[1];
      if (relation !== undefined) relations.set(relation, model);
      if (index !== undefined) relations.set(`${schema}.${index}`, model);
      if (callable !== undefined) functions.set(callable, model);
    }
  }
  return { relations, functions };
}

export interface Missing {
  readonly names: readonly string[];
  /** Nothing is there: nothing was ever made. */
  readonly all: boolean;
}

/** What migrations made that is not there, by one question. */
export async function missingOf(session: ExchangeHost, shipped: readonly MigrationFile[]): Promise<Missing> {
  const made = madeBy(shipped);
  const asked = [[...made.relations.keys()], [...made.functions.keys()]].map(arrayLiteral);
  const { rows } = await query(session, MISSING, asked);
  const names = rows.map(([name]) => name ?? '');
  return { names, all: names.length === made.relations.size + made.functions.size };
}

/**
 * Runs the migrations of the models that `names` belong to again, for what is missing, in one transaction.
 * @throws what PostgreSQL says, and leaves everything as it was
 */
export async function mendSchema(
  session: ExchangeHost,
  shipped: readonly MigrationFile[],
  names: readonly string[],
): Promise<void> {
  const { relations, functions } = madeBy(shipped);
  const models = new Set(names.map((name) => relations.get(name) ?? functions.get(name)));
  const made = new Set<string>();
  await command(session, 'BEGIN');
  try {
    for (const { model, sql } of shipped) {
      if (!models.has(model)) continue;
      for (const statement of statementsOf(sql)) {
        const filled = INSERT.exec(statement)?.[1];
        if (filled !== undefined ? !made.has(filled) : !MAKES.test(statement)) continue;
        const relation = RELATION.exec(statement)?.[1];
        if ((await make(session, statement)) && relation !== undefined) made.add(relation);
      }
    }
    await command(session, 'COMMIT');
  } catch (error) {
    await command(session, 'ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** False when it is there. */
async function make(session: ExchangeHost, statement: string): Promise<boolean> {
  await command(session, 'SAVEPOINT mend');
  try {
    await command(session, statement);
    await command(session, 'RELEASE mend');
    return true;
  } catch (error) {
    if (!THERE.has(asFacetError(error).sqlState ?? '')) throw error;
    await command(session, 'ROLLBACK TO mend; RELEASE mend');
    return false;
  }
}
