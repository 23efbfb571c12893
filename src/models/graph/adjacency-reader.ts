/**
 * Reads a part of the graph into arrays. PostgreSQL packs each chunk of rows into one value, since a row of its own for
 * each relationship would cost twenty times the bytes and most of the time.
 */
import { FacetError, LIMITS } from '../../base/index.ts';
import { type Adjacency, type Projection, unfitWeight } from '../../cypher/index.ts';
import {
  arrayLiteral,
  type Database,
  type Parameter,
  type RunOptions,
  type Statement,
} from '../../engine/index.ts';
import {
  EDGE_CHUNK,
  EDGE_CHUNK_OF_LABELS,
  NODE_CHUNK,
  WEIGHTED_EDGE_CHUNK,
  WEIGHTED_EDGE_CHUNK_OF_LABELS,
} from './catalog-statements.ts';
import { encodeKey, isStorableText } from './property-json.ts';

/** Rows of a chunk: with 32 bytes each in hexadecimal 6 MB, read in some 100 ms. */
const CHUNK_ROWS = 100_000;

/** Identities begin at zero. */
const BEFORE_ALL = '-1';

const ID_BYTES = 8;
const EDGE_BYTES = 16;
const WEIGHTED_EDGE_BYTES = 32;

/** @param checkpoint called between chunks; throws when the query should end */
export async function readAdjacency(
  database: Database,
  options: RunOptions,
  projection: Projection,
  checkpoint: () => void,
): Promise<Adjacency> {
  const ids: bigint[] = [];
  const positions = new Map<number, number>();
  const labels = namesLiteral(projection.labels);
  for await (const chunk of chunks(database, options, NODE_CHUNK, [labels])) {
    checkpoint();
    for (let at = 0; at < chunk.length; at += ID_BYTES) {
      if (ids.length === LIMITS.graphProjectionNodesMax) throw tooLarge('nodes', 'graphProjectionNodesMax');
      positions.set(idAt(chunk, at), ids.length);
      ids.push(chunk.readBigInt64BE(at));
    }
  }
  return {
    ids: BigInt64Array.from(ids),
    ...(await readEdges(database, options, projection, positions, checkpoint)),
  };
}

/** Without names that nothing can have, which PostgreSQL does not take as text. */
const namesLiteral = (names: readonly string[] | undefined): Parameter =>
  names === undefined ? null : arrayLiteral(names.filter(isStorableText));

async function readEdges(
  database: Database,
  options: RunOptions,
  { labels, types, weight }: Projection,
  positions: ReadonlyMap<number, number>,
  checkpoint: () => void,
): Promise<Omit<Adjacency, 'ids'>> {
  const sources: number[] = [];
  const targets: number[] = [];
  const weights: number[] = [];
  const ofTypes = namesLiteral(types);
  const weighing: Parameter[] = weight === undefined ? [] : [encodeKey(weight.key), String(weight.absent)];
  const ofLabels = labels === undefined ? [] : [namesLiteral(labels)];
  const bytes = weight === undefined ? EDGE_BYTES : WEIGHTED_EDGE_BYTES;
  const [all, between] =
    weight === undefined
      ? [EDGE_CHUNK, EDGE_CHUNK_OF_LABELS]
      : [WEIGHTED_EDGE_CHUNK, WEIGHTED_EDGE_CHUNK_OF_LABELS];
  const text = labels === undefined ? all : between;
  const parts = chunks(database, options, text, [ofTypes], [...weighing, ...ofLabels]);
  for await (const chunk of parts) {
    checkpoint();
    for (let at = 0; at < chunk.length; at += bytes) {
      const source = positions.get(idAt(chunk, at));
      const target = positions.get(idAt(chunk, at + ID_BYTES));
      if (source === undefined || target === undefined) continue;
      if (sources.length === LIMITS.graphProjectionRelationshipsMax) {
        throw tooLarge('relationships', 'graphProjectionRelationshipsMax');
      }
      sources.push(source);
      targets.push(target);
      if (weight === undefined) continue;
      const number = chunk.readDoubleBE(at + 2 * ID_BYTES);
      if (number < 0) throw unfitWeight(chunk.readBigInt64BE(at + 3 * ID_BYTES), weight.key);
      weights.push(number);
    }
  }
  return {
    sources: Int32Array.from(sources),
    targets: Int32Array.from(targets),
    weights: weight && Float64Array.from(weights),
  };
}

async function* chunks(
  database: Database,
  options: RunOptions,
  text: Statement,
  filter: readonly Parameter[],
  more: readonly Parameter[] = [],
): AsyncIterable<Buffer> {
  for (let after: string | null = BEFORE_ALL; after !== null; ) {
    const parameters: Parameter[] = [after, ...filter, String(CHUNK_ROWS), ...more];
    const { rows } = await database.run(text, parameters, options);
    const [last = null, packed = null] = rows[0] ?? [];
    // The text form of a bytea begins with `\x`.
    if (packed !== null) yield Buffer.from(packed.slice(2), 'hex');
    after = last;
  }
}

const UPPER_HALF = 2 ** 32;

/** Identities are given out from zero, so that they stay exact as doubles for 9,007 million million of them. */
const idAt = (chunk: Buffer, at: number): number =>
  chunk.readUInt32BE(at) * UPPER_HALF + chunk.readUInt32BE(at + ID_BYTES / 2);

const tooLarge = (what: 'nodes' | 'relationships', limit: keyof typeof LIMITS): FacetError =>
  new FacetError(
    'LIMIT_EXCEEDED',
    `The part of the graph has more than ${LIMITS[limit]} ${what} (${limit})`,
    {
      hint: 'Name labels and edge_types to take a smaller part.',
    },
  );
