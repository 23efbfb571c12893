/** SHOW, DESCRIBE, COUNT and CLUSTER: what there is. */
import { LIMITS } from '../../base/index.ts';
import type { Form } from '../form.ts';
import { choose, readClauses } from '../syntax/clauses.ts';
import { type Name, name, nameOrText } from '../syntax/names.ts';
import { limitClause } from '../syntax/paging.ts';
import { alternatives, type Reader } from '../syntax/reader.ts';
import { collectionClause, finalCollection } from '../syntax/vectors.ts';
import { type Aggregate, countStatement, startsElements } from './aggregates.ts';

export interface ShowTables {
  readonly kind: 'show-tables';
}

export interface ShowEmbeddings {
  readonly kind: 'show-embeddings';
  readonly limit: number;
  /** Undefined: the collection `default`. */
  readonly collection: Name | undefined;
}

export interface ShowVectorIndex {
  readonly kind: 'show-vector-index';
  /** Undefined: the collection `default`. */
  readonly collection: Name | undefined;
}

export interface Describe {
  readonly kind: 'describe';
  readonly what: 'table' | 'node' | 'edge';
  readonly name: Name;
  /** Of a table, if it is told. */
  readonly schema: Name | undefined;
}

export interface CountEmbeddings {
  readonly kind: 'count-embeddings';
  /** Undefined: the collection `default`. */
  readonly collection: Name | undefined;
}

export interface ClusterShow {
  readonly kind: 'cluster-status' | 'cluster-nodes' | 'cluster-leader';
}

export type CatalogStatement =
  | ShowTables
  | ShowEmbeddings
  | ShowVectorIndex
  | Describe
  | CountEmbeddings
  | ClusterShow;

export const showStatement = (reader: Reader): CatalogStatement =>
  choose<CatalogStatement>(reader, {
    TABLES: () => ({ kind: 'show-tables' }),
    EMBEDDINGS: () => showEmbeddings(reader),
    VECTOR: () => {
      reader.expectWord('INDEX');
      return { kind: 'show-vector-index', collection: finalCollection(reader) };
    },
  });

function showEmbeddings(reader: Reader): ShowEmbeddings {
  let limit: number = LIMITS.nqlFindLimitDefault;
  let place: Name | undefined;
  readClauses(reader, [
    limitClause(reader, (found) => {
      limit = found;
    }),
    collectionClause(reader, (found) => {
      place = found;
    }),
  ]);
  return { kind: 'show-embeddings', limit, collection: place };
}

export const describeStatement = (reader: Reader): Describe =>
  choose<Describe>(reader, {
    TABLE: () => {
      const first = nameOrText(reader, 'the name of a table');
      const isQualified = reader.accept('.');
      const table = isQualified ? nameOrText(reader, 'the name of a table') : first;
      return { kind: 'describe', what: 'table', name: table, schema: isQualified ? first : undefined };
    },
    NODE: () => ({ kind: 'describe', what: 'node', name: name(reader, 'a label'), schema: undefined }),
    EDGE: () => ({
      kind: 'describe',
      what: 'edge',
      name: name(reader, 'the type of edges'),
      schema: undefined,
    }),
  });

export function countWordStatement(reader: Reader): CountEmbeddings | Aggregate {
  if (startsElements(reader)) return countStatement(reader);
  const words = ['EMBEDDINGS', 'NODES', 'EDGES'];
  if (!reader.acceptWords('EMBEDDINGS')) throw reader.unexpected(alternatives(words), words);
  return { kind: 'count-embeddings', collection: finalCollection(reader) };
}

export const clusterStatement = (reader: Reader): ClusterShow =>
  choose<ClusterShow>(reader, {
    STATUS: () => ({ kind: 'cluster-status' }),
    NODES: () => ({ kind: 'cluster-nodes' }),
    LEADER: () => ({ kind: 'cluster-leader' }),
  });

const CREW = 'CREATE TABLE crew (name:string, pay:float?)';
const ROCK = "EMBED STORE 'rock' [0.1, 0.9]";

export const CATALOG_FORMS = [
  {
    name: 'SHOW TABLES',
    kind: 'show-tables',
    syntax: 'SHOW TABLES',
    summary: 'Answers the names of all tables.',
    examples: [{ setup: [CREW], statement: 'SHOW TABLES' }],
  },
  {
    name: 'SHOW EMBEDDINGS',
    kind: 'show-embeddings',
    syntax: 'SHOW EMBEDDINGS [LIMIT n] [IN collection]',
    summary: 'Answers the keys of a collection, 100 unless LIMIT says another number.',
    examples: [{ setup: [ROCK], statement: 'SHOW EMBEDDINGS LIMIT 10' }],
  },
  {
    name: 'SHOW VECTOR INDEX',
    kind: 'show-vector-index',
    syntax: 'SHOW VECTOR INDEX [IN collection]',
    summary: 'Answers whether a collection has an index, and of how many vectors.',
    examples: [{ setup: [ROCK], statement: 'SHOW VECTOR INDEX' }],
  },
  {
    name: 'COUNT EMBEDDINGS',
    kind: 'count-embeddings',
    syntax: 'COUNT EMBEDDINGS [IN collection]',
    summary: 'Answers how many vectors a collection has.',
    examples: [{ setup: [ROCK], statement: 'COUNT EMBEDDINGS' }],
  },
  {
    name: 'DESCRIBE',
    kind: 'describe',
    syntax: 'DESCRIBE TABLE table | NODE label | EDGE type',
    summary:
      'Answers the columns of a table, or the properties that nodes of a label or edges of a type have.',
    examples: [
      { setup: [CREW], statement: 'DESCRIBE TABLE crew' },
      { setup: ["NODE CREATE pilot { name: 'Ada' }"], statement: 'DESCRIBE NODE pilot' },
    ],
  },
  {
    name: 'CLUSTER STATUS',
    kind: 'cluster-status',
    syntax: 'CLUSTER STATUS',
    summary: 'Answers whether this server is part of a cluster, and what it is there.',
    examples: [{ statement: 'CLUSTER STATUS' }],
  },
  {
    name: 'CLUSTER NODES',
    kind: 'cluster-nodes',
    syntax: 'CLUSTER NODES',
    summary: 'Answers the servers of the cluster.',
    examples: [{ statement: 'CLUSTER NODES' }],
  },
  {
    name: 'CLUSTER LEADER',
    kind: 'cluster-leader',
    syntax: 'CLUSTER LEADER',
    summary: 'Answers which of them writes.',
    examples: [{ statement: 'CLUSTER LEADER' }],
  },
] as const satisfies readonly Form[];
