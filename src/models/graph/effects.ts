/**
 * What a query did to the graph, as the statements that carried it to PostgreSQL had it: identities that were given out,
 * values that were computed. Doing it again computes nothing, so it makes the same graph.
 */
import type { MapValue, Value } from '../../cypher/index.ts';

/** Properties are the text of a jsonb object as property-json.ts writes it, keys that are gone in that form, too. */
export type Effect =
  | {
      readonly what: 'insert nodes';
      readonly ids: readonly bigint[];
      readonly labels: readonly (readonly string[])[];
      readonly properties: readonly string[];
    }
  | {
      readonly what: 'insert relationships';
      readonly ids: readonly bigint[];
      readonly types: readonly string[];
      readonly starts: readonly bigint[];
      readonly ends: readonly bigint[];
      readonly properties: readonly string[];
    }
  | {
      readonly what: 'update nodes';
      readonly ids: readonly bigint[];
      /** All labels afterwards. */
      readonly labels: readonly (readonly string[])[];
      readonly removed: readonly (readonly string[])[];
      readonly changed: readonly string[];
    }
  | {
      readonly what: 'update relationships';
      readonly ids: readonly bigint[];
      readonly removed: readonly (readonly string[])[];
      readonly changed: readonly string[];
    }
  | { readonly what: 'delete relationships'; readonly ids: readonly bigint[] }
  | { readonly what: 'delete nodes'; readonly ids: readonly bigint[] };

/** Lists of each kind of effect beside its ids, all as long as those. */
const LISTS: Readonly<Record<Effect['what'], readonly string[]>> = {
  'insert nodes': ['labels', 'properties'],
  'insert relationships': ['types', 'starts', 'ends', 'properties'],
  'update nodes': ['labels', 'removed', 'changed'],
  'update relationships': ['removed', 'changed'],
  'delete relationships': [],
  'delete nodes': [],
};

/** Lists of lists of texts; of integers; all others are of texts. */
const NESTED = new Set(['labels', 'removed']);
const INTEGERS = new Set(['ids', 'starts', 'ends']);

/** As a parameter of an entry. */
export const effectValue = (effect: Effect): MapValue => new Map(Object.entries(effect) as [string, Value][]);

/** @returns undefined for what is no effect */
export function effectOf(value: Value): Effect | undefined {
  if (!(value instanceof Map)) return undefined;
  const fields = value as MapValue;
  const what = fields.get('what');
  if (typeof what !== 'string' || !Object.hasOwn(LISTS, what)) return undefined;
  const ids = fields.get('ids');
  if (!isList(ids)) return undefined;
  const names = ['ids', ...LISTS[what as Effect['what']]];
  const fits = names.every((name) => {
    const list = fields.get(name);
    return isList(list) && list.length === ids.length && list.every((item) => isItem(name, item));
  });
  if (!fits) return undefined;
  return Object.fromEntries([['what', what], ...names.map((name) => [name, fields.get(name)])]) as Effect;
}

const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);

function isItem(name: string, item: Value): boolean {
  if (INTEGERS.has(name)) return typeof item === 'bigint';
  if (NESTED.has(name)) return isList(item) && item.every((text) => typeof text === 'string');
  return typeof item === 'string';
}

/** Both as one, where that is the same as one after the other; else undefined. */
export function joined(first: Effect, second: Effect): Effect | undefined {
  if (first.what !== second.what || first.ids.length + second.ids.length > JOINED_MAX) return undefined;
  if (first.what === 'update nodes' || first.what === 'update relationships') {
    // A statement changes each row once.
    const ids = new Set(first.ids);
    if (second.ids.some((id) => ids.has(id))) return undefined;
  }
  const lists = ['ids', ...LISTS[first.what]] as (keyof Effect)[];
  const both = lists.map((name) => [name, [...(first[name] as Value[]), ...(second[name] as Value[])]]);
  return Object.fromEntries([['what', first.what], ...both]) as Effect;
}

/** A statement with more rows is no faster, and joining is by copying. */
const JOINED_MAX = 1_000;

/** An effect as several, one after the other, each of some `bytesMax` bytes. */
export function* parts(effect: Effect, bytesMax: number): Generator<Effect> {
  const lists = ['ids', ...LISTS[effect.what]] as (keyof Effect)[];
  let from = 0;
  let bytes = 0;
  const part = (to: number): Effect => {
    const cut = lists.map((name) => [name, (effect[name] as Value[]).slice(from, to)]);
    return Object.fromEntries([['what', effect.what], ...cut]) as Effect;
  };
  for (let at = 0; at < effect.ids.length; at++) {
    const row = rowBytes(effect, at);
    if (bytes > 0 && bytes + row > bytesMax) {
      yield part(at);
      from = at;
      bytes = 0;
    }
    bytes += row;
  }
  yield from === 0 ? effect : part(effect.ids.length);
}

/** About: texts have at most three bytes for each of their units, and most have one. */
function rowBytes(effect: Effect, at: number): number {
  const texts = (list: readonly string[] | undefined): number =>
    list?.reduce((sum, text) => sum + text.length + 8, 0) ?? 0;
  switch (effect.what) {
    case 'insert nodes':
      return 16 + texts(effect.labels[at]) + (effect.properties[at]?.length ?? 0);
    case 'insert relationships':
      return 48 + (effect.types[at]?.length ?? 0) + (effect.properties[at]?.length ?? 0);
    case 'update nodes':
      return 16 + texts(effect.labels[at]) + texts(effect.removed[at]) + (effect.changed[at]?.length ?? 0);
    case 'update relationships':
      return 16 + texts(effect.removed[at]) + (effect.changed[at]?.length ?? 0);
    default:
      return 16;
  }
}
