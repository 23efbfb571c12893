/**
 * `CREATE INDEX … USING hnsw` and `DROP INDEX` in SQL texts, read as far as an index on vectors can be meant: for servers
 * without pgvector, whose PostgreSQL does not know these indexes. Written after the grammar of PostgreSQL and the
 * documentation of pgvector 0.8. Pure.
 */
import { FacetError } from '../../base/index.ts';
import { readTokens, type SqlPiece } from '../../engine/index.ts';
import { DEFAULT_SCHEMA, type QualifiedName } from '../table-names.ts';

export interface VectorIndexText {
  readonly name: string;
  readonly table: QualifiedName;
  readonly column: string;
  readonly type: 'hnsw' | 'ivf_pq';
  readonly options: Readonly<Record<string, unknown>>;
  readonly ifNotExists: boolean;
}

export interface DroppedIndexes {
  readonly indexes: readonly QualifiedName[];
  readonly ifExists: boolean;
}

/** Whether a statement that creates something may create such an index, at a glance. */
export const mayBeOnVectors = (sql: string): boolean => /hnsw|ivfflat|ivf_pq/i.test(sql);

const OPERATOR_CLASSES: Readonly<Record<string, string>> = {
  vector_cosine_ops: 'cosine',
  vector_l2_ops: 'l2',
  vector_ip_ops: 'inner_product',
};

/** Words of a text one after the other. Keywords are compared without case, as PostgreSQL does. */
class Reader {
  readonly #pieces: readonly SqlPiece[];
  #at = 0;

  constructor(sql: string) {
    const pieces = readTokens(sql);
    this.#pieces = pieces.at(-1)?.text === ';' ? pieces.slice(0, -1) : pieces;
  }

  get next(): SqlPiece | undefined {
    return this.#pieces[this.#at];
  }

  /** Goes on behind the words, if they are the next ones. */
  skip(...words: readonly string[]): boolean {
    if (!words.every((word, at) => this.#pieces[this.#at + at]?.text.toUpperCase() === word)) return false;
    this.#at += words.length;
    return true;
  }

  /** Undefined when no name is next. */
  name(): string | undefined {
    const text = this.next?.text ?? '';
    if (text.startsWith('"') && text.endsWith('"') && text.length > 2) {
      this.#at++;
      return text.slice(1, -1).replaceAll('""', '"');
    }
    if (!/^[\p{L}_][\p{L}\p{N}_$]*$/u.test(text)) return undefined;
    this.#at++;
    return text.toLowerCase();
  }

  qualified(): QualifiedName | undefined {
    const first = this.name();
    if (first === undefined) return undefined;
    if (!this.skip('.')) return { schema: DEFAULT_SCHEMA, name: first };
    const name = this.name();
    return name === undefined ? undefined : { schema: first, name };
  }

  /** A number or word, without the quotes of a string; undefined when it is neither. */
  value(): string | number | undefined {
    const text = this.next?.text ?? '';
    const bare = /^'([^']*)'$/.exec(text)?.[1] ?? text;
    if (!/^[\w.]+$/.test(bare)) return undefined;
    this.#at++;
    return /^\d+(?:\.\d+)?$/.test(bare) ? Number(bare) : bare.toLowerCase();
  }
}

/**
 * Undefined when the text makes no such index.
 * @throws FEATURE_NOT_SUPPORTED naming what such an index cannot have
 */
export function readVectorIndex(sql: string): VectorIndexText | undefined {
  const reader = new Reader(sql);
  const unique = reader.skip('CREATE', 'UNIQUE', 'INDEX');
  if (!unique && !reader.skip('CREATE', 'INDEX')) return undefined;
  // It locks nobody out either way.
  reader.skip('CONCURRENTLY');
  const ifNotExists = reader.skip('IF', 'NOT', 'EXISTS');
  const named = reader.skip('ON') ? undefined : reader.name();
  if (named !== undefined && !reader.skip('ON')) return undefined;
  reader.skip('ONLY');
  const table = reader.qualified();
  if (table === undefined || !reader.skip('USING')) return undefined;
  const method = reader.name();
  if (method !== 'hnsw' && method !== 'ivfflat' && method !== 'ivf_pq') return undefined;
  const beyond = (): FacetError => unsupported(method, reader.next);
  if (unique || !reader.skip('(')) throw beyond();
  const column = reader.name();
  if (column === undefined) throw beyond();
  const metric = metricOf(reader, method, beyond);
  if (!reader.skip(')')) throw beyond();
  const options = { ...metric, ...optionsOf(reader, beyond) };
  if (reader.next !== undefined) throw beyond();
  return {
    name: named ?? `${table.name}_${column}_idx`,
    table,
    column,
    type: method === 'hnsw' ? 'hnsw' : 'ivf_pq',
    options,
    ifNotExists,
  };
}

/** By the operator class; without one the default of the type, which for pgvector's ivfflat is l2. */
function metricOf(reader: Reader, method: string, beyond: () => FacetError): Record<string, string> {
  if (reader.next?.text === ')') return method === 'ivfflat' ? { distance_metric: 'l2' } : {};
  const refusal = beyond();
  const given = reader.qualified()?.name ?? '';
  const metric = Object.hasOwn(OPERATOR_CLASSES, given) ? OPERATOR_CLASSES[given] : undefined;
  if (metric === undefined) throw refusal;
  return { distance_metric: metric };
}

function optionsOf(reader: Reader, beyond: () => FacetError): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  if (!reader.skip('WITH')) return options;
  if (!reader.skip('(')) throw beyond();
  do {
    const name = reader.name();
    if (name === undefined || !reader.skip('=')) throw beyond();
    const value = reader.value();
    if (value === undefined) throw beyond();
    options[name === 'lists' ? 'nlist' : name] = value;
  } while (reader.skip(','));
  if (!reader.skip(')')) throw beyond();
  return options;
}

const unsupported = (method: string, at: SqlPiece | undefined): FacetError =>
  new FacetError(
    'FEATURE_NOT_SUPPORTED',
    at === undefined
      ? `The definition of the index of type ${method} ends too early`
      : `An index of type ${method} is of one column and takes no ${at.text.slice(0, 100)} here`,
    {
      position: at === undefined ? undefined : at.from + 1,
      hint: 'CREATE INDEX name ON table USING hnsw (column vector_cosine_ops) WITH (m = 16, ef_construction = 200)',
    },
  );

/** Undefined when the text drops no indexes, or not only. */
export function readDroppedIndexes(sql: string): DroppedIndexes | undefined {
  const reader = new Reader(sql);
  if (!reader.skip('DROP', 'INDEX')) return undefined;
  reader.skip('CONCURRENTLY');
  const ifExists = reader.skip('IF', 'EXISTS');
  const indexes: QualifiedName[] = [];
  do {
    const index = reader.qualified();
    if (index === undefined) return undefined;
    indexes.push(index);
  } while (reader.skip(','));
  if (!reader.skip('CASCADE')) reader.skip('RESTRICT');
  return reader.next === undefined ? { indexes, ifExists } : undefined;
}
