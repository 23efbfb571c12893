/** `/ws/replication`: the example of the reference, all kinds of changes, acknowledgements that move the slot. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Leaves } from '../../support/leaves.ts';
import { connectSocket, type SocketClient } from '../../support/socket-client.ts';
import { startThunder, type Thunder } from './harness.ts';

let thunder: Thunder;
beforeAll(async () => {
  thunder = await startThunder();
}, 60_000);
afterAll(async () => await thunder.stop());

const connect = (): Promise<SocketClient> => connectSocket(thunder.url, '/ws/replication');

const start = (slot: string, more: object = {}): object => ({
  type: 'start_replication',
  slot,
  start_lsn: '0/0',
  options: { output_format: 'json', include_transaction_boundaries: true },
  ...more,
});

async function started(slot: string, more: object = {}): Promise<SocketClient> {
  const client = await connect();
  client.send(start(slot, more));
  expect(await client.next()).toMatchObject({ type: 'keepalive', lsn: expect.any(String) });
  return client;
}

/** The next that is no keepalive. */
const next = (client: SocketClient): Promise<Leaves> => client.find(({ type }) => type !== 'keepalive');

describe('a stream', () => {
  it('is that of the reference', async () => {
    await thunder.sql('CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(10,2))');
    const client = await started('my_replication_slot');
    await thunder.sql('INSERT INTO orders VALUES (1003, 520.00)');
    const texts = [];
    for (let n = 0; n < 3; n++) {
      const { text, json } = await client.nextFrame();
      texts.push(
        text
          .replace(/"(lsn|commit_lsn)":"[0-9A-F]+\/[0-9A-F]+"/g, '"$1":"LSN"')
          .replace(/"timestamp":"[-\d]+T[:\d]+\.\d{3}Z"/, '"timestamp":"TIME"')
          .replace(/txn_\d+/, 'txn_N'),
      );
      expect(json).toBeTypeOf('object');
    }
    expect(texts).toEqual([
      '{"type":"begin","txn_id":"txn_N","lsn":"LSN","timestamp":"TIME"}',
      '{"type":"insert","table":"orders","lsn":"LSN","row":{"id":1003,"total":520.00},"txn_id":"txn_N","commit_lsn":"LSN","sequence":0}',
      '{"type":"commit","txn_id":"txn_N","lsn":"LSN","timestamp":"TIME"}',
    ]);
    await client.close();
  });

  it('has all kinds of changes of all tables, also of those made later', async () => {
    const client = await started('all_kinds');
    await thunder.sql('CREATE TABLE later (n int PRIMARY KEY, t text)');
    await thunder.sql("INSERT INTO later VALUES (1, 'a'), (2, 'b')");
    await thunder.sql("UPDATE later SET t = 'c' WHERE n = 1");
    await thunder.sql('DELETE FROM later WHERE n = 2');
    await thunder.sql('TRUNCATE later');
    const seen: Leaves[] = [];
    while (seen.at(-1)?.type !== 'truncate') seen.push(await next(client));
    expect(seen.filter(({ type }) => type !== 'begin' && type !== 'commit')).toMatchObject([
      { type: 'insert', table: 'later', row: { n: 1, t: 'a' }, sequence: 0 },
      { type: 'insert', table: 'later', row: { n: 2, t: 'b' }, sequence: 1 },
      { type: 'update', table: 'later', old_row: { n: 1, t: 'a' }, new_row: { n: 1, t: 'c' } },
      { type: 'delete', table: 'later', row: { n: 2, t: 'b' } },
      { type: 'truncate', table: 'later' },
    ]);
    await client.close();
  });

  it('has no boundaries unless they are asked for', async () => {
    await thunder.sql('CREATE TABLE plain (n int)');
    const client = await started('plain', { options: {} });
    await thunder.sql('INSERT INTO plain VALUES (1), (2)');
    await thunder.sql('INSERT INTO plain VALUES (3)');
    for (const n of [1, 2, 3]) expect(await next(client)).toMatchObject({ type: 'insert', row: { n } });
    await client.close();
  });
});

describe('a slot', () => {
  it('goes on behind what was acknowledged, also on another connection', async () => {
    await thunder.sql('CREATE TABLE acked (n int)');
    const first = await started('acked');
    const commits: Leaves[] = [];
    for (let n = 1; n <= 5; n++) {
      await thunder.sql('INSERT INTO acked VALUES ($1)', [n]);
      expect((await next(first)).type).toBe('begin');
      expect((await next(first)).row).toEqual({ n });
      commits.push(await next(first));
    }
    first.send({ type: 'ack', lsn: commits[2].lsn });
    first.send({ type: 'ack', lsn: 'FFFFFFFF/0' });
    expect(await next(first)).toMatchObject({ type: 'error', error: { code: 'INVALID_PARAMETER' } });
    await first.close();
    await thunder.sql('INSERT INTO acked VALUES (6)');
    const second = await started('acked');
    for (const n of [4, 5, 6]) {
      expect((await next(second)).type).toBe('begin');
      expect((await next(second)).row).toEqual({ n });
      expect((await next(second)).type).toBe('commit');
    }
    await second.close();
  });

  it('has one client at a time', async () => {
    const first = await started('one_client');
    const second = await connect();
    second.send(start('one_client'));
    expect(await second.next()).toMatchObject({ type: 'error', error: { code: 'SLOT_IN_USE' } });
    await first.close();
    for (let tries = 0; ; tries++) {
      second.send(start('one_client'));
      const answer = await second.next();
      if (answer.type === 'keepalive') break;
      expect(tries).toBeLessThan(100);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    second.send(start('another'));
    expect(await next(second)).toMatchObject({ type: 'error', error: { code: 'INVALID_MESSAGE' } });
    await second.close();
  });

  it('is asked for in the words of the reference', async () => {
    const client = await connect();
    for (const [message, code] of [
      [{ type: 'ack', lsn: '0/1' }, 'INVALID_MESSAGE'],
      [{ type: 'start_replication' }, 'MISSING_PARAMETER'],
      [start('Upper'), 'INVALID_PARAMETER'],
      [start('a b'), 'INVALID_PARAMETER'],
      [start('s', { start_lsn: 'x' }), 'INVALID_PARAMETER'],
      [start('s', { start_lsn: 1 }), 'INVALID_PARAMETER'],
      [start('s', { start_lsn: '0/1' }), 'LSN_NOT_AVAILABLE'],
      [start('s', { options: 7 }), 'INVALID_PARAMETER'],
      [start('s', { options: { output_format: 'xml' } }), 'FEATURE_NOT_SUPPORTED'],
      [start('s', { options: { include_transaction_boundaries: 'yes' } }), 'INVALID_PARAMETER'],
      [start('s', { options: { other: 1 } }), 'INVALID_PARAMETER'],
      [start('s', { other: 1 }), 'INVALID_PARAMETER'],
    ] as const) {
      client.send(message);
      expect(await client.next(), JSON.stringify(message)).toMatchObject({ type: 'error', error: { code } });
    }
    await client.close();
  });
});
