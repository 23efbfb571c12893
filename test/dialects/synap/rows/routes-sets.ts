/** Calls of the routes of sets, sorted sets, bitmaps, HyperLogLogs and places, in an order that makes sense. */
import { expect } from 'vitest';
import type { Line } from './line.ts';

const NONE = undefined;
const any = (type: unknown) => expect.any(type);

export const SETS: readonly Line[] = [
  ['POST', '/set/a/add', { members: ['x', 'y'] }, { added: 2, key: 'a' }],
  ['POST', '/set/b/add', { members: ['y', 'z'] }, { added: 2, key: 'b' }],
  ['POST', '/set/a/ismember', { member: 'x' }, { is_member: true, key: 'a' }],
  ['GET', '/set/a/members', NONE, { members: ['x', 'y'], count: 2, key: 'a' }],
  ['GET', '/set/a/card', NONE, expect.objectContaining({ count: 2, key: 'a' })],
  ['GET', '/set/none/card', NONE, expect.objectContaining({ status: 'error' }), 404],
  ['POST', '/set/inter', { keys: ['a', 'b'] }, { members: ['y'], count: 1 }],
  ['POST', '/set/union', { keys: ['a', 'b'] }, { members: ['x', 'y', 'z'], count: 3 }],
  ['POST', '/set/diff', { keys: ['a', 'b'] }, { members: ['x'], count: 1 }],
  ['POST', '/set/a/move/b', { member: 'x' }, { moved: true, source: 'a', destination: 'b' }],
  ['GET', '/set/a/randmember?count=1', NONE, { members: ['y'], count: 1, key: 'a' }],
  ['POST', '/set/a/pop?count=1', NONE, { members: ['y'], count: 1, key: 'a' }],
  ['POST', '/set/b/rem', { members: ['x', 'no'] }, { removed: 1, key: 'b' }],
  ['GET', '/set/stats', NONE, expect.objectContaining({ total_sets: 1, total_members: 2 })],
];

const scored = (member: string, score: number) => ({ member, score });
export const SORTED_SETS: readonly Line[] = [
  ['POST', '/sortedset/z/zadd', scored('a', 1), { added: 1, changed: 0, key: 'z' }],
  [
    'POST',
    '/sortedset/z/zadd',
    { members: [scored('b', 2), scored('c', 3)] },
    { added: 2, changed: 0, key: 'z' },
  ],
  ['POST', '/sortedset/z/zadd', { members: ['d'], scores: [4] }, { added: 1, changed: 0, key: 'z' }],
  ['GET', '/sortedset/z/a/zscore', NONE, { score: 1, key: 'z', member: 'a' }],
  ['GET', '/sortedset/z/none/zscore', NONE, { score: null, key: 'z', member: 'none' }],
  ['GET', '/sortedset/z/zcard', NONE, { count: 4, key: 'z' }],
  ['POST', '/sortedset/z/zincrby', scored('a', 0.5), { score: 1.5, key: 'z', member: 'a' }],
  [
    'GET',
    '/sortedset/z/zrange?start=0&stop=0&withscores=true',
    NONE,
    { members: [scored('a', 1.5)], count: 1, key: 'z' },
  ],
  ['GET', '/sortedset/z/zrevrange?start=0&stop=0', NONE, { members: [scored('d', 4)], count: 1, key: 'z' }],
  ['GET', '/sortedset/z/b/zrank', NONE, { rank: 1, key: 'z', member: 'b' }],
  ['GET', '/sortedset/z/b/zrevrank', NONE, { rank: 2, key: 'z', member: 'b' }],
  ['GET', '/sortedset/z/zcount?min=2&max=3', NONE, { count: 2, key: 'z' }],
  ['GET', '/sortedset/z/zcount?min=-inf&max=%2Binf', NONE, { count: 4, key: 'z' }],
  ['POST', '/sortedset/z/zmscore', { members: ['b', 'none'] }, { scores: [2, null], key: 'z' }],
  [
    'GET',
    '/sortedset/z/zrangebyscore?min=3&max=9',
    NONE,
    { members: [scored('c', 3), scored('d', 4)], count: 2, key: 'z' },
  ],
  [
    'POST',
    '/sortedset/zunionstore',
    { destination: 'u', keys: ['z'], weights: [2] },
    { count: 4, destination: 'u' },
  ],
  ['POST', '/sortedset/zinterstore', { destination: 'i', keys: ['z', 'u'] }, { count: 4, destination: 'i' }],
  ['POST', '/sortedset/zdiffstore', { destination: 'd', keys: ['z', 'u'] }, { count: 0, destination: 'd' }],
  ['POST', '/sortedset/z/zpopmin?count=1', NONE, { members: [scored('a', 1.5)], count: 1, key: 'z' }],
  ['POST', '/sortedset/z/zpopmax', NONE, { members: [scored('d', 4)], count: 1, key: 'z' }],
  ['POST', '/sortedset/z/zremrangebyrank?start=0&stop=0', NONE, { removed: 1, key: 'z' }],
  ['POST', '/sortedset/z/zremrangebyscore?min=9&max=10', NONE, { removed: 0, key: 'z' }],
  ['POST', '/sortedset/z/zrem', { members: ['c'] }, { removed: 1, key: 'z' }],
  ['GET', '/sortedset/stats', NONE, expect.objectContaining({ total_keys: 2, total_members: 8 })],
];

