/** The statements of a search, composed of quoted names and an enclosed condition. Pure. */
import { type ChangePositions, quoteIdentifier } from '../../engine/index.ts';
import { quotedName } from '../table-names.ts';
import { type Metric, OPERATORS } from './metric.ts';
import type { Target } from './target.ts';

export interface Selection {
  readonly target: Target;
  /** Names of columns, in order. */
  readonly columns: readonly string[];
  /** A condition in parentheses that enclose all of it. */
  readonly filter: string | undefined;
  /** Placeholders that the condition has for itself: `$1` to `$n`. */
  readonly filterParameters: number;
}

const FUNCTIONS: Readonly<Record<Metric, string>> = {
  cosine: 'vector.cosine_distance',
  l2: 'vector.l2_distance',
  inner_product: 'vector.negative_inner_product',
};

/** Placeholders of ours stand behind those of the filter. */
const ours = ({ filterParameters }: Selection, number: number): string => `$${filterParameters + number}`;

const selected = ({ columns }: Selection): string =>
  columns.map((name) => `${quoteIdentifier(name)}, `).join('');

const where = ({ filter }: Selection): string => (filter === undefined ? '' : ` AND ${filter}`);

/** Distance to our first placeholder. */
function distance(selection: Selection, metric: Metric): string {
  const column = quoteIdentifier(selection.target.column);
  if (selection.target.pgvector) return `${column} ${OPERATORS[metric]} ${ours(selection, 1)}`;
  return `${FUNCTIONS[metric]}(${column}, ${ours(selection, 1)}::real[])`;
}

/**
 * Every row is looked at: selected columns, then the distance. Ours: query vector, count, dimensions.
 * Rows of another length cannot be in the result, and would fail the statement.
 */
export function exactText(selection: Selection, metric: Metric): string {
  const { target } = selection;
  const column = quoteIdentifier(target.column);
  const fits = target.pgvector
    ? `vector_dims(${column}) = ${ours(selection, 3)}::int`
    : `cardinality(${column}) = ${ours(selection, 3)}::int`;
  return `SELECT * FROM (
    SELECT ${selected(selection)}CASE WHEN ${fits} THEN ${distance(selection, metric)} END AS "\u0001distance"
    FROM ${quotedName(target.table)} WHERE ${column} IS NOT NULL${where(selection)}) AS near
  WHERE "\u0001distance" <> 'NaN' ORDER BY "\u0001distance" LIMIT ${ours(selection, 2)}::bigint`;
}

/** Rows by key, in any order: selected columns, the columns of the key, the vector, and how far the feed has to be. */
export function rowsText(selection: Selection, { awaited }: ChangePositions): string {
  const { target } = selection;
  const key = target.key.map(({ name }) => quoteIdentifier(name));
  const column = quoteIdentifier(target.column);
  return `SELECT ${selected(selection)}${key.join(', ')}, pg_catalog.array_send(${column}), ${awaited}
    FROM ${quotedName(target.table)} WHERE ${keyCondition(selection)} AND ${column} IS NOT NULL${where(selection)}`;
}

/**
 * As `rowsText`, without the vector: selected columns, the columns of the key, then how far the feed gets by itself, and
 * how far it has to be.
 */
export function lightRowsText(selection: Selection, { durable, seen }: ChangePositions): string {
  const { target } = selection;
  const key = target.key.map(({ name }) => quoteIdentifier(name)).join(', ');
  return `SELECT ${selected(selection)}${key}, ${durable}, ${seen}
    FROM ${quotedName(target.table)} WHERE ${keyCondition(selection)}`;
}

/** Ours: one array for each column of the key. */
function keyCondition(selection: Selection): string {
  const { key } = selection.target;
  const [first] = key;
  if (key.length === 1 && first !== undefined) {
    return `${quoteIdentifier(first.name)} = ANY (${ours(selection, 1)}::${first.type}[])`;
  }
  const names = key.map(({ name }) => quoteIdentifier(name)).join(', ');
  const lists = key.map(({ type }, at) => `${ours(selection, at + 1)}::${type}[]`).join(', ');
  return `(${names}) IN (SELECT * FROM unnest(${lists}))`;
}

/** Keys of the rows that the filter lets through, at most as many as our first placeholder says. */
export function keysText(selection: Selection, { awaited }: ChangePositions): string {
  const { target } = selection;
  const key = target.key.map(({ name }) => quoteIdentifier(name));
  return `SELECT ${key.join(', ')}, ${awaited} FROM ${quotedName(target.table)}
    WHERE ${quoteIdentifier(target.column)} IS NOT NULL${where(selection)} LIMIT ${ours(selection, 1)}::bigint`;
}

/** The planner's estimate of the rows that the filter lets through. */
export const estimateText = (selection: Selection): string =>
  `EXPLAIN (FORMAT JSON) SELECT FROM ${quotedName(selection.target.table)}
   WHERE ${quoteIdentifier(selection.target.column)} IS NOT NULL${where(selection)}`;
