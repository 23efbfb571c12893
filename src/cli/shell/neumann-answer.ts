/** A result of the Neumann query language as people read it: a table where it is a list, else a text. Pure. */
import { ExactNumber, type Json, stringifyExactJson } from '../../base/index.ts';
import { type JsonObject, listOf, objectOf, textOf } from '../json-parts.ts';
import { escapeControls, type TableColumn } from '../table.ts';

export type Shown =
  | {
      readonly columns: readonly TableColumn[];
      readonly rows: readonly (readonly Json[])[];
      readonly note?: string;
    }
  /** Lines for standard output; undefined when there is nothing but the note. */
  | { readonly text: string | undefined; readonly note: string };

const NUMBER = 'Int64';
const TEXT = 'Text';

type Read = (result: JsonObject) => Shown;

const column = (name: string, type = TEXT): TableColumn => ({ name, type });

/** Integers of 64 bits come as texts. */
const integer = (value: Json | undefined): Json =>
  typeof value === 'string' ? new ExactNumber(value) : (value ?? new ExactNumber('0'));

/** A list of objects as rows: one column for each name that is given. */
const listed =
  (member: string, columns: readonly (readonly [name: string, key: string, type?: string])[]): Read =>
  (result) => ({
    columns: columns.map(([name, , type]) => column(name, type)),
    rows: listOf(result[member])
      .map(objectOf)
      .map((item) => columns.map(([, key, type]) => cellOf(item[key], type))),
  });

function cellOf(value: Json | undefined, type: string | undefined): Json {
  if (type === NUMBER) return integer(value);
  if (Array.isArray(value)) return value.map((item) => textOf(item) ?? stringifyExactJson(item)).join(', ');
  return value ?? (type === undefined ? '' : null);
}

/** Texts or ids as rows of one column. */
const single =
  (member: string, name: string, type = TEXT): Read =>
  (result) => ({
    columns: [column(name, type)],
    rows: listOf(result[member]).map((item) => [type === NUMBER ? integer(item) : item]),
  });

/** One object as rows of name and value. */
const facts: Read = (result) => ({
  columns: [column('field'), column('value')],
  rows: Object.entries(result).map(([name, value]) => [name, cellOf(value, TEXT)]),
});

const counted =
  (what: string, member: string): Read =>
  (result) => ({ text: undefined, note: `${textOf(result[member]) ?? '0'} ${what}` });

/** Rows may have different columns, as those of a join without a partner. */
const rows: Read = (result) => {
  const all = listOf(result.rows).map(objectOf);
  const types = new Map<string, string>();
  const cells = all.map((row) => {
    const values = new Map<string, Json>();
    for (const one of listOf(row.values).map(objectOf)) {
      const name = textOf(one.name) ?? '';
      const value = cellValue(objectOf(one.value));
      values.set(name, value);
      if (types.get(name) === undefined || types.get(name) === '') types.set(name, typeOf(value));
    }
    return values;
  });
  const hasIds = all.some(({ id }) => id !== undefined && id !== '0');
  const names = [...types.keys()];
  return {
    columns: [
      ...(hasIds ? [column('_id', NUMBER)] : []),
      ...names.map((name) => column(name, types.get(name))),
    ],
    rows: cells.map((values, at) => [
      ...(hasIds ? [integer(all[at]?.id)] : []),
      ...names.map((name) => values.get(name) ?? null),
    ]),
  };
};

function cellValue(value: JsonObject): Json {
  if (value.intValue !== undefined) return integer(value.intValue);
  return value.floatValue ?? value.stringValue ?? value.boolValue ?? null;
}

const typeOf = (value: Json): string => {
  if (value === null) return '';
  return typeof value === 'number' || value instanceof ExactNumber ? NUMBER : TEXT;
};

const path: Read = (result) => {
  const paths = listOf(result.paths).map(objectOf);
  if (paths.length > 0) {
    return {
      columns: [column('path'), column('weight', NUMBER)],
      rows: paths.map(({ nodeIds, weight }) => [trail(nodeIds), weight ?? null]),
    };
  }
  return { columns: [column('path')], rows: [[trail(result.nodeIds)]] };
};

