/** REST routes of hashes, lists, sets and sorted sets. */
import * as models from '../../../models/index.ts';
import { command, json } from '../command.ts';
import { missing, pairsText } from '../commands/index.ts';
import type { Fields } from '../fields.ts';
import type { RestRoute } from './rest.ts';

/** Routes `/<kind>/:key/<verb>` whose command is `<kind>.<verb>`. */
export function verbs(
  kind: string,
  method: RestRoute['method'],
  names: readonly string[],
  commands: Readonly<Record<string, string>> = {},
): RestRoute[] {
  return names.map((verb) => ({
    method,
    path: `/${kind}/:key/${verb}`,
    command: `${kind}.${commands[verb] ?? verb}`,
  }));
}

const key = (fields: Fields) => ({ key: fields.string('key') });

/** Bare forms, as clients of these routes read them. */
const getall = command(models.hashGetall, { read: key, write: ({ pairs }) => pairsText(pairs) });
const keys = command(models.hashKeys, { read: key, write: (output) => json(output.fields) });
const vals = command(models.hashVals, { read: key, write: ({ valuesJson }) => `[${valuesJson.join(',')}]` });
const mget = command(models.hashMget, {
  read: (fields) => ({ ...key(fields), fields: fields.strings('fields') }),
  write: ({ valuesJson }) => `[${valuesJson.map((value) => value ?? 'null').join(',')}]`,
});
const field = command(models.hashGet, {
  read: (fields) => ({ ...key(fields), field: fields.string('field') }),
  write: ({ found, valueJson }) => (found ? (valueJson ?? 'null') : '{"found":false}'),
});

const HASH_ROUTES: readonly RestRoute[] = [
  { method: 'GET', path: '/hash/stats', command: 'hash.stats' },
  ...verbs('hash', 'POST', ['set', 'incrby', 'incrbyfloat', 'setnx']),
  { method: 'POST', path: '/hash/:key/mset', command: 'hash.mset', bodyAs: 'fields' },
  { method: 'POST', path: '/hash/:key/mget', command: mget },
  { method: 'GET', path: '/hash/:key/getall', command: getall },
  { method: 'GET', path: '/hash/:key/keys', command: keys },
  { method: 'GET', path: '/hash/:key/vals', command: vals },
  ...verbs('hash', 'GET', ['len']),
  ...verbs('hash', 'DELETE', ['del']),
  { method: 'GET', path: '/hash/:key/:field', command: field },
  { method: 'GET', path: '/hash/:key/:field/exists', command: 'hash.exists' },
];

const len = command(models.listLlen, {
  read: key,
  write: ({ exists, length }, fields) => (exists ? json({ length, ...key(fields) }) : missing(fields)),
});

const LIST_ROUTES: readonly RestRoute[] = [
  { method: 'GET', path: '/list/stats', command: 'list.stats' },
  ...verbs('list', 'POST', [
    'lpush',
    'rpush',
    'lpushx',
    'rpushx',
    'lpop',
    'rpop',
    'set',
    'trim',
    'rem',
    'insert',
  ]),
  ...verbs('list', 'GET', ['range']),
  { method: 'GET', path: '/list/:key/len', command: len },
  { method: 'GET', path: '/list/:key/index/:index', command: 'list.lindex' },
  { method: 'POST', path: '/list/:source/rpoplpush/:destination', command: 'list.rpoplpush' },
];

const SET_ROUTES: readonly RestRoute[] = [
  { method: 'GET', path: '/set/stats', command: 'set.stats' },
  ...['inter', 'union', 'diff'].map(
    (verb): RestRoute => ({ method: 'POST', path: `/set/${verb}`, command: `set.${verb}` }),
  ),
  ...verbs('set', 'POST', ['add', 'rem', 'ismember', 'pop']),
  ...verbs('set', 'GET', ['members', 'card', 'randmember']),
  { method: 'POST', path: '/set/:source/move/:destination', command: 'set.move' },
];

const SORTED_SET_ROUTES: readonly RestRoute[] = [
  { method: 'GET', path: '/sortedset/stats', command: 'sortedset.stats' },
  ...['zinterstore', 'zunionstore', 'zdiffstore'].map(
    (verb): RestRoute => ({ method: 'POST', path: `/sortedset/${verb}`, command: `sortedset.${verb}` }),
  ),
  ...verbs('sortedset', 'POST', [
    'zadd',
    'zrem',
    'zincrby',
    'zmscore',
    'zpopmin',
    'zpopmax',
    'zremrangebyrank',
    'zremrangebyscore',
  ]),
  ...verbs('sortedset', 'GET', ['zcard', 'zrange', 'zrevrange', 'zcount', 'zrangebyscore']),
  ...['zscore', 'zrank', 'zrevrank'].map(
    (verb): RestRoute => ({
      method: 'GET',
      path: `/sortedset/:key/:member/${verb}`,
      command: `sortedset.${verb}`,
    }),
  ),
];

export const COLLECTION_ROUTES: readonly RestRoute[] = [
  ...HASH_ROUTES,
  ...LIST_ROUTES,
  ...SET_ROUTES,
  ...SORTED_SET_ROUTES,
];
