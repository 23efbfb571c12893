/** GRAPH INDEX CREATE, DROP and SHOW. */
import type { Form } from '../form.ts';
import { choose } from '../syntax/clauses.ts';
import { type Name, name } from '../syntax/names.ts';
import type { Reader } from '../syntax/reader.ts';
import { type ElementKind, elementKind } from './constraints.ts';

/** What is indexed: a property, or labels of nodes and types of edges themselves. */
export type IndexTarget =
  | { readonly of: 'property'; readonly on: ElementKind; readonly property: Name }
  | { readonly of: 'label' }
  | { readonly of: 'edge-type' };

export interface GraphIndexCreate {
  readonly kind: 'graph-index-create';
  readonly target: IndexTarget;
}

export interface GraphIndexDrop {
  readonly kind: 'graph-index-drop';
  readonly target: IndexTarget;
}

export interface GraphIndexShow {
  readonly kind: 'graph-index-show';
  readonly on: ElementKind;
}

export type GraphIndexStatement = GraphIndexCreate | GraphIndexDrop | GraphIndexShow;

export const graphIndexStatement = (reader: Reader): GraphIndexStatement =>
  choose<GraphIndexStatement>(reader, {
    CREATE: () => ({ kind: 'graph-index-create', target: target(reader) }),
    DROP: () => ({ kind: 'graph-index-drop', target: target(reader) }),
    SHOW: () => {
      reader.acceptWords('ON');
      return { kind: 'graph-index-show', on: elementKind(reader) };
    },
  });

function target(reader: Reader): IndexTarget {
  reader.acceptWords('ON');
  if (reader.acceptWords('LABEL')) return { of: 'label' };
  if (reader.acceptWords('EDGE_TYPE')) return { of: 'edge-type' };
  if (reader.isWord('EDGE') && reader.isWord('TYPE', 1) && isLast(reader, 2)) {
    reader.advance();
    reader.advance();
    return { of: 'edge-type' };
  }
  if (!reader.isWord('NODE') && !reader.isWord('VERTEX') && !reader.isWord('EDGE')) {
    throw reader.unexpected('NODE, EDGE, LABEL or EDGE TYPE', ['NODE', 'EDGE', 'LABEL', 'EDGE_TYPE']);
  }
  const on = elementKind(reader);
  if (!isLast(reader, 1)) reader.acceptWords('PROPERTY');
  return { of: 'property', on, property: name(reader, 'PROPERTY and the name of a property') };
}

const isLast = (reader: Reader, ahead: number): boolean =>
  reader.peek(ahead).kind === 'end' || reader.is(';', ahead);

const MODEL = 'GRAPH INDEX CREATE ON NODE PROPERTY model';

export const GRAPH_INDEX_FORMS = [
  {
    name: 'GRAPH INDEX CREATE',
    kind: 'graph-index-create',
    syntax: 'GRAPH INDEX CREATE [ON] NODE PROPERTY property | EDGE PROPERTY property | LABEL | EDGE TYPE',
    summary:
      'Makes conditions on a property fast. Labels and types of edges always are; to index them changes nothing.',
    examples: [{ statement: MODEL }],
  },
  {
    name: 'GRAPH INDEX DROP',
    kind: 'graph-index-drop',
    syntax: 'GRAPH INDEX DROP [ON] NODE [PROPERTY] property | EDGE [PROPERTY] property',
    summary: 'Removes the index of a property.',
    examples: [{ setup: [MODEL], statement: 'GRAPH INDEX DROP NODE model' }],
  },
  {
    name: 'GRAPH INDEX SHOW',
    kind: 'graph-index-show',
    syntax: 'GRAPH INDEX SHOW [ON] NODE | EDGE',
    summary: 'Answers the names of the properties that have an index.',
    examples: [{ setup: [MODEL], statement: 'GRAPH INDEX SHOW ON NODE' }],
  },
] as const satisfies readonly Form[];
