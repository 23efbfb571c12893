/**
 * Search with an index. The index names candidates; which rows are in the answer, and at what distance, is read from the
 * table. So what can go wrong is that a neighbour is overlooked, never that an answer is wrong.
 *
 * Three ways: without a filter the graph is asked. A filter that lets few rows through is evaluated first, and exactly
 * those rows are measured. One that lets many through is evaluated on the rows that the graph names, more than are
 * wanted, and more again when too few pass.
 */
import { LIMITS } from '../../base/index.ts';
import { type Lsn, type Parameter, parseLsn, type ResultSet, statement } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { allowedTimeoutMs } from '../operator-limits.ts';
import type { Answer, Asked } from './asked.ts';
import { filteredRun } from './exact-search.ts';
import { positionNow } from './feed-position.ts';
import type { Found } from './found.ts';
import type { IndexCopy } from './index-copy.ts';
import { measureFrom } from './metric.ts';
import { keyParameters, type ReadRows, readRows } from './rows.ts';
import { estimateText, keysText, lightRowsText, rowsText } from './search-sql.ts';
import { keyText } from './vector-text.ts';

/** Entries that the graph is asked for at least, unless the caller says otherwise. */
const EF_SEARCH = 64;
/** Entries for one of the clusters that an ivf_pq index would look into. */
const ENTRIES_PER_PROBE = 8;
/** How many more entries are taken than would do if every neighbourhood had its share of rows that pass. */
const MARGIN = 2;
const MORE = 4;

/** Undefined when the index does not get there: then every row has to be measured. */
export async function indexedSearch(
  context: OperationContext,
  asked: Asked,
  copy: IndexCopy,
): Promise<Answer | undefined> {
  const { selection } = asked;
  if (selection.filter === undefined) {
    const breadth = breadthOf(asked, copy);
    const quick = await atRest(context, asked, copy, breadth);
    if (quick !== undefined) return quick;
    return await upToDate(context, asked, copy, () => byGraph(context, asked, copy, breadth, 'index'));
  }
  const passing = await estimate(context, asked, copy);
  if (passing <= LIMITS.vectorExactRowsMax) {
    const few = await keysThatPass(context, asked);
    if (few !== undefined) return await measured(context, asked, copy, few.keys, few.lsn);
  }
  return await broad(context, asked, copy, Math.max(passing, 1) / Math.max(copy.rows, 1));
}

function breadthOf({ efSearch, nprobe }: Asked, copy: IndexCopy): number {
  if (copy.row.type === 'hnsw') return efSearch ?? EF_SEARCH;
  const probes = nprobe ?? Number(copy.row.options.nprobe ?? 10);
  return Math.max(efSearch ?? EF_SEARCH, probes * ENTRIES_PER_PROBE);
}

/**
 * The answer, if nothing of the table has changed since the graph was asked: then the vectors in memory are those in the
 * rows, and need not be sent, which takes longer than all else. Undefined if that is not known.
 */
async function atRest(
  context: OperationContext,
  asked: Asked,
  copy: IndexCopy,
  breadth: number,
): Promise<Answer | undefined> {
  const { selection } = asked;
  const columns = selection.target.key.length;
  const { version } = copy;
  const found = await copy.nearest(asked.query, asked.metric, asked.topK, breadth);
  if (found.keys.length === 0) return undefined;
  const { rows } = await context.database.run(
    statement('vector.search.light_rows', lightRowsText(selection, context.database.changes.positions)),
    keyParameters(found.keys, columns),
    { signal: context.signal, reads: true },
  );
  const keyAt = selection.columns.length;
  const [flushed, inserted] = rows[0]?.slice(keyAt + columns) ?? [];
  if (typeof flushed !== 'string' || typeof inserted !== 'string') return undefined;
  if (!(await copy.reaches(parseLsn(flushed, 'lsn'), context.signal))) return undefined;
  const { position } = copy;
  if (copy.version !== version || position === undefined || position < parseLsn(inserted, 'lsn'))
    return undefined;
  // Too many entries of the graph are dead: there may be more.
  if (found.keys.length < Math.min(asked.topK, copy.rows)) return undefined;
  const byKey = new Map(rows.map((row) => [keyText(row.slice(keyAt, keyAt + columns)), row]));
  const read = found.keys.map((key, at) => ({ cells: byKey.get(key), distance: found.distances[at] ?? 0 }));
  if (read.some(({ cells }) => cells === undefined)) return undefined;
  const ordered = read.map(({ cells = [], distance }) => ({ cells: cells.slice(0, keyAt), distance }));
  return answerOf({ read: { rows: ordered, lsn: undefined }, found, strategy: 'index' }, asked, copy);
}

interface Attempt {
  readonly read: ReadRows;
  readonly found: Found;
  readonly strategy: 'exact' | 'index' | 'index_filtered';
}

/**
 * The attempt's answer, if the index knew everything that had committed when the rows were read, and so when the search
 * began. If it did not, it waits until it does, and what came meanwhile makes a second attempt. Undefined when that gives
 * fewer rows than are wanted and there may be more.
 */
