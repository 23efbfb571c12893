/** Query strings as input: types by the schema, and what is refused. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { queryPlanOf, readQueryString } from './query-string.ts';

const plan = queryPlanOf(
  z.strictObject({
    schema: z.string().optional(),
    includeSystem: z.boolean().optional(),
    limit: z.int().min(1).optional(),
  }),
);
const read = (text: string): unknown => readQueryString(`/x${text}`, plan);

describe('a query string', () => {
  it.each([
    ['', {}],
    ['?', {}],
    ['?limit=10&schema=a%20b+c&include_system=true', { limit: 10, schema: 'a b c', include_system: true }],
    ['?schema=', { schema: '' }],
    ['?schema', { schema: '' }],
    ['?schema=%C3%BC%26%3D', { schema: 'ü&=' }],
    // What does not fit stays text, for the schema to refuse.
    ['?limit=1e3', { limit: '1e3' }],
    ['?limit=0x10', { limit: '0x10' }],
    ['?limit=', { limit: '' }],
    ['?limit=99999999999999999999', { limit: '99999999999999999999' }],
    ['?include_system=TRUE', { include_system: 'TRUE' }],
    ['?include_system=1', { include_system: '1' }],
    ['?nope=1', { nope: '1' }],
  ])('%s', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it('names no parameter twice, and decodes to UTF-8', () => {
    expect(() => read('?limit=1&limit=2')).toThrow("'limit' is given more than once");
    expect(() => read('?schema=%ff')).toThrow('an escape that is not UTF-8');
    expect(() => read('?__proto__=1')).toThrow("Unknown field: '__proto__'");
  });
});
