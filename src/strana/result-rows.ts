/**
 * Rows of a result, straight from Cypher's values to bytes: what generated code makes of graphValueOf, byte for byte, and
 * several times as fast. Rows, and what they consist of, are written from the last to the first.
 */
import {
  formatTemporal,
  type MapValue,
  Node,
  Path,
  Point,
  Relationship,
  type Value,
} from '../cypher/index.ts';
import type { BackwardWriter } from './backward-writer.ts';
import { checkNesting, type IdTable, isTemporalValue, pointMap, shownLabel } from './graph-value.ts';

/** Tags of the members of GraphValue. */
const NULL = 0x0a;
const BOOL = 0x10;
const INTEGER = 0x18;
const FLOAT = 0x21;
const TEXT = 0x2a;
const LIST = 0x32;
const MAP = 0x3a;
const NODE = 0x42;
const RELATIONSHIP = 0x4a;
const PATH = 0x52;

/** Tags of the fields 1 to 5 where those are messages or texts. */
const FIELD_1 = 0x0a;
const FIELD_2 = 0x12;
const FIELD_3 = 0x1a;
const FIELD_4 = 0x22;
const FIELD_5 = 0x2a;

type Row = readonly Value[];

/** Field 2 of Result for each of `rows` from `from` to `to`. @throws RESULT_TOO_LARGE, LIMIT_EXCEEDED */
export function writeRows(
  writer: BackwardWriter,
  rows: readonly Row[],
  from: number,
  to: number,
  ids: IdTable,
): void {
  for (let index = to - 1; index >= from; index--) {
    const row = rows[index] ?? [];
    const before = writer.length;
    for (let column = row.length - 1; column >= 0; column--) {
      const valueBefore = writer.length;
      writeValue(writer, row[column] ?? null, ids, 0);
      writer.enclose(valueBefore, FIELD_1);
    }
    writer.enclose(before, FIELD_2);
  }
}

/** The inside of a GraphValue. */
export function writeValue(writer: BackwardWriter, value: Value, ids: IdTable, depth: number): void {
  switch (typeof value) {
    case 'string':
      writer.text(value);
      writer.byte(TEXT);
      return;
    case 'bigint':
      writer.integer(value);
      writer.byte(INTEGER);
      return;
    case 'number':
      writer.double(value);
      writer.byte(FLOAT);
      return;
    case 'boolean':
      writer.byte(value ? 1 : 0);
      writer.byte(BOOL);
      return;
  }
  if (value === null) {
    writer.byte(0);
    writer.byte(NULL);
    return;
  }
  checkNesting(depth);
  writeComposite(writer, value, ids, depth);
}

type Composite = Exclude<Value, null | string | bigint | number | boolean>;

function writeComposite(writer: BackwardWriter, value: Composite, ids: IdTable, depth: number): void {
  const before = writer.length;
  if (value instanceof Node) {
    writeNode(writer, value, ids, depth);
    writer.enclose(before, NODE);
  } else if (value instanceof Relationship) {
    writeRelationship(writer, value, ids, depth);
    writer.enclose(before, RELATIONSHIP);
  } else if (value instanceof Map) {
    writeEntries(writer, value, FIELD_1, ids, depth);
    writer.enclose(before, MAP);
  } else if (Array.isArray(value)) {
    writeItems(writer, value as readonly Value[], FIELD_1, ids, depth);
    writer.enclose(before, LIST);
  } else if (value instanceof Path) {
    writeItems(writer, value.relationships, FIELD_2, ids, depth);
    writeItems(writer, value.nodes, FIELD_1, ids, depth);
    writer.enclose(before, PATH);
  } else if (isTemporalValue(value)) {
    writer.text(formatTemporal(value));
    writer.byte(TEXT);
  } else if (value instanceof Point) {
    writeEntries(writer, pointMap(value), FIELD_1, ids, depth);
    writer.enclose(before, MAP);
  }
}

function writeItems(
  writer: BackwardWriter,
  items: readonly Value[],
  tag: number,
  ids: IdTable,
  depth: number,
): void {
  for (let index = items.length - 1; index >= 0; index--) {
    const before = writer.length;
    writeValue(writer, items[index] ?? null, ids, depth + 1);
    writer.enclose(before, tag);
  }
}

function writeEntries(writer: BackwardWriter, map: MapValue, tag: number, ids: IdTable, depth: number): void {
  if (map.size === 0) return;
  const keys = [...map.keys()];
  for (let index = keys.length - 1; index >= 0; index--) {
    const key = keys[index] ?? '';
    const before = writer.length;
    writeValue(writer, map.get(key) ?? null, ids, depth + 1);
    writer.enclose(before, FIELD_2);
    if (key !== '') {
      writer.text(key);
      writer.byte(FIELD_1);
    }
    writer.enclose(before, tag);
  }
}

function writeNode(writer: BackwardWriter, node: Node, ids: IdTable, depth: number): void {
  writeEntries(writer, node.properties, FIELD_3, ids, depth);
  const label = shownLabel(node);
  writeLabel(writer, label);
  writeId(writer, ids.label(label, node.id), node.id, FIELD_1);
}

function writeRelationship(
  writer: BackwardWriter,
  relationship: Relationship,
  ids: IdTable,
  depth: number,
): void {
  const { id, type, startId, endId, properties } = relationship;
  writeEntries(writer, properties, FIELD_5, ids, depth);
  writeId(writer, ids.end(endId), endId, FIELD_4);
  writeId(writer, ids.end(startId), startId, FIELD_3);
  writeLabel(writer, type);
  writeId(writer, ids.type(type), id, FIELD_1);
}

function writeLabel(writer: BackwardWriter, label: string): void {
  if (label === '') return;
  writer.text(label);
  writer.byte(FIELD_2);
}

function writeId(writer: BackwardWriter, table: number, offset: bigint, tag: number): void {
  const before = writer.length;
  if (offset !== 0n) {
    writer.integer(offset);
    writer.byte(0x10);
  }
  if (table !== 0) {
    writer.varint(table);
    writer.byte(0x08);
  }
  writer.enclose(before, tag);
}
