/** What FIND shows of what it has found, whatever that is. */
import type { Name } from '../../../../nql/index.ts';

/** What an answer shows of a node, a row or an edge. */
export interface Found {
  readonly entityType: string;
  readonly key: string;
  readonly fields: Record<string, string>;
  readonly score?: number;
}

/** Of what there is, the fields that RETURN names; `all` when it names none. */
export function chosen(
  there: Record<string, string>,
  fields: readonly Name[] | undefined,
  all: Record<string, string>,
): Record<string, string> {
  if (fields === undefined) return all;
  return Object.fromEntries(
    fields.flatMap(({ text }) => {
      const value = there[text];
      return value === undefined || !Object.hasOwn(there, text) ? [] : [[text, value]];
    }),
  );
}
