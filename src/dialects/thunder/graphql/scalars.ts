/** How leaves go in and out. */
import { GraphQLError, GraphQLScalarType } from 'graphql';
import { assert } from '../../../base/index.ts';
import { jsonLiteral } from './json-literal.ts';
import { RawJson } from './raw-json.ts';

/** Answers are JSON text already when they get here. */
function rawJson(value: unknown): RawJson {
  assert(value instanceof RawJson, 'what is answered as JSON is text already');
  return value;
}

/** Gives the scalar JSON of a schema its ways in and out. */
export function readAndWriteJson(scalar: GraphQLScalarType): void {
  scalar.serialize = rawJson;
  scalar.parseValue = (value) => value;
  scalar.parseLiteral = jsonLiteral;
}

/** Stands in for `[[JSON]]` while a document runs: all rows are one text, for completing each cell costs more than reading it. */
export const ROWS = new GraphQLScalarType<RawJson, RawJson>({ name: 'Rows', serialize: rawJson });

/** `Int` has 32 bits, and tables have more rows and bytes: what is counted goes out as it is, up to 2^53. */
export const COUNT = new GraphQLScalarType<number, number>({
  name: 'Int',
  serialize(value) {
    if (Number.isSafeInteger(value)) return value as number;
    throw new GraphQLError('A count is beyond 2^53');
  },
});
