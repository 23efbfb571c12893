/** What no driver sends: exact answers, the right state afterwards, and nothing left behind. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../src/base/index.ts';
import {
  BoltClient,
  framed,
  MAGIC,
  message,
  pack,
  proposals,
  Structure,
  TAGS,
} from '../../support/bolt-client.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let address: string;

beforeAll(async () => {
  server = await startTestServer({ flags: { 'bolt-listen': '127.0.0.1:0', 'body-bytes-max': '100kB' } });
  address = server.running.boltAddress ?? '';
});
afterAll(() => server.stop());

/** All that the server sends until it closes the connection. */
function conversation(bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve) => {
    const [host = '', port = '0'] = address.split(':');
    const socket = connect({ host, port: Number(port) });
    const parts: Buffer[] = [];
    socket.on('data', (part: Buffer) => parts.push(part));
    socket.on('error', () => {});
    socket.once('close', () => resolve(Buffer.concat(parts)));
    socket.write(bytes);
  });
}

describe('handshake', () => {
  test.each([
    ['POST of HTTP', Buffer.from('POST / HTTP/1.1\r\nhost: localhost\r\n\r\n')],
    ['zeros', Buffer.alloc(20)],
    ['almost the magic', Buffer.concat([Buffer.from([0x60, 0x60, 0xb0, 0x18]), proposals('5.7')])],
    ['TLS where there is none', Buffer.from([0x16, 0x03, 0x01, 0x00, 0x05, 1, 2, 3, 4, 5])],
  ])('%s is closed without a word', async (_, bytes) => {
    expect((await conversation(bytes)).length).toBe(0);
  });

  test.each([
    ['1.0', '2.0', '3.0', '4.0'],
    ['6.0', '5.9', '4.3', '0.0'],
  ])('%s %s %s %s: none of them', async (...versions) => {
    const answer = await conversation(Buffer.concat([MAGIC, proposals(...versions)]));
    expect(answer).toEqual(Buffer.alloc(4));
  });

  test.each([
    [
      [0, 0, 4, 4],
      [0, 0, 4, 4],
    ],
    [
      [0, 3, 4, 4],
      [0, 0, 4, 4],
    ],
    [
      [0, 4, 4, 5],
      [0, 0, 4, 5],
    ],
    [
      [0, 8, 8, 5],
      [0, 0, 7, 5],
    ],
    [
      [0, 0, 0, 5],
      [0, 0, 0, 5],
    ],
  ])('%j is answered by %j', async (proposal, agreed) => {
    const client = await BoltClient.connect(address);
    client.write(Buffer.concat([MAGIC, Buffer.from(proposal), Buffer.alloc(12)]));
    expect([...(await client.bytes(4))]).toEqual(agreed);
    client.destroy();
  });

  test('a byte at a time', async () => {
    const client = await BoltClient.connect(address);
    for (const byte of Buffer.concat([MAGIC, proposals('5.4')])) client.write(Buffer.from([byte]));
    expect([...(await client.bytes(4))]).toEqual([0, 0, 4, 5]);
    client.destroy();
  });
});

