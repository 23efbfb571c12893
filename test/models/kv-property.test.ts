/** Random commands of several callers, against a map: whatever is batched with whatever, the answers are the same. */
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import * as kv from '../../src/models/index.ts';
import { openTestStore } from '../support/test-store.ts';
import { callerOn, codeOf } from './kv-support.ts';

const test = await openTestStore();
const call = callerOn(test.store, test.database);
afterAll(() => test.close());

type Command =
  | {
      readonly type: 'set';
      readonly key: string;
      readonly value: string;
      readonly nx: boolean;
      readonly xx: boolean;
    }
  | { readonly type: 'get' | 'del' | 'exists' | 'persist' | 'getset' | 'strlen'; readonly key: string }
  | { readonly type: 'incr'; readonly key: string; readonly amount: number }
  | { readonly type: 'append'; readonly key: string; readonly text: string }
  | { readonly type: 'mset' | 'msetnx'; readonly keys: readonly string[]; readonly value: string }
  | { readonly type: 'rename' | 'renamenx' | 'copy'; readonly key: string; readonly to: string };

const key = fc.constantFrom('a', 'b', 'c', 'd"\\', 'é🎈');
const value = fc.oneof(
  fc.integer({ min: -5, max: 5 }).map(String),
  fc.string({ unit: 'grapheme', maxLength: 4 }).map((text) => JSON.stringify(text)),
  fc.constantFrom('"7"', 'null', '[1, 2]', '9223372036854775807'),
);
const command: fc.Arbitrary<Command> = fc.oneof(
  fc
    .record({ type: fc.constant('set' as const), key, value, nx: fc.boolean(), xx: fc.boolean() })
    .map((one) => ({ ...one, xx: one.xx && !one.nx })),
  fc.record({ type: fc.constantFrom('get', 'del', 'exists', 'persist', 'getset', 'strlen'), key }),
  fc.record({ type: fc.constant('incr' as const), key, amount: fc.integer({ min: -3, max: 3 }) }),
  fc.record({ type: fc.constant('append' as const), key, text: fc.string({ maxLength: 3 }) }),
  fc.record({
    type: fc.constantFrom('mset', 'msetnx'),
    keys: fc.array(key, { minLength: 1, maxLength: 4 }),
    value,
  }),
  fc.record({ type: fc.constantFrom('rename', 'renamenx', 'copy'), key, to: key }),
);

const textOf = (json: string): string => (json.startsWith('"') ? (JSON.parse(json) as string) : json);

/** What a command answers by the map, in words. */
function expected(map: Map<string, string>, one: Command): unknown {
  switch (one.type) {
    case 'set': {
      const written = !((one.nx && map.has(one.key)) || (one.xx && !map.has(one.key)));
      if (written) map.set(one.key, one.value);
      return written;
    }
    case 'get':
      return map.get(one.key) ?? null;
    case 'del':
      return map.delete(one.key) ? 1 : 0;
    case 'exists':
      return map.has(one.key);
    case 'persist':
      return false;
    case 'getset': {
      const before = map.get(one.key) ?? null;
      map.set(one.key, '"new"');
      return before;
    }
    case 'strlen':
      return Buffer.byteLength(textOf(map.get(one.key) ?? ''));
    case 'incr': {
      const text = textOf(map.get(one.key) ?? '0');
      if (!/^[+-]?\d{1,19}$/.test(text)) return 'NOT_AN_INTEGER';
      const sum = BigInt(text) + BigInt(one.amount);
      if (BigInt.asIntN(64, sum) !== sum) return 'INTEGER_OVERFLOW';
      map.set(one.key, String(sum));
      return String(sum);
    }
    case 'append': {
      const text = textOf(map.get(one.key) ?? '') + one.text;
      map.set(one.key, JSON.stringify(text));
      return Buffer.byteLength(text);
    }
    case 'mset':
      for (const each of one.keys) map.set(each, one.value);
      return new Set(one.keys).size;
    case 'msetnx': {
      const free = !one.keys.some((each) => map.has(each));
      if (free) for (const each of one.keys) map.set(each, one.value);
      return free;
    }
    default:
      return moved(map, one);
  }
}

function moved(
  map: Map<string, string>,
  one: { type: 'rename' | 'renamenx' | 'copy'; key: string; to: string },
): string {
  const before = map.get(one.key);
  if (before === undefined) return 'KEY_NOT_FOUND';
  if (one.type !== 'rename' && map.has(one.to)) return 'KEY_EXISTS';
  if (one.key === one.to) return 'none';
  map.set(one.to, before);
  if (one.type !== 'copy') map.delete(one.key);
  return 'none';
}

/** The same in words, by the model. */
async function actual(one: Command): Promise<unknown> {
  switch (one.type) {
    case 'set':
      return (await call(kv.kvSet, { key: one.key, valueJson: one.value, nx: one.nx, xx: one.xx })).written;
    case 'get':
      return (await call(kv.kvGet, { key: one.key })).valueJson;
    case 'del':
      return (await call(kv.kvDel, { keys: [one.key] })).deleted;
    case 'exists':
      return (await call(kv.kvExists, { key: one.key })).exists;
    case 'persist':
      return (await call(kv.kvPersist, { key: one.key })).changed;
    case 'getset':
      return (await call(kv.kvGetset, { key: one.key, valueJson: '"new"' })).previousJson;
    case 'strlen':
      return (await call(kv.kvStrlen, { key: one.key })).length;
    case 'incr': {
      let value = '';
      const work = call(kv.kvIncr, { key: one.key, amount: one.amount }).then((result) => {
        value = String(result.value);
      });
      const code = await codeOf(work);
      return code === 'none' ? value : code;
    }
    case 'append':
      return (await call(kv.kvAppend, { key: one.key, text: one.text })).length;
    case 'mset':
    case 'msetnx': {
      const pairs = one.keys.map((each) => ({ key: each, valueJson: one.value }));
      if (one.type === 'mset') return (await call(kv.kvMset, { pairs })).written;
      return (await call(kv.kvMsetnx, { pairs })).written;
    }
    default: {
      const operation = { rename: kv.keyRename, renamenx: kv.keyRenamenx, copy: kv.keyCopy }[one.type];
      return codeOf(call(operation, { source: one.key, destination: one.to }));
    }
  }
}

it('answers like a map, with nobody waiting for anybody', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 60 }), async (commands) => {
      await test.admin('DELETE FROM kv.entry');
      const map = new Map<string, string>();
      const wanted = commands.map((one) => expected(map, one));
      expect(await Promise.all(commands.map(actual))).toEqual(wanted);
      const left = await test.admin('SELECT key, value FROM kv.entry');
      expect(new Map(left.map(([key, value]) => [key, value]))).toEqual(map);
    }),
    { numRuns: 60 },
  );
});
