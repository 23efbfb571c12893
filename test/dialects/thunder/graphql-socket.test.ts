/** GraphQL over WebSockets, with the client of graphql-ws and by hand where the client is too well behaved. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { FacetError } from '../../../src/base/index.ts';
import { startThunder, type Thunder, type ThunderOverrides } from './harness.ts';

let thunder: Thunder;
const clients: Client[] = [];
beforeAll(async () => {
  thunder = await startThunder();
  await thunder.sql('CREATE TABLE users (id bigint PRIMARY KEY, name text)');
}, 60_000);
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
});
afterAll(async () => await thunder.stop());

const socketUrl = (server: Thunder): string => `${server.url.replace('http', 'ws')}/graphql`;

function clientOf(server: Thunder, connectionParams?: Record<string, unknown>): Client {
  const client = createClient({
    url: socketUrl(server),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    lazyCloseTimeout: 0,
    ...(connectionParams === undefined ? {} : { connectionParams }),
  });
  clients.push(client);
  return client;
}

const only = async (client: Client, query: string, variables?: Record<string, unknown>): Promise<unknown> => {
  const results: unknown[] = [];
  for await (const result of client.iterate({ query, ...(variables === undefined ? {} : { variables }) })) {
    results.push(result);
  }
  expect(results).toHaveLength(1);
  return results[0];
};

/** A connection by hand: what it was told, and how it ended. */
class Raw {
  readonly messages: string[] = [];
  readonly closed: Promise<[number, string]>;
  readonly socket: WebSocket;
  constructor(server: Thunder, protocol = 'graphql-transport-ws') {
    this.socket = new WebSocket(socketUrl(server), protocol);
    this.socket.on('message', (data) => this.messages.push(String(data)));
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) =>
      this.socket.once('close', (code, reason) => resolve([code, String(reason)])),
    );
  }
  async open(): Promise<this> {
    if (this.socket.readyState !== WebSocket.OPEN) {
      await new Promise((resolve) => this.socket.once('open', resolve));
    }
    return this;
  }
  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }
  async greeted(): Promise<this> {
    await this.open();
    this.send({ type: 'connection_init' });
    await this.until((text) => text.includes('connection_ack'));
    return this;
  }
  async until(test: (text: string) => boolean): Promise<string> {
    for (let tries = 0; tries < 500; tries++) {
      const found = this.messages.find(test);
      if (found !== undefined) return found;
      await sleep(10);
    }
    throw new Error(`not told: ${this.messages.join('\n')}`);
  }
}

const query = (id: string, text: string, variables?: string): string =>
  `{"type":"subscribe","id":"${id}","payload":{"query":${JSON.stringify(text)}${variables === undefined ? '' : `,"variables":${variables}`}}}`;

describe('queries and mutations', () => {
  it('run over it, with the client of graphql-ws', async () => {
    const client = clientOf(thunder);
    await only(client, `mutation { execute(sql: "INSERT INTO users VALUES (1, 'Alice')") { rowsAffected } }`);
    const result = await only(
      client,
      'query ($p: [JSON]) { query(sql: "SELECT * FROM users WHERE id = $1", params: $p) { rows } }',
      {
        p: [1],
      },
    );
    expect(result).toEqual({ data: { query: { rows: [[1, 'Alice']] } } });
  });

  it('keep all digits, both ways', async () => {
    const raw = await new Raw(thunder).greeted();
    raw.send(
      query(
        'one',
        'query ($p: [JSON]) { query(sql: "SELECT $1::bigint, $2::numeric", params: $p) { rows } }',
        '{"p":[9223372036854775807,1.10]}',
      ),
    );
    const next = await raw.until((text) => text.includes('"next"'));
    expect(next).toBe(
      '{"id":"one","type":"next","payload":{"data":{"query":{"rows":[[9223372036854775807,1.10]]}}}}',
    );
    expect(await raw.until((text) => text.includes('"complete"'))).toBe('{"id":"one","type":"complete"}');
    raw.socket.close();
  });

  it('run side by side, each answered under its id', async () => {
    const raw = await new Raw(thunder).greeted();
    for (let at = 0; at < 50; at++) raw.send(query(`q${at}`, `{ query(sql: "SELECT ${at}") { rows } }`));
    for (let at = 0; at < 50; at++) {
      expect(await raw.until((text) => text.includes(`"id":"q${at}","type":"next"`))).toContain(
        `"rows":[[${at}]]`,
      );
    }
    raw.socket.close();
  });

  it('are refused in the words of HTTP', async () => {
    const raw = await new Raw(thunder).greeted();
    raw.send(query('a', '{ nope }'));
    raw.send(query('b', '{ nodes'));
    raw.send(query('c', '{ query(sql: "SELECT FROM WHERE") { rows } }'));
    raw.send('{"type":"subscribe","id":"d","payload":{"query":"{ nodes { id } }","extra":1}}');
    expect(await raw.until((text) => text.includes('"id":"a"'))).toMatch(
      /"type":"error".*GRAPHQL_VALIDATION_FAILED/,
    );
    expect(await raw.until((text) => text.includes('"id":"b"'))).toMatch(
      /"type":"error".*"locations".*GRAPHQL_PARSE_FAILED/,
    );
    expect(await raw.until((text) => text.includes('"id":"c","type":"next"'))).toMatch(
      /"code":"INVALID_SQL"/,
    );
    expect(await raw.until((text) => text.includes('"id":"d"'))).toMatch(/"type":"error".*INVALID_PARAMETER/);
    raw.socket.close();
  });

  it('end in PostgreSQL when the client completes them, or leaves', async () => {
    const sleeping = async (): Promise<unknown> => {
      const reply = await thunder.sql(
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(62)%' AND state = 'active'",
      );
      return (reply.json.rows as unknown as unknown[][])[0]?.[0];
    };
    const becomes = async (count: number): Promise<void> => {
      for (let tries = 0; (await sleeping()) !== count; tries++) {
        expect(tries).toBeLessThan(300);
        await sleep(20);
      }
    };
    const raw = await new Raw(thunder).greeted();
    raw.send(query('long', '{ query(sql: "SELECT pg_sleep(62)") { rows } }'));
    await becomes(1);
    raw.send({ type: 'complete', id: 'long' });
    await becomes(0);
    raw.send(query('long', '{ query(sql: "SELECT pg_sleep(62)") { rows } }'));
    await becomes(1);
    raw.socket.terminate();
    await becomes(0);
  });
});

