/**
 * Results of Cypher -> JSON text of the NamiDB HTTP API (POST /v0/cypher). A row is an object keyed by column;
 * `write_outcome` is there for every query that can write, and only for those.
 */
import type { FlushResult, GraphQueryResult, StatusResult } from '../../models/index.ts';
import { valueToJson } from './cells.ts';

type Row = GraphQueryResult['rows'][number];
type Counters = GraphQueryResult['counters'];

/** Makes the text of rows: names are quoted once. */
export function rowEncoder(columns: readonly string[]): (row: Row) => string {
  const names = columns.map((column, index) => `${index === 0 ? '' : ','}${JSON.stringify(column)}:`);
  return (row) => {
    let text = '{';
    for (let index = 0; index < names.length; index++) text += names[index] + valueToJson(row[index] ?? null);
    return `${text}}`;
  };
}

export function resultBody({ columns, rows, counters, writes }: GraphQueryResult): string {
  const encode = rowEncoder(columns);
  let text = '';
  for (const row of rows) text += text === '' ? encode(row) : `,${encode(row)}`;
  const outcome = writes ? `,${outcomeMember(counters)}` : '';
  return `{"columns":${JSON.stringify(columns)},"rows":[${text}]${outcome}}`;
}

/** `"write_outcome":{…}`. */
export const outcomeMember = (counters: Counters): string =>
  `"write_outcome":{"nodes_created":${counters.nodesCreated},"edges_created":${counters.relationshipsCreated},` +
  `"nodes_deleted":${counters.nodesDeleted},"edges_deleted":${counters.relationshipsDeleted},` +
  `"properties_set":${counters.propertiesSet}}`;

export const healthBody = ({ namespace, manifestVersion, epoch }: StatusResult): string =>
  `{"status":"ok","namespace":${JSON.stringify(namespace)},"manifest_version":${manifestVersion},"epoch":${epoch}}`;

/** PostgreSQL keeps no Bloom filters beside its files. */
export const flushBody = ({ tablesWritten, manifestVersion }: FlushResult): string =>
  `{"ssts_written":${tablesWritten},"bloom_sidecars_written":0,"manifest_version":${manifestVersion}}`;

export const versionBody = (version: string): string => JSON.stringify({ version, build_target: 'facet' });
