/** Functions that become parameters, and what only looks like one of them. */
import { expect, test } from 'vitest';
import { DateValue, LocalDateTimeValue, type Value } from '../../../cypher/index.ts';
import { explicitFunctions } from './explicit-functions.ts';

const NONE: ReadonlyMap<string, Value> = new Map();
const rewritten = (text: string, params = NONE): string => explicitFunctions(text, params).text;

test('calls become parameters with their values', () => {
  const { text, params } = explicitFunctions(
    'CREATE (:T {id: gen_random_uuid(), other: GEN_RANDOM_UUID ( ), at: current_timestamp(), day: Current_Date()})',
    new Map<string, Value>([['x', 1n]]),
  );
  expect(text).toBe('CREATE (:T {id: $_uuid_0, other: $_uuid_1, at: $_now_0, day: $_date_0})');
  expect([...params.keys()]).toEqual(['x', '_uuid_0', '_uuid_1', '_now_0', '_date_0']);
  expect(params.get('_uuid_0')).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(params.get('_uuid_1')).not.toBe(params.get('_uuid_0'));
  expect(params.get('_now_0')).toBeInstanceOf(LocalDateTimeValue);
  expect(params.get('_date_0')).toBeInstanceOf(DateValue);
});

test('a text without them, and its parameters, stay the very same', () => {
  const params: ReadonlyMap<string, Value> = new Map([['x', 1n]]);
  const text = 'MATCH (n) RETURN n';
  expect(explicitFunctions(text, params)).toEqual({ text, params });
  expect(explicitFunctions(text, params).params).toBe(params);
});

test.each([
  'RETURN \'gen_random_uuid()\' AS s, "current_date()"',
  "RETURN 'it\\'s gen_random_uuid()'",
  'RETURN 1 // gen_random_uuid()',
  'RETURN 1 /* current_timestamp() */',
  'RETURN `gen_random_uuid`()',
  'RETURN my_gen_random_uuid()',
  'RETURN gen_random_uuid(1)',
  'RETURN n.current_date()',
  'RETURN n.current_date',
  'RETURN $gen_random_uuid',
])('%s has none', (text) => {
  expect(rewritten(text)).toBe(text);
});

test('names that are taken are left alone', () => {
  const params: ReadonlyMap<string, Value> = new Map([['_uuid_0', 'mine']]);
  const done = explicitFunctions('CREATE (:T {a: $_uuid_0, b: $_uuid_1, c: gen_random_uuid()})', params);
  expect(done.text).toBe('CREATE (:T {a: $_uuid_0, b: $_uuid_1, c: $_uuid_2})');
  expect(done.params.get('_uuid_0')).toBe('mine');
});

test('rows have identities of their own', () => {
  expect(rewritten('UNWIND range(1, 3) AS i CREATE (:T {id: gen_random_uuid(), day: current_date()})')).toBe(
    'UNWIND range(1, 3) AS i CREATE (:T {id: randomUUID(), day: $_date_0})',
  );
  expect(rewritten('MATCH (n) SET n.u = gen_random_uuid()')).toBe('MATCH (n) SET n.u = randomUUID()');
  expect(rewritten('RETURN [x IN [1, 2] | gen_random_uuid()]')).toBe('RETURN [x IN [1, 2] | randomUUID()]');
});
