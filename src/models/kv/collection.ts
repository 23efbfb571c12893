/**
 * What all collections share: how a command is declared and counted, how elements are checked, how a whole collection
 * is read within bounds, and how the functions of the migrations are called, one by one or in batches.
 */
import { z } from 'zod';
import { type ErrorCode, FacetError, LIMITS } from '../../base/index.ts';
import {
  arrayLiteral,
  type Cell,
  type Database,
  type ModelState,
  type Parameter,
  type Statement,
  statement,
} from '../../engine/index.ts';
import { type Operation, type OperationContext, operation } from '../operation.ts';
import { checkValue, type KindName, kindName, type StoredKey, shown, wrongType } from './entry.ts';
import { KEY_ERRORS } from './error-lists.ts';
import { type BatchKind, type KeyItem, keyspaceOf, longKeys } from './keyspace.ts';

/** Commands by their names, as this process ran them since it opened the namespace. */
class Tallies implements ModelState {
  readonly byName = new Map<string, number>();
  stop(): void {}
}

const TALLIES = Symbol('kv.tallies');

const talliesOf = (database: Database): Tallies => database.state(TALLIES, () => new Tallies());

interface Command<Input, Output> {
  readonly name: string;
  readonly summary: string;
  readonly access: 'read' | 'write';
  readonly input: z.ZodType<Input>;
  readonly output: z.ZodType<Output>;
  /** Beside those that every command on a collection can fail with. */
  readonly errors?: readonly ErrorCode[];
  readonly run: (context: OperationContext, input: Input) => Promise<Output>;
}

/** Declares a command on collections, and counts its calls. */
export function command<Input, Output>(declared: Command<Input, Output>): Operation<Input, Output> {
  const { name, run } = declared;
  return operation({
    ...declared,
    category: 'default',
    streams: false,
    errors: [...KEY_ERRORS, 'WRONG_TYPE', ...(declared.errors ?? [])],
    run: (context, input) => {
      const { byName } = talliesOf(context.database);
      byName.set(name, (byName.get(name) ?? 0) + 1);
      return run(context, input);
    },
  });
}

export const statsResult = z.object({
  keys: z.int().min(0),
  elements: z.int().min(0),
  operations: z
    .record(z.string(), z.int().min(0))
    .describe('Calls by command in this process since it opened the namespace'),
});
export type CollectionStats = z.infer<typeof statsResult>;

const STATS = statement(
  'kv.stats_collections',
  `SELECT count(*), coalesce(sum(CASE WHEN kind < 6 THEN size WHEN kind = 6 THEN octet_length(bytes) * 8 END), 0)
   FROM kv.entry WHERE kind = $1::smallint AND kv.live(expires_at)`,
);