describe('messages', () => {
  test.each([
    ['no structure', pack('text')],
    ['no bytes of PackStream', Buffer.from([0xc7])],
    ['an unknown message', pack(new Structure(0x55, []))],
    ['too few fields', pack(new Structure(TAGS.RUN, ['RETURN 1']))],
    ['too many fields', pack(new Structure(TAGS.RESET, [1]))],
    ['a truncated string', Buffer.from([0xb3, TAGS.RUN, 0xd0, 0x50, 0x41])],
    ['a list of four thousand million items', Buffer.from([0xb3, TAGS.RUN, 0xd6, 0xff, 0xff, 0xff, 0xff])],
    ['a query that is a number', message('RUN', 7, {}, {})],
    ['parameters that are a list', message('RUN', 'RETURN 1', [1], {})],
    ['extra that is text', message('RUN', 'RETURN 1', {}, 'w')],
    ['PULL 0', message('PULL', { n: 0 })],
    ['PULL -2', message('PULL', { n: -2 })],
    ['bytes behind the message', Buffer.concat([message('COMMIT'), Buffer.from([0x01])])],
    ['a string that is no UTF-8', Buffer.from([0xb3, TAGS.RUN, 0x82, 0xc3, 0x28, 0xa0, 0xa0])],
  ])('%s: FAILURE, and the connection is closed', async (_, bytes) => {
    const client = await BoltClient.ready(address);
    client.write(framed(bytes));
    const { meta } = await client.expect('FAILURE');
    expect(meta.neo4j_code).toBe('Neo.ClientError.Request.Invalid');
    await client.closed;
  });

  test.each([
    ['a Node', new Structure(0x4e, [1, ['A'], {}, '1'])],
    ['an unknown structure', new Structure(0x01, [])],
    ['a date that is text', new Structure(0x44, ['2024'])],
    ['a day outside of the calendar', new Structure(0x44, [999_999_999_999])],
    ['a zone that nobody knows', new Structure(0x69, [0, 0, 'Mars/Olympus'])],
  ])('%s as a parameter: the request fails, the connection stays', async (_, value) => {
    const client = await BoltClient.ready(address);
    client.run('RETURN $x', {}, { x: value });
    client.send('PULL', { n: -1 });
    const { meta } = await client.expect('FAILURE');
    expect(String(meta.neo4j_code)).toMatch(/^Neo\.ClientError\.(Statement|Request)\./);
    await client.expect('IGNORED');
    client.send('RESET');
    await client.expect('SUCCESS');
    expect(await client.query('RETURN 1')).toEqual([[1]]);
    client.destroy();
  });

  test('a bomb of nested lists is refused', async () => {
    const client = await BoltClient.ready(address);
    const bomb = Buffer.concat([
      Buffer.from([0xb3, TAGS.RUN]),
      pack('RETURN $x'),
      Buffer.from([0xa1]),
      pack('x'),
      Buffer.alloc(50_000, 0x91),
      Buffer.from([0x01]),
      pack({}),
    ]);
    client.write(framed(bomb));
    const { meta } = await client.expect('FAILURE');
    expect(meta.message).toContain('nested deeper');
    client.destroy();
  });

  test('a message beyond the bound: FAILURE, and the connection is closed', async () => {
    const client = await BoltClient.ready(address);
    client.write(framed(message('RUN', 'RETURN $x', { x: 'x'.repeat(200_000) }, {})));
    const { meta } = await client.expect('FAILURE');
    expect(meta.message).toContain('larger than');
    await client.closed;
  });

  test('before a client has said who it is, messages are small', async () => {
    const client = await BoltClient.connect(address);
    await client.agree('5.7');
    client.write(framed(message('HELLO', { user_agent: 'x'.repeat(LIMITS.boltLogonBytesMax) })));
    const { meta } = await client.expect('FAILURE');
    expect(meta.message).toContain('larger than');
    await client.closed;
  });

  test('chunks of one byte, and signs of life between messages', async () => {
    const client = await BoltClient.ready(address);
    client.write(Buffer.alloc(6));
    client.write(framed(message('RUN', 'RETURN 1', {}, {}), 1));
    client.write(Buffer.alloc(2));
    client.write(framed(message('PULL', { n: -1 }), 3));
    await client.expect('SUCCESS');
    expect((await client.records()).rows).toEqual([[1]]);
    client.destroy();
  });

  test('a chunk that ends in the middle, and the client with it', async () => {
    const client = await BoltClient.ready(address);
    client.write(Buffer.from([0x00, 0x40, 0xb3, 0x10]));
    client.socket.end();
    await client.closed;
    expect(server.running.boltAddress).toBe(address);
  });

  test.each(['RUN', 'BEGIN', 'PULL'] as const)('%s before anybody has said who it is', async (name) => {
    const client = await BoltClient.connect(address);
    await client.agree('5.7');
    client.send('HELLO', { user_agent: 'x' });
    await client.expect('SUCCESS');
    client.send(name, ...(name === 'RUN' ? ['RETURN 1', {}, {}] : [{}]));
    const { meta } = await client.expect('FAILURE');
    expect(meta.neo4j_code).toBe('Neo.ClientError.Request.Invalid');
    await client.closed;
  });
});

