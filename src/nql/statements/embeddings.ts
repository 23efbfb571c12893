/** EMBED: vectors stored by key, in collections. */
import type { Form } from '../form.ts';
import { clause, readClauses } from '../syntax/clauses.ts';
import { type Key, key, keyWithColons, type Name } from '../syntax/names.ts';
import { type Properties, propertyMap } from '../syntax/properties.ts';
import type { Reader } from '../syntax/reader.ts';
import { bareVector, collectionClause, finalCollection, type Vector, vector } from '../syntax/vectors.ts';

interface InCollection {
  /** Undefined: the collection `default`. */
  readonly collection: Name | undefined;
}

export interface EmbedStore extends InCollection {
  readonly kind: 'embed-store';
  readonly key: Key;
  readonly vector: Vector;
  /** Replaces what was there; undefined: leaves it. */
  readonly metadata: Properties | undefined;
}

export interface EmbedGet extends InCollection {
  readonly kind: 'embed-get';
  readonly key: Key;
}

export interface EmbedDelete extends InCollection {
  readonly kind: 'embed-delete';
  readonly key: Key;
}

/** All or none. */
export interface EmbedBatch extends InCollection {
  readonly kind: 'embed-batch';
  readonly items: readonly {
    readonly key: Key;
    readonly vector: Vector;
    readonly metadata: Properties | undefined;
  }[];
}

export interface EmbedBuildIndex extends InCollection {
  readonly kind: 'embed-build-index';
}

export type EmbedStatement = EmbedStore | EmbedGet | EmbedDelete | EmbedBatch | EmbedBuildIndex;

const VERBS = ['STORE', 'GET', 'DELETE', 'BATCH', 'BUILD'];

/** A verb, or the key of what is stored: `EMBED doc:1 [0.1, 0.2]`. */
export function embedStatement(reader: Reader): EmbedStatement {
  const next = reader.peek(1);
  const isVerb = VERBS.includes(reader.token.upper);
  const isKey =
    !isVerb ||
    (reader.isWord('BATCH') ? false : reader.is('[', 1) || next.kind === 'float' || reader.is(':', 1));
  if (isKey) {
    if (reader.token.kind === 'end' || reader.token.kind === 'symbol') {
      throw reader.unexpected('STORE, GET, DELETE, BATCH, BUILD INDEX or a key');
    }
    return store(reader, keyWithColons(reader, 'a key'), bareVector(reader));
  }
  const verb = reader.advance().upper;
  if (verb === 'STORE') return store(reader, key(reader, 'a key'), vector(reader));
  if (verb === 'BATCH') return batch(reader);
  if (verb === 'BUILD') {
    reader.expectWord('INDEX');
    return { kind: 'embed-build-index', collection: finalCollection(reader) };
  }
  const found = key(reader, 'a key');
  return {
    kind: verb === 'GET' ? 'embed-get' : 'embed-delete',
    key: found,
    collection: finalCollection(reader),
  };
}

function store(reader: Reader, under: Key, stored: Vector): EmbedStore {
  let place: Name | undefined;
  let metadata: Properties | undefined;
  readClauses(reader, [
    collectionClause(reader, (found) => {
      place = found;
    }),
    clause('METADATA', () => {
      metadata = propertyMap(reader);
    }),
  ]);
  return { kind: 'embed-store', key: under, vector: stored, metadata, collection: place };
}

/** `[('a', [1, 2]), ('b', [3, 4], { … })]` */
function batch(reader: Reader): EmbedBatch {
  reader.expect('[', 'a list: ');
  const items = reader.list(']', () => {
    reader.expect('(');
    const under = key(reader, 'a key');
    reader.expect(',');
    const stored = vector(reader);
    const metadata = reader.accept(',') ? propertyMap(reader) : undefined;
    reader.expect(')');
    return { key: under, vector: stored, metadata };
  });
  return { kind: 'embed-batch', items, collection: finalCollection(reader) };
}

const ROCK = "EMBED STORE 'rock' [0.1, 0.9] IN minerals";

export const EMBED_FORMS = [
  {
    name: 'EMBED STORE',
    kind: 'embed-store',
    syntax: 'EMBED [STORE] key [v, …] [IN collection] [METADATA { key: value, … }]',
    summary:
      'Stores a vector under a key, in place of one that is there. Without a collection it is `default`; INTO is the same as IN. The first vector of a collection decides how many components all have. Metadata is what conditions of SIMILAR look at.',
    examples: [
      { statement: ROCK },
      { statement: "EMBED STORE 'doc:1' [0.1, -0.2, 0.3] METADATA { year: 2024, lang: 'en' }" },
      { statement: 'EMBED doc:2 [0.5, 0.6, 0.7]' },
    ],
  },
  {
    name: 'EMBED GET',
    kind: 'embed-get',
    syntax: 'EMBED GET key [IN collection]',
    summary: 'Answers the vector of a key as text.',
    examples: [{ setup: [ROCK], statement: "EMBED GET 'rock' IN minerals" }],
  },
  {
    name: 'EMBED DELETE',
    kind: 'embed-delete',
    syntax: 'EMBED DELETE key [IN collection]',
    summary: 'Removes the vector of a key. Answers how many it removed.',
    examples: [{ setup: [ROCK], statement: "EMBED DELETE 'rock' IN minerals" }],
  },
  {
    name: 'EMBED BATCH',
    kind: 'embed-batch',
    syntax: 'EMBED BATCH [(key, [v, …][, { key: value, … }]), …] [IN collection]',
    summary: 'Stores all of the vectors or none, each with metadata if it has some. Answers how many.',
    examples: [{ statement: "EMBED BATCH [('doc:1', [0.1, 0.2]), ('doc:2', [0.3, 0.4], { lang: 'en' })]" }],
  },
  {
    name: 'EMBED BUILD INDEX',
    kind: 'embed-build-index',
    syntax: 'EMBED BUILD INDEX [IN collection]',
    summary: 'Builds the index of a collection, or builds it anew.',
    examples: [{ setup: [ROCK], statement: 'EMBED BUILD INDEX IN minerals' }],
  },
] as const satisfies readonly Form[];
