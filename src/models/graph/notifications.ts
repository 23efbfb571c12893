/** What a client may want to know of a query beside its rows. Found without asking PostgreSQL, when somebody asks for it. */
import type { Plan } from './plan-cache.ts';
import type { SchemaCounters } from './schema/index.ts';

export interface GraphNotification {
  /**
   * `cartesian-product`: patterns of one MATCH that nothing holds together. `unbounded-length`: a relationship of variable
   * length without an upper bound. `exists-already`, `exists-not`: a command with IF NOT EXISTS or IF EXISTS has done nothing.
   */
  readonly kind: 'cartesian-product' | 'unbounded-length' | 'exists-already' | 'exists-not';
  /** Of a product: variables of all parts but the first; may be empty. */
  readonly names: readonly string[];
  /** The patterns, or the command, as they are written. */
  readonly texts: readonly string[];
  /** In the text of the query; the offset is in UTF-16 units from 0, line and column from 1. */
  readonly position: { readonly offset: number; readonly line: number; readonly column: number };
}

const NONE: readonly GraphNotification[] = [];

/** @param schema what a command has done, when it has run */
export function notificationsOf(
  { text, query }: Plan,
  schema: SchemaCounters | undefined,
): readonly GraphNotification[] {
  if (query.kind === 'query') {
    const hints = query.hints();
    if (hints.length === 0) return NONE;
    return hints.map(({ kind, names, patterns, offset }) => ({
      kind,
      names,
      texts: patterns,
      position: positionOf(text, offset),
    }));
  }
  const { command } = query;
  if (schema === undefined || Object.values(schema).some((count) => count > 0)) return NONE;
  const { start, end } = command.span;
  const isCreated = 'ifNotExists' in command;
  return [
    {
      kind: isCreated ? 'exists-already' : 'exists-not',
      names: [],
      texts: [text.slice(start, end)],
      position: positionOf(text, start),
    },
  ];
}

function positionOf(text: string, offset: number): GraphNotification['position'] {
  const before = text.slice(0, offset).split('\n');
  return { offset, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