async function upToDate(
  context: OperationContext,
  asked: Asked,
  copy: IndexCopy,
  attempt: () => Promise<Attempt | undefined>,
): Promise<Answer | undefined> {
  const { version } = copy;
  let outcome = await attempt();
  if (outcome === undefined) return undefined;
  const lsn = outcome.read.lsn ?? (await positionNow(context.database, 'awaited', context.signal));
  if (!(await copy.reaches(lsn, context.signal))) return undefined;
  const { version: known } = copy;
  if (known !== version) outcome = await attempt();
  if (outcome === undefined) return undefined;
  // Rows have gone while they were read, or too many entries of the graph are dead.
  const { read } = outcome;
  const all = asked.selection.filter === undefined ? copy.rows : 0;
  const short = read.rows.length < asked.topK && (read.rows.length < all || copy.version !== known);
  return short ? undefined : answerOf(outcome, asked, copy);
}

const answerOf = ({ read, found, strategy }: Attempt, { topK }: Asked, copy: IndexCopy): Answer => ({
  rows: read.rows.slice(0, topK),
  plan: {
    strategy: strategy === 'exact' || found.approximate ? strategy : 'exact',
    index: copy.row.name,
    candidates: found.candidates,
    pending: found.pending,
    reason:
      strategy === 'exact'
        ? 'the filter lets few rows through'
        : found.approximate
          ? null
          : 'the graph is being built, has another metric, or cannot order numbers of such sizes',
  },
});

/** The rows that the graph finds nearest, of those that pass. */
async function byGraph(
  context: OperationContext,
  asked: Asked,
  copy: IndexCopy,
  breadth: number,
  strategy: 'index' | 'index_filtered',
): Promise<Attempt> {
  const count = strategy === 'index' ? asked.topK : breadth;
  const found = await copy.nearest(asked.query, asked.metric, count, breadth);
  return { read: await readByKey(context, asked, found.keys), found, strategy };
}

async function broad(
  context: OperationContext,
  asked: Asked,
  copy: IndexCopy,
  fraction: number,
): Promise<Answer | undefined> {
  const first = Math.ceil((asked.topK / Math.min(1, fraction)) * MARGIN);
  return await upToDate(context, asked, copy, async () => {
    for (let count = Math.max(first, breadthOf(asked, copy)); ; count *= MORE) {
      const enough = Math.min(count, copy.rows);
      const attempt = await byGraph(context, asked, copy, enough, 'index_filtered');
      if (attempt.read.rows.length >= asked.topK) return attempt;
      if (enough >= copy.rows) return attempt.found.keys.length < copy.rows ? undefined : attempt;
      if (count * MORE > LIMITS.vectorExactRowsMax) return undefined;
    }
  });
}

/** Exactly the rows of `keys`, as they were at `lsn` or later. */
async function measured(
  context: OperationContext,
  asked: Asked,
  copy: IndexCopy,
  keys: readonly string[],
  lsn: Lsn | undefined,
): Promise<Answer | undefined> {
  if (lsn !== undefined && !(await copy.reaches(lsn, context.signal))) return undefined;
  const found = copy.nearestOf(keys, asked.query, asked.metric, asked.topK);
  const read = await readByKey(context, asked, found.keys);
  // Rows have gone meanwhile: others are the next.
  if (read.rows.length < found.keys.length) return undefined;
  return answerOf({ read, found, strategy: 'exact' }, asked, copy);
}

async function readByKey(
  context: OperationContext,
  asked: Asked,
  keys: readonly string[],
): Promise<ReadRows> {
  const { selection, query, metric } = asked;
  if (keys.length === 0) return { rows: [], lsn: undefined };
  const text = rowsText(selection, context.database.changes.positions);
  const parameters = [...asked.filterParameters, ...keyParameters(keys, selection.target.key.length)];
  const result =
    selection.filter === undefined
      ? await context.database.run(statement('vector.search.rows', text), parameters, {
          signal: context.signal,
          reads: true,
        })
      : await runFiltered(context, text, parameters);
  return readRows(result, selection, query.length, measureFrom(metric, query));
}

const runFiltered = async (
  context: OperationContext,
  text: string,
  parameters: readonly Parameter[],
): Promise<ResultSet> =>
  await filteredRun(true, () =>
    context.database.runUser(text, parameters, {
      signal: context.signal,
      timeoutMs: allowedTimeoutMs(context, undefined),
      readOnly: true,
      composed: true,
    }),
  );

/** Rows that pass, by the planner's reckoning; a table with few rows needs none. */
async function estimate(context: OperationContext, asked: Asked, copy: IndexCopy): Promise<number> {
  if (copy.rows <= LIMITS.vectorExactRowsMax) return copy.rows;
  const { rows } = await runFiltered(context, estimateText(asked.selection), asked.filterParameters);
  const text = rows.map(([cell]) => cell ?? '').join('\n');
  return Number(/"Plan Rows": (\d+)/.exec(text)?.[1] ?? copy.rows);
}

/** Undefined when there are more than are measured one by one. */
async function keysThatPass(
  context: OperationContext,
  asked: Asked,
): Promise<{ readonly keys: readonly string[]; readonly lsn: Lsn | undefined } | undefined> {
  const { selection } = asked;
  const max = LIMITS.vectorExactRowsMax;
  const { rows } = await runFiltered(context, keysText(selection, context.database.changes.positions), [
    ...asked.filterParameters,
    String(max + 1),
  ]);
  if (rows.length > max) return undefined;
  const columns = selection.target.key.length;
  const lsn = rows[0]?.[columns];
  return {
    keys: rows.map((row) => keyText(row.slice(0, columns))).filter((key) => key !== undefined),
    lsn: typeof lsn === 'string' ? parseLsn(lsn, 'lsn') : undefined,
  };
}
