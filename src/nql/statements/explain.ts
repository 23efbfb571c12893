/** EXPLAIN before FIND or SIMILAR: how it would be done. Before anything else it is PostgreSQL's own. */
import type { Form } from '../form.ts';
import type { Reader } from '../syntax/reader.ts';
import { type Find, findStatement } from './find.ts';
import { type Similar, similarStatement } from './similar.ts';

export interface Explain {
  readonly kind: 'explain';
  readonly statement: Find | Similar;
}

export const startsExplain = (reader: Reader): boolean =>
  reader.isWord('EXPLAIN') && (reader.isWord('FIND', 1) || reader.isWord('SIMILAR', 1));

/** Behind EXPLAIN. */
export function explainStatement(reader: Reader): Explain {
  const word = reader.expectOneOf('FIND', 'SIMILAR');
  return { kind: 'explain', statement: word === 'FIND' ? findStatement(reader) : similarStatement(reader) };
}

export const EXPLAIN_FORMS = [
  {
    name: 'EXPLAIN',
    kind: 'explain',
    syntax: 'EXPLAIN FIND … | SIMILAR …',
    summary: 'Answers the steps a search would take, in their order, without taking them.',
    examples: [
      {
        setup: ["ENTITY CREATE 'user:alice' { role: 'pilot' } EMBEDDING [1, 0]"],
        statement: "EXPLAIN FIND NODE user WHERE role = 'pilot' SIMILAR TO [1, 0] LIMIT 3",
      },
    ],
  },
] as const satisfies readonly Form[];
