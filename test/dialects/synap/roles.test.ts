/**
 * Every command with a payload that is right, by each role: what changes data is refused to whoever may only read,
 * over HTTP, WebSocket and REST routes, and a refused command has changed nothing.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../src/dialects/synap/commands/index.ts';
import { parseCredentials } from '../../../src/server/credentials.ts';
import { newToken } from '../../../src/server/index.ts';
import type { Leaves } from '../../support/leaves.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { ROWS, type Row, TAKEN } from './rows/index.ts';
import { connect, type SocketClient } from './socket-client.ts';

const tokens = { admin: newToken(), write: newToken(), read: newToken() } as const;
type Role = keyof typeof tokens;
const credentials = parseCredentials(
  (['admin', 'write', 'read'] as const).map((role) => ({ name: role, role, secret: tokens[role].hash })),
  'test',
);

/** What role read may do, word for word: a command that comes to be open to it by mistake is not in this list. */
const READS: ReadonlySet<string> = new Set(
  `kv.get kv.exists kv.ttl kv.scan kv.keys kv.mget kv.getrange kv.strlen kv.dbsize kv.stats
  key.type key.exists key.randomkey memory.usage
  hash.get hash.getall hash.exists hash.len hash.keys hash.vals hash.mget hash.stats
  list.lrange list.llen list.lindex list.lpos list.stats
  set.ismember set.members set.card set.randmember set.inter set.union set.diff set.stats
  sortedset.zscore sortedset.zmscore sortedset.zcard sortedset.zrange sortedset.zrevrange sortedset.zrank
  sortedset.zrevrank sortedset.zcount sortedset.zrangebyscore sortedset.stats
  bitmap.getbit bitmap.bitcount bitmap.bitpos bitmap.stats hyperloglog.pfcount hyperloglog.stats
  geospatial.geodist geospatial.georadius geospatial.georadiusbymember geospatial.geosearch geospatial.geopos
  geospatial.geohash geospatial.stats
  queue.stats queue.list queue.peek queue.dead_letters
  stream.history stream.rooms stream.stats stream.subscribe stream.unsubscribe
  topic.list topic.stats topic.consume
  consumer_group.list consumer_group.assignment consumer_group.offset consumer_group.stats
  pubsub.subscribe pubsub.unsubscribe pubsub.topics pubsub.info pubsub.stats
  admin.stats admin.health replication.status info`.split(/\s+/),
);
/** What is for admins alone. */
const ADMINS: ReadonlySet<string> = new Set([
  'kv.flushdb',
  'admin.config',
  'admin.shutdown',
  'replication.promote',
  'replication.resync',
]);

let server: TestServer;
let tables: string;
const sockets: Partial<Record<Role, SocketClient>> = {};
beforeAll(async () => {
  server = await startTestServer({ config: { credentials }, flags: { 'synap-allow-flush': 'true' } });
  tables = await readTables();
  for (const role of ['write', 'read'] as const) {
    sockets[role] = await connect(server, '/api/v1/ws', headersOf(role));
  }
});
afterAll(async () => {
  for (const client of Object.values(sockets)) await client.close();
  await server.stop();
});

const headersOf = (role: Role) => ({ 'x-api-key': tokens[role].token });
const optionsOf = (role: Role) => ({ headers: headersOf(role) });

type Ask = (role: Role, command: string, payload?: unknown) => Promise<Leaves>;

const overHttp: Ask = async (role, command, payload) => {
  const { status, json } = await server.post('/api/v1/command', { command, payload }, optionsOf(role));
  return { ...json, httpStatus: status };
};

const overSocket: Ask = async (role, command, payload) => {
  const client = sockets[role];
  if (client === undefined) throw new Error(`${role} has no socket`);
  return await client.call(command, payload);
};

async function sql(text: string): Promise<unknown[][]> {
  const answer = await server.sql(text, undefined, optionsOf('admin'));
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.json.rows;
}

/** Tables that change by themselves: what is swept away, who is there. */
const RESTLESS = /garbage|watcher/;

/** A query whose answer is all that the models keep. Elements of keys that are gone are on their way out. */
async function readTables(): Promise<string> {
  const names = (
    await sql(
      `select schemaname || '.' || tablename from pg_tables where schemaname in ('kv', 'queue', 'stream') order by 1`,
    )
  ).map(([name]) => String(name));
  const kept = names.filter((name) => !RESTLESS.test(name));
  expect(kept).toEqual(expect.arrayContaining(['kv.entry', 'kv.set_member', 'queue.ready', 'stream.event']));
  const ofKeys = (name: string): string =>
    /^kv\.(?!entry)/.test(name) ? ' where entry_id in (select id from kv.entry)' : '';
  return kept
    .map(
      (name) =>
        `select '${name}', md5(string_agg(t::text, '|' order by t::text)) from ${name} t${ofKeys(name)}`,
    )
    .join(' union all ');
}

async function prepare({ before = [], payload }: Row): Promise<unknown> {
  await overHttp('admin', 'kv.flushdb');
  let taken: unknown;
  for (const [name, first] of before) {
    const answer = await overHttp('admin', name, first);
    // What the rows before have left behind may be there already.
    if (answer.status === 'error') expect(answer.error.code, name).toMatch(/_EXISTS$/);
    taken = answer.payload?.message_id;
  }
  return payload !== undefined && Object.values(payload).includes(TAKEN)
    ? { ...payload, message_id: taken }
    : payload;
}