export const BYTES: readonly Line[] = [
  ['POST', '/bitmap/bits/setbit', { offset: 7, value: 1 }, { key: 'bits', offset: 7, old_value: 0 }],
  ['GET', '/bitmap/bits/getbit/7', NONE, { key: 'bits', offset: 7, value: 1 }],
  ['GET', '/bitmap/none/getbit/7', NONE, expect.objectContaining({ status: 'error' }), 404],
  ['GET', '/bitmap/bits/bitcount?start=0&end=7', NONE, { key: 'bits', count: 1 }],
  ['GET', '/bitmap/bits/bitpos?value=1', NONE, { key: 'bits', position: 7 }],
  [
    'POST',
    '/bitmap/not/bitop',
    { operation: 'NOT', source_keys: ['bits'] },
    { destination: 'not', length: 8 },
  ],
  [
    'POST',
    '/bitmap/bits/bitfield',
    [{ operation: 'GET', offset: 0, width: 8 }],
    { key: 'bits', results: [1] },
  ],
  ['GET', '/bitmap/stats', NONE, expect.objectContaining({ total_bitmaps: 2 })],
  ['POST', '/hyperloglog/p/pfadd', { elements: ['a', 'b'] }, { key: 'p', added: true }],
  ['GET', '/hyperloglog/p/pfcount', NONE, { key: 'p', count: 2 }],
  ['GET', '/hyperloglog/none/pfcount', NONE, expect.objectContaining({ status: 'error' }), 404],
  ['POST', '/hyperloglog/all/pfmerge', { sources: ['p'] }, { destination: 'all', count: 2 }],
  ['GET', '/hyperloglog/stats', NONE, expect.objectContaining({ total_hlls: 2 })],
  [
    'POST',
    '/geospatial/g/geoadd',
    {
      locations: [
        { lat: 38.115556, lon: 13.361389, member: 'P' },
        { lat: 37.502669, lon: 15.087269, member: 'C' },
      ],
    },
    { key: 'g', added: 2 },
  ],
  [
    'GET',
    '/geospatial/g/geodist/P/C?unit=km',
    NONE,
    { key: 'g', member1: 'P', member2: 'C', distance: expect.closeTo(166.274, 2), unit: 'km' },
  ],
  [
    'GET',
    '/geospatial/g/georadius?lat=37&lon=15&radius=100&unit=km&withdist=true',
    NONE,
    { key: 'g', results: [{ member: 'C', distance: expect.closeTo(56.44, 1) }] },
  ],
  [
    'GET',
    '/geospatial/g/georadiusbymember/P?radius=1&unit=km&withcoord=true',
    NONE,
    { key: 'g', results: [{ member: 'P', coord: { lat: any(Number), lon: any(Number) } }] },
  ],
  [
    'POST',
    '/geospatial/g/geosearch',
    { from_member: 'P', by_box: [400, 400, 'km'], sort: 'ASC' },
    { key: 'g', results: [{ member: 'P' }, { member: 'C' }] },
  ],
  [
    'POST',
    '/geospatial/g/geopos',
    { members: ['P', 'no'] },
    { key: 'g', coordinates: [{ lat: any(Number), lon: any(Number) }, null] },
  ],
  ['POST', '/geospatial/g/geohash', { members: ['P'] }, { key: 'g', geohashes: ['sqc8b49rny0'] }],
  [
    'GET',
    '/geospatial/stats',
    NONE,
    expect.objectContaining({ total_keys: any(Number), total_locations: any(Number) }),
  ],
];
