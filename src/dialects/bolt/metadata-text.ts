/** What a client has attached to a transaction (`tx_metadata`), as one short text for the log. */
import { LIMITS } from '../../base/index.ts';
import {
  formatTemporal,
  type MapValue,
  Node,
  Path,
  Point,
  Relationship,
  type Value,
} from '../../cypher/index.ts';

/** Like JSON, cut off at `boltMetadataCharactersMax` characters; nothing is made of what is behind that. */
export function metadataText(metadata: MapValue): string {
  const max = LIMITS.boltMetadataCharactersMax;
  const out = { text: '' };
  write(out, metadata, max);
  return out.text.length > max ? `${out.text.slice(0, max)}…` : out.text;
}

function write(out: { text: string }, value: Value, max: number): void {
  if (out.text.length > max) return;
  if (value === null || typeof value !== 'object') {
    out.text += typeof value === 'string' ? JSON.stringify(value.slice(0, max)) : String(value);
  } else if (value instanceof Map) {
    writeAll(out, '{}', value, max, ([key, member]) => {
      out.text += `${JSON.stringify(key.slice(0, max))}:`;
      write(out, member, max);
    });
  } else if (Array.isArray(value)) {
    writeAll(out, '[]', value as readonly Value[], max, (item) => write(out, item, max));
  } else {
    const other = value as Exclude<typeof value, ReadonlyMap<string, Value> | readonly Value[]>;
    out.text += isOfGraph(other) ? other.constructor.name : JSON.stringify(formatTemporal(other));
  }
}

const isOfGraph = (value: object): value is Node | Relationship | Path | Point =>
  value instanceof Point || value instanceof Node || value instanceof Relationship || value instanceof Path;

function writeAll<Item>(
  out: { text: string },
  braces: '{}' | '[]',
  items: Iterable<Item>,
  max: number,
  writeOne: (item: Item) => void,
): void {
  out.text += braces[0];
  let isFirst = true;
  for (const item of items) {
    if (out.text.length > max) return;
    if (!isFirst) out.text += ',';
    isFirst = false;
    writeOne(item);
  }
  out.text += braces[1];
}