const trail = (ids: Json | undefined): string => listOf(ids).map(String).join(' -> ');

const unified: Read = (result) => {
  const items = listOf(result.items).map(objectOf);
  const note = textOf(result.description) ?? '';
  const columns = [column('type'), column('key'), column('fields'), column('score', NUMBER)];
  const cells = items.map(({ entityType, key, fields, score }) => [
    entityType ?? '',
    key ?? '',
    fields ?? {},
    score ?? null,
  ]);
  const hasScores = items.some(({ score }) => score !== undefined);
  if (hasScores) return { columns, rows: cells, note };
  return { columns: columns.slice(0, -1), rows: cells.map((row) => row.slice(0, -1)), note };
};

const decoder = new TextDecoder('utf-8', { fatal: true });

const blob: Read = (result) => {
  const bytes = Buffer.from(textOf(result.data) ?? '', 'base64');
  const note = `${bytes.length.toLocaleString('en-US')} ${bytes.length === 1 ? 'byte' : 'bytes'}`;
  try {
    return { text: linesOf(decoder.decode(bytes)), note };
  } catch {
    return { text: undefined, note: `${note} that are no text` };
  }
};

/** Line ends stay, everything else that could drive a terminal does not. */
const linesOf = (text: string): string => text.replace(/\n$/, '').split('\n').map(escapeControls).join('\n');

const value: Read = (result) => ({ text: linesOf(textOf(result.value) ?? ''), note: '' });

const aggregate: Read = (result) => {
  const [name = 'count', found = '0'] = Object.entries(result)[0] ?? [];
  return { columns: [column(name, NUMBER)], rows: [[name === 'count' ? integer(found) : found]] };
};

const scored = [
  ['node_id', 'nodeId', NUMBER],
  ['score', 'score', NUMBER],
] as const;

const READERS: Readonly<Record<string, Read>> = {
  empty: () => ({ text: undefined, note: 'done' }),
  value,
  count: counted('affected', 'count'),
  ids: single('ids', 'id', NUMBER),
  rows,
  nodes: listed('nodes', [
    ['id', 'id', NUMBER],
    ['label', 'label'],
    ['properties', 'properties', TEXT],
  ]),
  edges: listed('edges', [
    ['id', 'id', NUMBER],
    ['from', 'from', NUMBER],
    ['to', 'to', NUMBER],
    ['type', 'label'],
    ['properties', 'properties', TEXT],
  ]),
  path,
  similar: listed('items', [
    ['key', 'key'],
    ['score', 'score', NUMBER],
  ]),
  unified,
  tableList: single('tables', 'table'),
  blob,
  artifactInfo: facts,
  artifactList: single('artifactIds', 'artifact'),
  blobStats: facts,
  checkpointList: listed('checkpoints', [
    ['id', 'id'],
    ['name', 'name'],
    ['created_at', 'createdAt', NUMBER],
  ]),
  pageRank: listed('items', scored),
  centrality: listed('items', scored),
  communities: listed('items', [
    ['node_id', 'nodeId', NUMBER],
    ['community_id', 'communityId', NUMBER],
  ]),
  constraints: listed('items', [
    ['name', 'name'],
    ['target', 'target'],
    ['property', 'property'],
    ['type', 'constraintType'],
  ]),
  aggregate,
  batchOperation: (result) => ({
    text: undefined,
    note: `${textOf(result.operation) ?? ''}: ${textOf(result.affectedCount) ?? '0'} affected`,
  }),
  graphIndexes: single('indexes', 'index'),
};

/** @param answer neumann.v1.QueryResponse in JSON */
export function shownAnswer(answer: JsonObject): Shown {
  for (const [kind, read] of Object.entries(READERS)) {
    const result = answer[kind];
    if (result !== undefined) return read(objectOf(result));
  }
  return { text: linesOf(stringifyExactJson(answer)), note: '' };
}