const COMMAND_ROWS = ROWS.filter(
  ({ command, over, refusal }) =>
    over !== 'socket' && refusal?.[0] !== 'FEATURE_NOT_SUPPORTED' && !command.startsWith('transaction.'),
);

test('every role is asked for', () => {
  const names = [...COMMANDS.values()].map((command) => command.names[0]);
  expect([...READS, ...ADMINS].filter((name) => !names.includes(name as never))).toStrictEqual([]);
});

describe.each([
  ['HTTP', overHttp],
  ['WebSocket', overSocket],
] as const)('role read over %s', (where, ask) => {
  test.each(COMMAND_ROWS)('$command', async (row) => {
    const payload = await prepare(row);
    const before = await sql(tables);
    const answer = await ask('read', row.command, payload);
    if (READS.has(row.command)) {
      expect(answer, JSON.stringify(answer)).toMatchObject({ status: 'success' });
    } else {
      expect(answer, JSON.stringify(answer)).toMatchObject({ status: 'error', error: { code: 'FORBIDDEN' } });
      if (where === 'HTTP') expect(answer.httpStatus).toBe(403);
    }
    expect(await sql(tables)).toEqual(before);
  });

  test('each of a batch is asked for', async () => {
    await overHttp('admin', 'kv.set', { key: 'b', value: 1 });
    const { json } = await server.post(
      '/api/v1/command',
      {
        type: 'batch',
        commands: [
          ...[1, 2, 3].map((value) => ({ command: 'kv.set', payload: { key: 'b', value } })),
          { command: 'kv.get', payload: { key: 'b' } },
        ],
      },
      optionsOf('read'),
    );
    expect(json.results).toMatchObject([
      ...[1, 2, 3].map(() => ({ status: 'error', error: { code: 'FORBIDDEN' } })),
      { status: 'success', payload: { value: 1 } },
    ]);
  });
});

describe('role write', () => {
  test.each(COMMAND_ROWS.filter(({ command }) => ADMINS.has(command)))('$command is refused', async ({
    command,
    payload,
  }) => {
    expect(await overHttp('write', command, payload)).toMatchObject({
      httpStatus: 403,
      error: { code: 'FORBIDDEN' },
    });
    expect(await overSocket('write', command, payload)).toMatchObject({ error: { code: 'FORBIDDEN' } });
  });

  test.each(
    COMMAND_ROWS.filter(({ command, refusal }) => !ADMINS.has(command) && refusal === undefined),
  )('$command is done', async (row) => {
    const payload = await prepare(row);
    const answer = await overHttp('write', row.command, payload);
    if (answer.status === 'error') expect(answer.error.code, JSON.stringify(answer)).toMatch(/_EXISTS$/);
  });
});

describe('routes and sockets of one model', () => {
  test.each([
    ['POST', '/kv/set', { key: 'k', value: 1 }],
    ['POST', '/kv/msetnx', ['k', 1]],
    ['DELETE', '/kv/del/k', undefined],
    ['POST', '/key/k/rename', { destination: 'l' }],
    ['POST', '/key/k/copy', { destination: 'l' }],
    ['POST', '/hash/k/mset', { fields: { a: 1 } }],
    ['POST', '/list/k/rpush', { values: [1] }],
    ['POST', '/list/k/lpop', {}],
    ['POST', '/set/k/pop', {}],
    ['POST', '/sortedset/k/zadd', { member: 'a', score: 1 }],
    ['POST', '/sortedset/k/zpopmin', {}],
    ['POST', '/bitmap/k/setbit', { offset: 1, value: 1 }],
    ['POST', '/hyperloglog/k/pfadd', { elements: ['a'] }],
    ['POST', '/geospatial/k/geoadd', { locations: [{ lat: 1, lon: 1, member: 'a' }] }],
    ['POST', '/queue/q', {}],
    ['DELETE', '/queue/q', undefined],
    ['POST', '/queue/q/publish', { payload: [1] }],
    ['GET', '/queue/q/consume/c', undefined],
    ['POST', '/queue/q/dead-letters/redrive', {}],
    ['PUT', '/stream/r', undefined],
    ['POST', '/stream/r/publish', { event: 'e', data: 1 }],
    ['POST', '/pubsub/t/publish', { payload: 1 }],
    ['POST', '/topics/t', {}],
    ['POST', '/consumer-groups/g/join', {}],
    ['POST', '/snapshot', {}],
  ] as const)('%s %s is not for role read', async (method, path, body) => {
    const answer = await fetch(`${server.url}${path}`, {
      method,
      headers: {
        ...headersOf('read'),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect(await answer.json()).toMatchObject({ status: 'error', error: { code: 'FORBIDDEN' } });
    expect(answer.status).toBe(403);
  });

  test('a queue is consumed by nobody who may only read; keys, rooms and topics are followed', async () => {
    await overHttp('admin', 'stream.get_or_create', { room: 'r' });
    await expect(connect(server, '/queue/q/ws/c', headersOf('read'))).rejects.toThrow(/^403.*FORBIDDEN/);
    for (const path of ['/kv/ws?keys=a', '/stream/r/ws/s', '/pubsub/ws?topics=a']) {
      const client = await connect(server, path, headersOf('read'));
      expect(await client.next()).toMatchObject({ type: 'connected' });
      await client.close();
    }
  });

  test('following a room makes none', async () => {
    const answer = await overSocket('read', 'stream.subscribe', { room: 'not made' });
    expect(answer).toMatchObject({ status: 'error', error: { code: 'ROOM_NOT_FOUND' } });
    expect((await overHttp('read', 'stream.rooms')).payload.rooms).not.toContain('not made');
  });
});
