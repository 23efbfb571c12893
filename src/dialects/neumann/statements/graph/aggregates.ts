/** AGGREGATE and COUNT: one number about nodes or edges. */
import type { AggregateFunction, StatementOf } from '../../../../nql/index.ts';
import type { PlainResult } from '../../result.ts';
import type { Runners } from '../../statement-call.ts';
import { askCypher } from '../asking.ts';
import { CypherParameters, conditionCypher, cypherName } from '../condition-cypher.ts';
import { labelsCypher } from './cypher.ts';

type Aggregate = StatementOf<'aggregate'>;
type Value = NonNullable<Extract<PlainResult, { case: 'aggregate' }>['value']['value']>;

function query(
  { of, function: called, property, label, condition }: Aggregate,
  parameters: CypherParameters,
): string {
  const pattern = of === 'node' ? `(x${labelsCypher([label])})` : `()-[x${labelsCypher([label])}]->()`;
  const tests: string[] = [];
  const value = property === undefined ? '*' : `x.${cypherName(property.text)}`;
  if (property !== undefined) {
    // Only numbers have an order with a number, and NaN has none with any.
    tests.push(called === 'count' ? `${value} IS NOT NULL` : `(${value} >= 0 OR ${value} < 0)`);
  }
  if (condition !== undefined) tests.push(conditionCypher(condition, parameters, 'x'));
  const where = tests.length === 0 ? '' : ` WHERE ${tests.join(' AND ')}`;
  // The answer is of double precision, and so is what leads to it: whole numbers of 64 bits would overflow.
  const added = called === 'sum' || called === 'avg' ? `toFloat(${value})` : value;
  return `MATCH ${pattern}${where} RETURN ${called}(${added})`;
}

/** Of no numbers it is 0. */
function resultOf(called: AggregateFunction, given: unknown): Value {
  if (called === 'count') return { case: 'count', value: typeof given === 'bigint' ? given : 0n };
  return { case: called, value: Number(given ?? 0) } as Value;
}

export const AGGREGATE_RUNNERS: Runners<'aggregate'> = {
  aggregate: {
    answers: () => 'aggregate',
    run: async (statement, call) => {
      const parameters = new CypherParameters();
      const { rows } = await askCypher(call, query(statement, parameters), parameters.values);
      return { case: 'aggregate', value: { value: resultOf(statement.function, rows[0]?.[0]) } };
    },
  },
};
