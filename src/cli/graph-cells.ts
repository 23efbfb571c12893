/** Nodes, relationships and paths of an answer as a table shows them: in the way that patterns are written. Pure. */
import { ExactNumber, type Json, stringifyExactJson } from '../base/index.ts';

type JsonObject = { readonly [key: string]: Json };

/** `(:Airport {"iata":"FRA"})` for a node, `[:ROUTE {"stops":0}]` for a relationship; a cell of anything else stays as it is. */
export function graphCell(cell: Json): Json {
  const text = pathText(cell) ?? entityText(cell);
  if (text !== undefined) return text;
  if (!Array.isArray(cell) || !cell.some((item) => entityText(item) !== undefined)) return cell;
  return `[${cell.map((item) => entityText(item) ?? stringifyExactJson(item)).join(', ')}]`;
}

function entityText(cell: Json): string | undefined {
  const object = objectOf(cell);
  if (object?._kind === 'node') {
    const labels = Array.isArray(object.labels) ? object.labels : object.label === null ? [] : [object.label];
    const names = labels.map((label) => `:${String(label)}`).join('');
    return `(${[names, propertiesText(object)].filter((part) => part !== '').join(' ')})`;
  }
  if (object?._kind === 'rel') {
    return `[${[`:${String(object.edge_type)}`, propertiesText(object)].filter((part) => part !== '').join(' ')}]`;
  }
  return undefined;
}

/** Arrows point as the relationships do, which may be against the way of the path. */
function pathText(cell: Json): string | undefined {
  if (!Array.isArray(cell) || cell.length < 3 || cell.length % 2 === 0) return undefined;
  const kinds = cell.map((item) => objectOf(item)?._kind);
  if (!kinds.every((kind, at) => kind === (at % 2 === 0 ? 'node' : 'rel'))) return undefined;
  return cell
    .map((item, at) => {
      const text = entityText(item) ?? '';
      if (at % 2 === 0) return text;
      return objectOf(item)?.src === objectOf(cell[at - 1])?.id ? `-${text}->` : `<-${text}-`;
    })
    .join('');
}

const propertiesText = ({ properties }: JsonObject): string => {
  const text = stringifyExactJson(properties ?? {});
  return text === '{}' ? '' : text;
};

function objectOf(cell: Json | undefined): JsonObject | undefined {
  const isObject =
    typeof cell === 'object' && cell !== null && !Array.isArray(cell) && !(cell instanceof ExactNumber);
  return isObject ? (cell as JsonObject) : undefined;
}
