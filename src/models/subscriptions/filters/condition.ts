/**
 * The condition of a subscriber, checked before anything is evaluated with it. First by its words: it must be one
 * expression, so that it stays inside the parentheses that we put around it. Then by PostgreSQL, which takes in the place
 * of an index predicate exactly what is wanted here: immutable functions over the columns of one row, nothing that looks at
 * other tables, at the session or at the clock. What users have made is refused by name: it may be replaced later. For
 * the same reason names are looked up among what is built in, here and where it is evaluated: no operator that users
 * make later is called by a condition that did not mean it.
 */
import { asFacetError, FacetError, LIMITS } from '../../../base/index.ts';
import { type Database, scanSql } from '../../../engine/index.ts';
import { enclosedExpression } from '../../sql-expression.ts';
import { noTable } from '../followed-table.ts';
import { BUILT_INS_ONLY, JUDGE_CONDITION } from '../statements.ts';

/** The table whose rows a condition is about. */
export interface JudgedTable {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
}

/** Conditions that were found good, by database: table and text. */
const GOOD = new WeakMap<Database, { readonly schemaVersion: number; readonly texts: Set<string> }>();

/**
 * `filter` in parentheses, or undefined when there is none.
 * @throws INVALID_FILTER in PostgreSQL's words, LIMIT_EXCEEDED, TABLE_NOT_FOUND
 */
export async function checkedCondition(
  database: Database,
  table: JudgedTable,
  filter: string | null | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (filter === null || filter === undefined) return undefined;
  const condition = enclosedCondition(filter);
  const key = `${table.oid} ${condition}`;
  const good = goodConditions(database);
  if (good.has(key)) return condition;
  let parts: string[];
  try {
    parts = await database.inTransaction(
      async (transaction) => {
        await database.run(BUILT_INS_ONLY, [], { transaction, signal });
        const { rows } = await database.run(JUDGE_CONDITION, [String(table.oid), condition], {
          transaction,
          signal,
          timeoutMs: LIMITS.filterCheckMsMax,
        });
        return JSON.parse(rows[0]?.[0] ?? '[]') as string[];
      },
      { rollback: true, signal },
    );
  } catch (thrown) {
    throw refusal(asFacetError(thrown), table);
  }
  if (parts[0] !== undefined) {
    throw invalid(`It uses ${parts[0]}, which is not built into PostgreSQL`);
  }
  if (good.size >= LIMITS.filtersKnownMax) good.clear();
  good.add(key);
  return condition;
}

/** @throws INVALID_FILTER, LIMIT_EXCEEDED */
export function enclosedCondition(filter: string): string {
  if (Buffer.byteLength(filter) > LIMITS.filterBytesMax) {
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `The filter is longer than ${LIMITS.filterBytesMax} bytes (filterBytesMax)`,
    );
  }
  let condition: string;
  try {
    condition = enclosedExpression(filter, 'The filter');
  } catch (thrown) {
    const { detail } = asFacetError(thrown);
    throw new FacetError('INVALID_FILTER', 'The filter is not one SQL expression', { detail });
  }
  for (const { kind, text, quoted } of scanSql(filter)) {
    if (kind === 'word' && text.startsWith('\0')) throw invalid('Names with Unicode escapes are not taken');
    if (kind === 'word' && !quoted && SUBQUERY.has(text.toUpperCase())) {
      throw invalid('It has a subquery', 'Only the row that changed is looked at.');
    }
  }
  return condition;
}

/** Reserved words, which begin a query and nothing else. */
const SUBQUERY = new Set(['SELECT', 'TABLE', 'WITH', 'INTO', 'UNION', 'INTERSECT', 'EXCEPT']);

const invalid = (message: string, detail?: string): FacetError =>
  new FacetError('INVALID_FILTER', `The filter cannot be used. ${message}`, { detail });

function goodConditions(database: Database): Set<string> {
  const { schemaVersion } = database;
  let good = GOOD.get(database);
  if (good === undefined || good.schemaVersion !== schemaVersion) {
    good = { schemaVersion, texts: new Set() };
    GOOD.set(database, good);
  }
  return good.texts;
}

/** What PostgreSQL says of an index predicate, as words on a filter. */
function refusal(error: FacetError, table: JudgedTable): FacetError {
  const { sqlState = '', message } = error;
  const details = { detail: message, hint: error.hint, sqlState };
  if (error.code === 'QUERY_TIMEOUT') {
    return invalid(`To check it took longer than ${LIMITS.filterCheckMsMax} ms`);
  }
  const because = (text: string): FacetError =>
    new FacetError('INVALID_FILTER', `The filter cannot be used. ${text}`, details);
  // What the function asks the catalog first.
  if (sqlState === 'P0002') return noTable(table);
  if (sqlState === '42703') return because(`${sentence(message)} in table '${table.name}'`);
  if (sqlState === '42P17') {
    return because('It calls a function whose result does not depend on its arguments alone');
  }
  if (sqlState === '42804' && message.includes('must be type boolean')) {
    return because(`It is no condition: ${/type \S+, not type .+$/.exec(message)?.[0] ?? message}`);
  }
  if (sqlState === '0A000' && message.includes('subquery')) return because('It has a subquery');
  if (sqlState === '42P02') return because('It has a parameter');
  if (sqlState === '42803') return because('It has an aggregate function');
  if (sqlState === '42P20') return because('It has a window function');
  if (sqlState === '42704') {
    details.hint ??= "Name types that users have made with their schema: 'paid'::public.state.";
  }
  // Of the words, or of a constant in them: anything else is no matter of the filter.
  if (/^(?:42|22|0A|54)/.test(sqlState) && sqlState !== '42501') return because(sentence(message));
  return error;
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
