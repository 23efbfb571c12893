/** Cypher's values as the Query API has them in plain JSON, which tells no types: an integer and a float look alike. */
import { type MapValue, Node, Path, Point, Relationship, type Value } from '../../../cypher/index.ts';
import type { JsonOut } from './json-out.ts';
import { floatJson, isoText, isTemporal, wellKnownText } from './scalars.ts';

/** Writes one value. @throws RESULT_TOO_LARGE */
export type WriteValue = (out: JsonOut, value: Value) => void;

export const writePlain: WriteValue = (out, value) => {
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
  if (value instanceof Node) {
    out.add(`{"elementId":"${value.id}","labels":${JSON.stringify(value.labels)},"properties":`);
    writePlainMap(out, value.properties);
    out.add('}');
  } else if (value instanceof Relationship) {
    out.add(`{"elementId":"${value.id}","startNodeElementId":"${value.startId}",`);
    out.add(`"endNodeElementId":"${value.endId}","type":${JSON.stringify(value.type)},"properties":`);
    writePlainMap(out, value.properties);
    out.add('}');
  } else if (value instanceof Map) writePlainMap(out, value as MapValue);
  else if (value instanceof Path) writeItems(out, elementsOf(value), writePlain);
  else if (value instanceof Point) out.add(`"${wellKnownText(value)}"`);
  else if (isTemporal(value)) out.add(JSON.stringify(isoText(value)));
  else writeItems(out, value as readonly Value[], writePlain);
}

const writePlainMap = (out: JsonOut, map: MapValue): void => writeMembers(out, map, writePlain);

export function writeMembers(out: JsonOut, map: MapValue, write: WriteValue): void {
  let before = '{';
  for (const [key, value] of map) {
    out.add(`${before}${JSON.stringify(key)}:`);
    write(out, value);
    before = ',';
  }
  out.add(map.size === 0 ? '{}' : '}');
}

export function writeItems(out: JsonOut, items: readonly Value[], write: WriteValue): void {
  let before = '[';
  for (const item of items) {
    out.add(before);
    write(out, item);
    before = ',';
  }
  out.add(items.length === 0 ? '[]' : ']');
}

/** Nodes and relationships by turns, from the first node to the last. */
export function elementsOf({ nodes, relationships }: Path): readonly (Node | Relationship)[] {
  return nodes.flatMap((node, index) => {
    const step = relationships[index - 1];
    return step === undefined ? [node] : [step, node];
  });
}
