/** Evaluates the text of a Cypher expression, for tests of operators and functions: text in, literal or error out. */

import { FacetError } from '../../src/base/index.ts';
import { CypherError } from '../../src/cypher/cypher-error.ts';
import type { QueryContext } from '../../src/cypher/run/context.ts';
import { compile } from '../../src/cypher/run/expressions/compile.ts';
import { Slots } from '../../src/cypher/run/row.ts';
import type { Expression } from '../../src/cypher/syntax/ast.ts';
import { parse } from '../../src/cypher/syntax/parse.ts';
import { Meter } from '../../src/cypher/values/meter.ts';
import { toLiteral } from '../../src/cypher/values/text.ts';
import type { Node, Value } from '../../src/cypher/values/value.ts';

export interface World {
  readonly variables?: Readonly<Record<string, Value>>;
  readonly parameters?: Readonly<Record<string, Value>>;
  readonly nodes?: readonly Node[];
  readonly random?: () => number;
  readonly checkpoint?: () => void;
}

/** Monday 2 November 2026, 09:30:15.123456789 in Stockholm. */
const CLOCK = {
  epochMillis: Date.UTC(2026, 10, 2, 8, 30, 15, 123),
  nanos: 456_789,
  zone: 'Europe/Stockholm',
};

export function expressionOf(text: string): Expression {
  const { body } = parse(`RETURN ${text} AS value`);
  if (body.kind !== 'query') throw new Error(`not a query: ${text}`);
  const clause = body.parts[0]?.clauses[0];
  const item = clause?.kind === 'return' ? clause.items[0] : undefined;
  if (item === undefined) throw new Error(`not an expression: ${text}`);
  return item.expression;
}

export const contextOf = (world: World = {}): QueryContext => ({
  parameters: new Map(Object.entries(world.parameters ?? {})),
  clock: CLOCK,
  random: world.random ?? (() => 0.25),
  graph: { node: (id) => world.nodes?.find((node) => node.id === id) },
  subqueries: new Map(),
  meter: new Meter(world.checkpoint ?? (() => {})),
});

export function evaluate(text: string, world: World = {}): Value {
  const variables = Object.entries(world.variables ?? {});
  const slots = new Slots(variables.map(([name]) => name));
  const compiled = compile(expressionOf(text), slots, {
    pattern: () => () => true,
  });
  const row = Array.from({ length: slots.width }, (_, slot) => variables[slot]?.[1] ?? null);
  const context = contextOf(world);
  return context.meter.during(() => compiled(row, context));
}

/** The value as a literal, or `Type: reason` of what it raises, or the code where Cypher has no name for it. */
export function outcome(text: string, world: World = {}): string {
  try {
    return toLiteral(evaluate(text, world));
  } catch (error) {
    if (error instanceof CypherError) return `${error.type}: ${error.reason}`;
    if (error instanceof FacetError) return error.code;
    throw error;
  }
}
