/**
 * Results of Cypher -> JSON text of the NamiDB HTTP API (POST /v0/cypher). A row is an object keyed by column;
 * `write_outcome` is there for every query that can write, and only for those, `schema_outcome` for commands that create
 * or drop indexes and constraints.
 */
import { AnswerHold, LIMITS } from '../../base/index.ts';
import type { FlushResult, GraphQueryResult, StatusResult } from '../../models/index.ts';
import { ByteCount } from '../http/index.ts';
import { valueToJson } from './cells.ts';

type Row = GraphQueryResult['rows'][number];
type Counters = GraphQueryResult['counters'];
type SchemaCounters = GraphQueryResult['schema'];

/**
 * Makes the text of rows: names are quoted once. A row of a stream is bounded by itself, those of a gathered result by
 * `whole`, together.
 */
export function rowEncoder(columns: readonly string[], whole?: ByteCount): (row: Row) => string {
  const names = columns.map((column, index) => `${index === 0 ? '' : ','}${JSON.stringify(column)}:`);
  return (row) => {
    const count = whole ?? new ByteCount('A row of the result');
    let text = '{';
    for (let index = 0; index < names.length; index++) {
      const name = names[index] ?? '';
      count.add(name.length);
      text += name + valueToJson(row[index] ?? null, count);
    }
    return `${text}}`;
  };
}

const ROWS_PER_LOOK = 64;

/** @throws RESULT_TOO_LARGE, UNAVAILABLE */
export async function resultBody(result: GraphQueryResult): Promise<string> {
  const hold = new AnswerHold();
  try {
    if (result.heldBytes > LIMITS.answerBytesSmall) hold.take(result.heldBytes);
    return await resultText(result, hold);
  } finally {
    hold.release();
  }
}

async function resultText(
  { columns, rows, counters, writes, schema }: GraphQueryResult,
  hold: AnswerHold,
): Promise<string> {
  const count = new ByteCount('The result', hold);
  const encode = rowEncoder(columns, count);
  let text = '';
  for (let index = 0; index < rows.length; index++) {
    text += `${index === 0 ? '' : ','}${encode(rows[index] ?? [])}`;
    if (index % ROWS_PER_LOOK === ROWS_PER_LOOK - 1) await count.turn();
  }
  const outcome = outcomeMembers(writes ? counters : undefined, schema);
  return `{"columns":${JSON.stringify(columns)},"rows":[${text}]${outcome}}`;
}

/** With a comma before each: `write_outcome` of a query that can write, `schema_outcome` of a schema command. */
export function outcomeMembers(counters: Counters | undefined, schema: SchemaCounters): string {
  const written = counters === undefined ? '' : `,${writeOutcome(counters)}`;
  return schema === undefined ? written : `${written},${schemaOutcome(schema)}`;
}

const schemaOutcome = (counters: NonNullable<SchemaCounters>): string =>
  `"schema_outcome":{"indexes_added":${counters.indexesAdded},"indexes_removed":${counters.indexesRemoved},` +
  `"constraints_added":${counters.constraintsAdded},"constraints_removed":${counters.constraintsRemoved}}`;

const writeOutcome = (counters: Counters): string =>
  `"write_outcome":{"nodes_created":${counters.nodesCreated},"edges_created":${counters.relationshipsCreated},` +
  `"nodes_deleted":${counters.nodesDeleted},"edges_deleted":${counters.relationshipsDeleted},` +
  `"properties_set":${counters.propertiesSet}}`;

export const healthBody = ({ namespace, manifestVersion, epoch }: StatusResult): string =>
  `{"status":"ok","namespace":${JSON.stringify(namespace)},"manifest_version":${manifestVersion},"epoch":${epoch}}`;

/** PostgreSQL keeps no Bloom filters beside its files. */
export const flushBody = ({ tablesWritten, manifestVersion }: FlushResult): string =>
  `{"ssts_written":${tablesWritten},"bloom_sidecars_written":0,"manifest_version":${manifestVersion}}`;

export const versionBody = (version: string): string => JSON.stringify({ version, build_target: 'facet' });