/** Keys and elements of a kind (bits of bitmaps), and the calls whose names begin with `prefix`. It counts all keys. */
export async function collectionStats(
  context: OperationContext,
  kind: number,
  prefix: string,
): Promise<CollectionStats> {
  const { rows } = await keyspaceOf(context.database).apart(context, STATS, [String(kind)]);
  const operations: Record<string, number> = {};
  for (const [name, calls] of talliesOf(context.database).byName) {
    if (name.startsWith(prefix)) operations[name.slice(prefix.length)] = calls;
  }
  return { keys: Number(rows[0]?.[0] ?? 0), elements: Number(rows[0]?.[1] ?? 0), operations };
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/** A field or a member of a sorted set. @throws INVALID_PARAMETER, VALUE_TOO_LARGE */
export function checkText(text: string, what: string): string {
  if (text.includes('\0')) throw new FacetError('INVALID_PARAMETER', `${what} cannot hold the character NUL`);
  if (LONE_SURROGATE.test(text)) {
    throw new FacetError('INVALID_PARAMETER', `${what} is text: it cannot hold half of a surrogate pair`);
  }
  checkValue(text);
  return text;
}

/**
 * JSON text by which equal elements are found: strings in one spelling, everything else as it was sent (so `1` and `1.0`
 * are two members, and so are objects with other spaces).
 * @throws VALUE_TOO_LARGE
 */
export function canonicalJson(json: string): string {
  checkValue(json);
  const text = json.trim();
  return text.startsWith('"') && text.includes('\\') ? JSON.stringify(JSON.parse(text)) : text;
}

/** The index counted from the head for one that may be negative, as SQL; `e.size` is the length. */
export const fromHead = (parameter: string): string =>
  `(CASE WHEN ${parameter}::bigint < 0 THEN ${parameter}::bigint + e.size ELSE ${parameter}::bigint END)`;

/**
 * Reads elements of the key $1 within LIMITS.kvElementsMax and LIMITS.kvCommandBytesMax. `source` selects `columns` from
 * `e` (id, kind, size: no row when the key is missing) and the elements; `bytes` is the size of one of them.
 */
export function boundedRead(name: string, columns: string, bytes: string, source: string): Statement {
  const picked = columns.split(', ').map((column) => `part.${column}`);
  return statement(
    name,
    `WITH e AS MATERIALIZED (
       SELECT id, kind, size FROM kv.entry WHERE key = $1 AND kv.live(expires_at)),
     part AS MATERIALIZED (
       SELECT ${columns} FROM (${source}) AS source LIMIT ${LIMITS.kvElementsMax + 1}),
     total AS (SELECT count(*) AS elements, coalesce(sum(${bytes}), 0) AS bytes FROM part)
     SELECT e.kind, total.elements, total.bytes, ${picked.join(', ')}
     FROM e CROSS JOIN total LEFT JOIN part
       ON total.elements <= ${LIMITS.kvElementsMax} AND total.bytes <= ${LIMITS.kvCommandBytesMax}`,
  );
}

/** @throws RESULT_TOO_LARGE */
export function checkBounds(elements: Cell | undefined, bytes: Cell | undefined, key: string): void {
  if (Number(elements) > LIMITS.kvElementsMax) {
    throw new FacetError(
      'RESULT_TOO_LARGE',
      `Of key '${shown(key)}' more than ${LIMITS.kvElementsMax} elements (kvElementsMax) would be returned`,
      { hint: 'Ask for a part of them.' },
    );
  }
  if (Number(bytes) > LIMITS.kvCommandBytesMax) {
    throw new FacetError(
      'RESULT_TOO_LARGE',
      `Of key '${shown(key)}' ${bytes} bytes would be returned, more than ${LIMITS.kvCommandBytesMax} (kvCommandBytesMax)`,
      { hint: 'Ask for a part of them.' },
    );
  }
}

/** Elements that were read, and whether their key is there. */
export interface Elements {
  readonly exists: boolean;
  readonly rows: readonly (readonly Cell[])[];
}

/** Runs a `boundedRead`. @throws WRONG_TYPE, RESULT_TOO_LARGE */
export async function readElements(
  context: OperationContext,
  read: Statement,
  stored: StoredKey,
  wanted: KindName,
  parameters: readonly Parameter[] = [],
): Promise<Elements> {
  const { rows } = await keyspaceOf(context.database).read(context, [stored], read, [
    stored.key,
    ...parameters,
  ]);
  const [first] = rows;
  if (first === undefined) return { exists: false, rows: [] };
  const found = kindName(first[0]);
  const name = stored.longKey ?? stored.key;
  if (found !== wanted) throw wrongType(name, found, wanted);
  checkBounds(first[1], first[2], name);
  return { exists: true, rows: first[1] === '0' ? [] : rows.map((row) => row.slice(3)) };
}

const HEAD = statement('kv.size', 'SELECT kind, size FROM kv.entry WHERE key = $1 AND kv.live(expires_at)');

/** How many elements a collection has. @throws WRONG_TYPE */
export async function sizeOf(
  context: OperationContext,
  stored: StoredKey,
  wanted: KindName,
): Promise<{ readonly exists: boolean; readonly size: number }> {
  const { rows } = await keyspaceOf(context.database).read(context, [stored], HEAD, [stored.key]);
  const [row] = rows;
  if (row === undefined) return { exists: false, size: 0 };
  if (kindName(row[0]) !== wanted) throw wrongType(stored.longKey ?? stored.key, kindName(row[0]), wanted);
  return { exists: true, size: Number(row[1]) };
}

/** The cells that a function of the migrations answered with. @throws WRONG_TYPE when the first is -1 */
export function answered(
  rows: readonly (readonly Cell[])[],
  { key, longKey }: StoredKey,
  wanted: KindName,
): readonly Cell[] {
  const [row = []] = rows;
  if (row[0] === '-1') throw wrongType(longKey ?? key, undefined, wanted);
  return row;
}

/** How single commands become one statement, which calls a function of the migrations for each, in order. */
interface CalledBatch<Item extends KeyItem, Result> {
  readonly name: string;
  /** The call, on `k`, `long_k` and the columns. */
  readonly call: string;
  /** Names and types of what an item has beside its key. */
  readonly columns: readonly (readonly [name: string, type: string])[];
  readonly cells: (item: Item) => readonly Parameter[];
  readonly wanted: KindName;
  readonly result: (row: readonly Cell[]) => Result;
}

export function calledBatch<Item extends KeyItem, Result>(
  batch: CalledBatch<Item, Result>,
): BatchKind<Item, Result> {
  const { name, call, columns, cells, wanted, result } = batch;
  const arrays = columns.map(([, type], n) => `, $${n + 3}::${type}[]`).join('');
  const names = columns.map(([column]) => `, ${column}`).join('');
  const calls = statement(
    name,
    `SELECT f.* FROM unnest($1::text[], $2::text[]${arrays}) WITH ORDINALITY AS given (k, long_k${names}, n)
     CROSS JOIN LATERAL ${call} AS f ORDER BY n`,
  );
  return {
    name,
    bytesOf: (item) => cells(item).reduce((bytes, cell) => bytes + (cell?.length ?? 0), 0),
    // Each is a call of its own, and sees what those before it did.
    mergeable: () => true,
    run: async (run, items) => {
      const rest = items.map(cells);
      const { rows } = await run(calls, [
        arrayLiteral(items.map(({ stored }) => stored.key)),
        arrayLiteral(longKeys(items) ?? []),
        ...columns.map((_, n) => arrayLiteral(rest.map((row) => row[n] ?? null))),
      ]);
      return rows.map((row, n) => {
        const stored = items[n]?.stored;
        if (row[0] !== '-1' || stored === undefined) return result(row);
        return wrongType(stored.longKey ?? stored.key, undefined, wanted);
      });
    },
  };
}

/** Texts of a JSON array that PostgreSQL made of texts. */
export const textsOf = (cell: Cell | undefined): readonly string[] =>
  cell === null || cell === undefined ? [] : (JSON.parse(cell) as readonly string[]);
