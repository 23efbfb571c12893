/** What clients of graphd send that they should not, and what is left of it: the server, and all other connections. */
import { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { LIMITS } from '../../../src/base/index.ts';
import { until } from '../../support/patience.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { batch, begin, connect, encode, errorOf, execute, HELLO, open } from './client.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const DECODE = /^Invalid message: Failed to decode protobuf: /;

describe('frames', () => {
  const whole = encode(execute('RETURN $x', { params: new Map([['x', [1n, 'two']]]), requestId: 'r' }));

  it('that are cut off anywhere end the connection, and say why', async () => {
    for (let length = 1; length < whole.length; length++) {
      const client = await open(server);
      client.sendRaw(whole.subarray(0, length));
      expect(await client.next()).toMatchObject(errorOf(expect.stringMatching(DECODE)));
      expect((await client.closed).code).toBe(1008);
    }
  });

  it('may come in fragments', async () => {
    const client = await open(server);
    for (const [at, byte] of whole.entries()) {
      client.ws.send(Buffer.of(byte), { binary: true, fin: at === whole.length - 1 });
    }
    expect(await client.next()).toMatchObject({ case: 'result', value: { requestId: 'r' } });
    await client.close();
  });

  it('larger than a message may be close the connection, before a message or after', async () => {
    const huge = encode(execute(`RETURN '${'x'.repeat(LIMITS.bodyBytesMax)}'`));
    const client = await open(server);
    client.sendRaw(huge);
    expect((await client.closed).code).toBe(1009);
  });

  it('with values nested without end are refused', async () => {
    let value = Buffer.from('0a00', 'hex');
    for (let depth = 0; depth < 3_000; depth++) {
      value = Buffer.concat([Buffer.of(0x0a), lengthOf(value), value]);
      value = Buffer.concat([Buffer.of(0x32), lengthOf(value), value]);
    }
    const entry = Buffer.concat([Buffer.from('0a0178', 'hex'), Buffer.of(0x12), lengthOf(value), value]);
    const params = Buffer.concat([Buffer.of(0x12), lengthOf(entry), entry]);
    const client = await open(server);
    client.sendRaw(Buffer.concat([Buffer.of(0x12), lengthOf(params), params]));
    expect(await client.next()).toMatchObject(errorOf(expect.stringContaining('nested too deeply')));
  });

  it('of the protocol below that are wrong close the connection with its own code', async () => {
    const client = await open(server);
    // A frame of a reserved kind, unmasked as no client may send it.
    (client.ws as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(
      Buffer.of(0x8b, 0x00),
    );
    expect((await client.closed).code).toBe(1002);
  });
});

function lengthOf(bytes: Buffer): Buffer {
  const length: number[] = [];
  let rest = bytes.length;
  for (; rest > 0x7f; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  return Buffer.from([...length, rest]);
}

describe('queries', () => {
  it.each([
    [''],
    [';'],
    ['RETURN 1; RETURN 2'],
    ['RETURN $missing'],
    ['MATCH (n) RETURN m'],
    ["RETURN 'open"],
    ['RETURN 1 AS x, 2 AS x'],
    ['RETURN \u0000'],
    ['LOAD FROM "x.csv" RETURN *'],
    ['COPY Nothing FROM "x.csv"'],
    ['DROP TABLE Nothing'],
    ['CREATE NODE TABLE'],
    ['CALL nothing.at_all()'],
  ])('that cannot be run are answered with a reason: %s', async (query) => {
    const client = await open(server);
    expect(await client.ask(execute(query, { requestId: 'q' }))).toMatchObject(
      errorOf(expect.stringMatching(/./), 'q'),
    );
    expect(await client.run('RETURN 1')).toEqual([[1n]]);
    await client.close();
  });

  it('that are too long are refused, and those that are too many at once', async () => {
    const client = await open(server);
    const long = `RETURN '${'x'.repeat(LIMITS.cypherTextBytesMax)}'`;
    expect(await client.ask(execute(long))).toMatchObject(
      errorOf(expect.stringContaining('cypherTextBytesMax')),
    );
    const many = Array.from({ length: LIMITS.graphdBatchStatementsMax + 1 }, () => 'RETURN 1');
    expect(await client.ask(batch(many))).toMatchObject({
      value: {
        results: [{ entry: { value: { message: expect.stringContaining('graphdBatchStatementsMax') } } }],
      },
    });
    await client.close();
  });
});

it('a client that does not read gets no more than it takes, and the server goes on', async () => {
  const client = await open(server);
  client.ws.pause();
  const query = `UNWIND range(1, 1000) AS n RETURN '${'x'.repeat(1_000)}'`;
  for (let sent = 0; sent < 200; sent++) client.send(execute(query));
  const other = await open(server);
  expect(await other.run('RETURN 1')).toEqual([[1n]]);
  await other.close();
  const ran = (): number =>
    server.observations.filter((seen) => seen.type === 'operation' && seen.operation === 'graph.query')
      .length;
  let before = -1;
  await until('nothing more runs for it', async () => {
    const now = ran();
    const still = now === before;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return still;
  });
  expect(before).toBeLessThan(150);
  client.ws.resume();
  for (let answered = 0; answered < 200; answered++)
    expect(await client.next()).toMatchObject({ case: 'result' });
  await client.close();
});

it('a client that takes nothing of a large answer is disconnected, and one that reads it is not', async () => {
  const looked: Socket[] = [];
  const real = Socket.prototype.setTimeout;
  vi.spyOn(Socket.prototype, 'setTimeout').mockImplementation(function (this: Socket, ms, listener) {
    if (ms === LIMITS.answerPauseMsMax) looked.push(this);
    return real.call(this, ms === LIMITS.answerPauseMsMax ? 200 : ms, listener);
  });
  const query = `UNWIND range(1, 20000) AS n RETURN '${'x'.repeat(1_000)}'`;
  const reading = await open(server);
  expect(await reading.ask(execute(query))).toMatchObject({ case: 'result' });
  const client = await open(server);
  client.ws.pause();
  client.send(execute(query));
  await until('it is disconnected', () => looked.at(-1)?.destroyed === true);
  vi.restoreAllMocks();
  expect(await reading.run('RETURN 1')).toEqual([[1n]]);
  client.ws.terminate();
  await reading.close();
});

it('a connection that says nothing is closed after a time where tokens are asked for, and has a place where not', async () => {
  const client = await connect(server);
  expect(client.ws.readyState).toBe(WebSocket.OPEN);
  expect(await client.ask(HELLO)).toMatchObject({ case: 'helloOk' });
  await client.close();
});

it('the server stops while connections have transactions and streams open', async () => {
  const own = await startTestServer();
  const clients = await Promise.all(Array.from({ length: 5 }, () => open(own)));
  for (const client of clients) {
    await client.ask(begin());
    await client.ask(execute('UNWIND range(1, 100000) AS n RETURN n', { fetchSize: 1n }));
  }
  await own.running.stop('for the test');
  for (const client of clients) expect((await client.closed).code).toBe(1001);
  await own.stop();
});
