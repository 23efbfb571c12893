/**
 * Cypher's values as the transactional endpoint has them: `row` has the properties of nodes and relationships alone,
 * `meta` says beside them what they are, and `graph` has all of them once, for programs that draw.
 */
import {
  crsName,
  DateTimeValue,
  DateValue,
  DurationValue,
  formatTemporal,
  isGeographic,
  LocalDateTimeValue,
  LocalTimeValue,
  type MapValue,
  Node,
  Path,
  Point,
  Relationship,
  type Temporal,
  type Value,
} from '../../../cypher/index.ts';
import type { JsonOut } from './json-out.ts';
import { elementsOf, type WriteValue, writeItems, writeMembers } from './plain-json.ts';
import { entitiesIn } from './relationship-ends.ts';
import { floatJson, isTemporal } from './scalars.ts';

export type Content = 'row' | 'graph';

/** @param ends nodes at the ends of relationships, for `graph` */
export function writeRow(
  out: JsonOut,
  row: readonly Value[],
  contents: readonly Content[],
  ends: ReadonlyMap<bigint, Node>,
): void {
  let before = '{';
  if (contents.includes('row')) {
    out.add('{"row":');
    writeItems(out, row, writeCell);
    out.add(',"meta":[');
    for (const [index, meta] of row.flatMap((value) => metaOf(value)).entries()) {
      out.add(index === 0 ? meta : `,${meta}`);
    }
    out.add(']');
    before = ',';
  }
  if (contents.includes('graph')) {
    out.add(`${before}"graph":`);
    writeGraph(out, row, ends);
  }
  out.add('}');
}

const writeCell: WriteValue = (out, value) => {
  switch (typeof value) {
    case 'string':
      out.add(JSON.stringify(value));
      break;
    case 'number':
      out.add(floatJson(value));
      break;
    case 'object':
      if (value === null) out.add('null');
      else writeObject(out, value);
      break;
    default:
      out.add(String(value));
  }
};

function writeObject(out: JsonOut, value: object): void {
  if (value instanceof Node || value instanceof Relationship) writeMembers(out, value.properties, writeCell);
  else if (value instanceof Map) writeMembers(out, value as MapValue, writeCell);
  else if (value instanceof Path) writeItems(out, elementsOf(value), writeCell);
  else if (value instanceof Point) out.add(pointJson(value));
  else if (isTemporal(value)) out.add(JSON.stringify(formatTemporal(value)));
  else writeItems(out, value as readonly Value[], writeCell);
}

/** As GeoJSON of 2008 has it, with a link to its coordinate system. */
function pointJson({ srid, coordinates }: Point): string {
  const registry = isGeographic(srid) ? 'epsg' : 'sr-org';
  return JSON.stringify({
    type: 'Point',
    coordinates,
    crs: {
      srid,
      name: crsName(srid),
      type: 'link',
      properties: { href: `http://spatialreference.org/ref/${registry}/${srid}/ogcwkt/`, type: 'ogcwkt' },
    },
  });
}

/** One text for each scalar and entity: lists and maps have none of their own, a path has a list. */
function metaOf(value: Value): readonly string[] {
  if (typeof value !== 'object' || value === null) return ['null'];
  if (value instanceof Node) return [entityMeta('node', value)];
  if (value instanceof Relationship) return [entityMeta('relationship', value)];
  if (value instanceof Path) return [`[${elementsOf(value).flatMap(metaOf).join(',')}]`];
  if (value instanceof Point) return ['{"type":"point"}'];
  if (isTemporal(value)) return [`{"type":"${temporalName(value)}"}`];
  if (value instanceof Map) return [...(value as MapValue).values()].flatMap(metaOf);
  return (value as readonly Value[]).flatMap(metaOf);
}

const entityMeta = (type: string, { id, deleted }: Node | Relationship): string =>
  `{"id":${id},"elementId":"${id}","type":"${type}","deleted":${deleted}}`;

function temporalName(value: Temporal): string {
  if (value instanceof DateTimeValue) return 'datetime';
  if (value instanceof DateValue) return 'date';
  if (value instanceof LocalDateTimeValue) return 'localdatetime';
  if (value instanceof LocalTimeValue) return 'localtime';
  return value instanceof DurationValue ? 'duration' : 'time';
}

/** @param ends nodes that relationships of the row may begin or end at */
function writeGraph(out: JsonOut, row: readonly Value[], ends: ReadonlyMap<bigint, Node>): void {
  const { nodes, relationships } = entitiesIn(row);
  for (const { startId, endId } of relationships.values()) {
    for (const id of [startId, endId]) {
      const end = ends.get(id);
      if (end !== undefined && !nodes.has(id)) nodes.set(id, end);
    }
  }
  out.add('{"nodes":[');
  for (const [index, node] of [...nodes.values()].entries()) {
    const { id, labels, properties } = node;
    out.add(`${index === 0 ? '' : ','}{"id":"${id}","elementId":"${id}",`);
    out.add(`"labels":${JSON.stringify(labels)},"properties":`);
    writeMembers(out, properties, writeCell);
    out.add('}');
  }
  out.add('],"relationships":[');
  for (const [index, relationship] of [...relationships.values()].entries()) {
    const { id, type, startId, endId, properties } = relationship;
    out.add(`${index === 0 ? '' : ','}{"id":"${id}","elementId":"${id}","type":${JSON.stringify(type)},`);
    out.add(`"startNode":"${startId}","startNodeElementId":"${startId}",`);
    out.add(`"endNode":"${endId}","endNodeElementId":"${endId}","properties":`);
    writeMembers(out, properties, writeCell);
    out.add('}');
  }
  out.add(']}');
}