describe('the protocol', () => {
  it.each<[string, number, (raw: Raw) => void]>([
    ['what is no JSON', 4400, (raw) => raw.send('nope')],
    ['a message without a type', 4400, (raw) => raw.send({})],
    ['an unknown type', 4400, (raw) => raw.send({ type: 'start' })],
    ['an operation before the greeting', 4401, (raw) => raw.send(query('a', '{ nodes { id } }'))],
    [
      'a second greeting',
      4429,
      (raw) => {
        raw.send({ type: 'connection_init' });
        raw.send({ type: 'connection_init' });
      },
    ],
    [
      'an id that is in use',
      4409,
      (raw) => {
        raw.send({ type: 'connection_init' });
        setTimeout(() => {
          raw.send(query('a', '{ query(sql: "SELECT pg_sleep(1)") { rows } }'));
          raw.send(query('a', '{ nodes { id } }'));
        }, 100);
      },
    ],
    ['silence', 4408, () => {}],
  ])('closes on %s with %i', async (_, code, act) => {
    const raw = await new Raw(thunder).open();
    act(raw);
    expect((await raw.closed)[0]).toBe(code);
  });

  it('closes on another subprotocol with 4406', async () => {
    const raw = new Raw(thunder, 'graphql-ws');
    expect((await raw.closed)[0]).toBe(4406);
  });

  it('answers pings', async () => {
    const raw = await new Raw(thunder).greeted();
    raw.send({ type: 'ping', payload: { n: 1 } });
    expect(await raw.until((text) => text.includes('"pong"'))).toBe('{"type":"pong","payload":{"n":1}}');
    raw.socket.close();
  });

  it('bounds what is under way on one connection', async () => {
    const raw = await new Raw(thunder).greeted();
    for (let at = 0; at < 101; at++)
      raw.send(query(`s${at}`, '{ query(sql: "SELECT pg_sleep(5)") { rows } }'));
    expect(await raw.until((text) => text.includes('"type":"error"'))).toContain(
      'graphqlSocketOperationsMax',
    );
    raw.socket.terminate();
  });

  it('takes no more from a client that does not read', async () => {
    const raw = await new Raw(thunder).greeted();
    raw.socket.pause();
    const text = query('x', '{ nope }').padEnd(20_000, ' ');
    for (let at = 0; at < 2_000; at++) raw.send(text);
    await sleep(300);
    expect(raw.socket.bufferedAmount).toBeGreaterThan(1_000_000);
    raw.socket.terminate();
  });
});

describe('who may come in', () => {
  const GUARDED: ThunderOverrides = {
    authenticate: (credentials) => {
      if (credentials.scheme === 'bearer' && credentials.secret === 'secret')
        return { name: 'ada', role: 'admin' };
      if (credentials.scheme === 'basic' && credentials.secret === 'secret')
        return { name: 'bob', role: 'read' };
      throw new FacetError('UNAUTHORIZED', 'Who are you?');
    },
  };
  let guarded: Thunder;
  beforeAll(async () => {
    guarded = await startThunder(GUARDED);
  }, 60_000);
  afterAll(async () => await guarded.stop());

  it.each([
    [{ authorization: 'Bearer secret' }],
    [{ Authorization: 'bearer secret' }],
    [{ token: 'secret' }],
    [{ authorization: `Basic ${Buffer.from('bob:secret').toString('base64')}` }],
  ])('is said by the greeting %o', async (params) => {
    const result = await only(clientOf(guarded, params), '{ query(sql: "SELECT 1") { rows } }');
    expect(result).toEqual({ data: { query: { rows: [[1]] } } });
  });

  it.each([
    [{}],
    [{ token: 'wrong' }],
    [{ authorization: 'Digest x' }],
    [{ token: 1 }],
  ])('is not said by %o: 4403', async (payload) => {
    const raw = await new Raw(guarded).open();
    raw.send({ type: 'connection_init', payload });
    expect((await raw.closed)[0]).toBe(4403);
  });

  it('is said by the upgrade as well', async () => {
    const socket = new WebSocket(socketUrl(guarded), 'graphql-transport-ws', {
      headers: { authorization: 'Bearer secret' },
    });
    const told = new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))));
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send('{"type":"connection_init"}');
    expect(await told).toBe('{"type":"connection_ack"}');
    socket.close();
  });

  it('keeps its role', async () => {
    const params = { authorization: `Basic ${Buffer.from('bob:secret').toString('base64')}` };
    const result = await only(
      clientOf(guarded, params),
      'mutation { execute(sql: "CREATE TABLE t ()") { rowsAffected } }',
    );
    expect(result).toMatchObject({ errors: [{ extensions: { code: 'READ_ONLY_TRANSACTION' } }] });
  });
});