describe('clients that do not keep up', () => {
  test('one that never pulls holds no connection to PostgreSQL', async () => {
    const clients = await Promise.all(Array.from({ length: 50 }, () => BoltClient.ready(address)));
    for (const client of clients) client.run('UNWIND range(1, 1000) AS i RETURN i');
    await Promise.all(clients.map((client) => client.expect('SUCCESS')));
    const other = await BoltClient.ready(address);
    expect(await other.query('RETURN 1')).toEqual([[1]]);
    for (const client of [...clients, other]) client.destroy();
  });

  test('1,000 idle transactions', async () => {
    const clients: BoltClient[] = [];
    for (let index = 0; index < 1_000; index++) {
      const client = await BoltClient.ready(address);
      client.send('BEGIN', {});
      clients.push(client);
    }
    for (const client of clients) await client.expect('SUCCESS');
    expect(server.store.opened[0]?.counts.transactionsOpen).toBe(0);
    const other = await BoltClient.ready(address);
    expect(await other.query('CREATE (:Beside) RETURN 1')).toEqual([[1]]);
    // Those that go on are let in as long as there are places, the others are told to try again.
    const working = clients.slice(0, 40);
    for (const client of working) {
      client.run('CREATE (:Idle)');
      client.send('PULL', { n: -1 });
    }
    const answers = await Promise.all(working.map((client) => client.reply()));
    const refused = answers.filter((answer) => answer.name === 'FAILURE');
    expect(refused.length).toBe(40 - LIMITS.transactionsPerPrincipalMax);
    for (const { meta } of refused) {
      expect(meta.neo4j_code).toBe('Neo.TransientError.Transaction.MaximumTransactionLimitReached');
    }
    for (const client of [...clients, other]) client.destroy();
    await expect.poll(() => server.store.opened[0]?.counts.transactionsOpen).toBe(0);
  });

  test('one that sends without end and reads nothing is not read from', async () => {
    const client = await BoltClient.ready(address);
    client.socket.pause();
    const request = Buffer.concat([
      framed(message('RUN', 'UNWIND range(1, 1000) AS i RETURN i, $x', { x: 'x'.repeat(1_000) }, {})),
      framed(message('PULL', { n: -1 })),
    ]);
    let isFull = false;
    for (let index = 0; index < 20_000 && !isFull; index++) {
      isFull = !client.socket.write(request) && client.socket.writableLength > 4_194_304;
      if (index % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(isFull).toBe(true);
    const other = await BoltClient.ready(address);
    expect(await other.query('RETURN 1')).toEqual([[1]]);
    other.destroy();
    client.destroy();
    await expect.poll(() => server.store.opened[0]?.counts.poolInUse).toBe(0);
  });

  test('a RESET in the midst of records that nobody reads', async () => {
    const client = await BoltClient.ready(address);
    client.socket.pause();
    client.run(
      "UNWIND range(1, 1000000) AS i RETURN i, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' AS x",
    );
    client.send('PULL', { n: -1 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    client.send('RESET');
    await expect.poll(() => server.store.opened[0]?.counts.poolInUse).toBe(0);
    client.socket.resume();
    await client.expect('SUCCESS');
    let records = 0;
    for (;;) {
      const { name } = await client.reply();
      if (name === 'RECORD') records += 1;
      else {
        expect(name).toBe('IGNORED');
        break;
      }
    }
    expect(records).toBeLessThan(1_000_000);
    await client.expect('SUCCESS');
    expect(await client.query('RETURN 1')).toEqual([[1]]);
    client.destroy();
  });
});
