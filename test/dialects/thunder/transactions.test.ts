/** Transactions over HTTP: the requests of the ThunderDB API reference, and each way in which one can end. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Credentials } from '../../../src/dispatch/index.ts';
import { type Json, keysOf, type Reply, rowsText, startThunder, type Thunder } from './harness.ts';

let thunder: Thunder;
beforeAll(async () => {
  thunder = await startThunder({
    // A bearer token is the name of its owner here.
    authenticate: (credentials: Credentials) => ({
      name: credentials.scheme === 'bearer' ? credentials.secret : 'ann',
      role: 'admin',
    }),
  });
  await thunder.sql('CREATE TABLE accounts (id int PRIMARY KEY, balance numeric(10,2) NOT NULL)');
}, 60_000);
afterAll(async () => await thunder.stop());
beforeEach(async () => {
  await thunder.sql('DELETE FROM accounts');
  await thunder.sql('INSERT INTO accounts VALUES (1, 500), (2, 500)');
});

const begin = async (body?: unknown): Promise<string> => {
  const reply = await thunder.post('/api/v1/transactions', body);
  expect(reply.status).toBe(200);
  return String(reply.json.txn_id);
};
const within = async (id: string, sql: string, headers = {}): Promise<Reply> =>
  await thunder.post('/api/v1/query', { sql }, { 'X-Thunder-Txn-Id': id, ...headers });
const end = async (id: string, how: 'commit' | 'rollback'): Promise<Reply> =>
  await thunder.raw(`/api/v1/transactions/${id}/${how}`, { method: 'POST' });
const refusal = ({ status, json }: Reply): [number, Json | undefined] => [status, json.error?.code];
const balances = async (): Promise<string> =>
  rowsText(await thunder.sql('SELECT balance FROM accounts ORDER BY id'));
const sleep = async (ms: number): Promise<void> => await new Promise((resolve) => setTimeout(resolve, ms));

describe('a transaction', () => {
  it('begins, runs and commits', async () => {
    const begun = await thunder.post('/api/v1/transactions', {
      isolation_level: 'serializable',
      read_only: false,
      timeout_ms: 60_000,
    });
    expect(begun.status).toBe(200);
    expect(keysOf(begun.json)).toEqual(['isolation_level', 'read_only', 'started_at', 'txn_id']);
    expect(begun.json).toMatchObject({ isolation_level: 'serializable', read_only: false });
    expect(begun.json.txn_id).toMatch(/^txn_[0-9a-f]{12}$/);
    expect(begun.json.started_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const id = String(begun.json.txn_id);

    expect((await within(id, 'UPDATE accounts SET balance = balance - 100 WHERE id = 1')).status).toBe(200);
    expect((await within(id, 'UPDATE accounts SET balance = balance + 100 WHERE id = 2')).status).toBe(200);
    expect(rowsText(await within(id, 'SELECT balance FROM accounts ORDER BY id'))).toBe(
      '[[400.00],[600.00]]',
    );
    expect(await balances()).toBe('[[500.00],[500.00]]');

    const committed = await end(id, 'commit');
    expect(committed.status).toBe(200);
    expect(keysOf(committed.json)).toEqual(['committed_at', 'rows_affected', 'status', 'txn_id']);
    expect(committed.json).toMatchObject({ txn_id: id, status: 'committed', rows_affected: 2 });
    expect(await balances()).toBe('[[400.00],[600.00]]');
  });

  it('rolls back', async () => {
    const id = await begin();
    await within(id, 'DELETE FROM accounts');
    const reply = await end(id, 'rollback');
    expect(reply.status).toBe(200);
    expect(keysOf(reply.json)).toEqual(['rolled_back_at', 'status', 'txn_id']);
    expect(reply.json).toMatchObject({ txn_id: id, status: 'rolled_back' });
    expect(await balances()).toBe('[[500.00],[500.00]]');
  });

  it('begins with no body, an empty one, and the spelling of the other APIs', async () => {
    for (const body of [undefined, {}, { isolation_level: 'REPEATABLE_READ' }])
      await end(await begin(body), 'rollback');
    const unknown = await thunder.post('/api/v1/transactions', { isolation_level: 'read_uncommitted' });
    expect(refusal(unknown)).toEqual([400, 'INVALID_PARAMETER']);
    expect(unknown.json.error?.message).toContain("'isolation_level'");
    const timeout = await thunder.post('/api/v1/transactions', { timeout_ms: 0 });
    expect(refusal(timeout)).toEqual([400, 'INVALID_PARAMETER']);
    expect(timeout.json.error?.message).toContain("'timeout_ms'");
  });

  it('is named by either header, but not by two that differ', async () => {
    const id = await begin();
    const reply = await thunder.post(
      '/api/v1/query',
      { sql: 'DELETE FROM accounts' },
      { 'X-Facet-Txn-Id': id },
    );
    expect(reply.json.rows_affected).toBe(2);
    expect((await within(id, 'SELECT 1', { 'X-Facet-Txn-Id': id })).status).toBe(200);
    const differ = await within(id, 'SELECT 1', { 'X-Facet-Txn-Id': 'txn_000000000000' });
    expect(refusal(differ)).toEqual([400, 'INVALID_PARAMETER']);
    expect(differ.json.error?.message).toContain('different transactions');
    await end(id, 'rollback');
  });

  it('runs statements one after the other, in order', async () => {
    const id = await begin();
    const slow = within(id, 'SELECT pg_sleep(0.2)');
    await sleep(50);
    const replies = await Promise.all([
      slow,
      ...Array.from(
        { length: 10 },
        async () => await within(id, 'UPDATE accounts SET balance = balance + 1 WHERE id = 1'),
      ),
    ]);
    expect(replies.map(({ status }) => status)).toEqual(Array(11).fill(200));
    expect((await end(id, 'commit')).json.rows_affected).toBe(10);
    expect(await balances()).toBe('[[510.00],[500.00]]');
  });

  it('allows savepoints in SQL, and nothing else that controls it', async () => {
    const id = await begin();
    for (const sql of [
      'SAVEPOINT s',
      'DELETE FROM accounts',
      'ROLLBACK TO SAVEPOINT s',
      'RELEASE SAVEPOINT s',
    ]) {
      expect((await within(id, sql)).status).toBe(200);
    }
    for (const sql of ['BEGIN', 'COMMIT', 'ROLLBACK']) {
      expect(refusal(await within(id, sql))).toEqual([422, 'TRANSACTION_CONTROL_NOT_ALLOWED']);
    }
    expect((await end(id, 'commit')).status).toBe(200);
    expect(await balances()).toBe('[[500.00],[500.00]]');
    for (const sql of ['BEGIN', 'SAVEPOINT s', 'commit']) {
      const outside = await thunder.post('/api/v1/query', { sql });
      expect(refusal(outside)).toEqual([422, 'TRANSACTION_CONTROL_NOT_ALLOWED']);
    }
  });
});

describe('what goes wrong', () => {
  it('an unknown id is 404 everywhere', async () => {
    const id = 'txn_0123456789ab';
    for (const reply of [await within(id, 'SELECT 1'), await end(id, 'commit'), await end(id, 'rollback')]) {
      expect(refusal(reply)).toEqual([404, 'TRANSACTION_NOT_FOUND']);
      expect(reply.json.error?.message).toContain(id);
    }
  });

  it('ended ones cannot end again, nor run', async () => {
    const committed = await begin();
    await end(committed, 'commit');
    expect(refusal(await end(committed, 'commit'))).toEqual([409, 'TRANSACTION_NOT_ACTIVE']);
    expect(refusal(await end(committed, 'rollback'))).toEqual([409, 'TRANSACTION_NOT_ACTIVE']);
    expect(refusal(await within(committed, 'SELECT 1'))).toEqual([409, 'TRANSACTION_NOT_ACTIVE']);
  });

  it('someone else’s is 404, as if it were not there', async () => {
    const id = await begin();
    const bob = { authorization: 'Bearer bob' };
    expect(refusal(await within(id, 'SELECT 1', bob))).toEqual([404, 'TRANSACTION_NOT_FOUND']);
    const ended = await thunder.raw(`/api/v1/transactions/${id}/commit`, { method: 'POST', headers: bob });
    expect(refusal(ended)).toEqual([404, 'TRANSACTION_NOT_FOUND']);
    expect((await end(id, 'commit')).status).toBe(200);
  });

  it('one past its deadline is rolled back, and says so', async () => {
    const id = await begin({ timeout_ms: 150 });
    await within(id, 'DELETE FROM accounts');
    await sleep(500);
    const late = await within(id, 'SELECT 1');
    expect(refusal(late)).toEqual([404, 'TRANSACTION_NOT_FOUND']);
    expect(String(late.json.error?.detail)).toMatch(/timed out|timeout|deadline/);
    expect(refusal(await end(id, 'commit'))).toEqual([404, 'TRANSACTION_NOT_FOUND']);
    expect(await balances()).toBe('[[500.00],[500.00]]');
  });

  it('a failed statement aborts it: later ones and commit are 409, rollback works', async () => {
    const id = await begin();
    const failed = await within(id, 'SELECT 1 / 0');
    expect(refusal(failed)).toEqual([422, 'DIVISION_BY_ZERO']);
    expect(refusal(await within(id, 'SELECT 1'))).toEqual([409, 'TRANSACTION_ABORTED']);
    expect(refusal(await end(id, 'commit'))).toEqual([409, 'TRANSACTION_ABORTED']);
    const other = await begin();
    await within(other, 'SELECT 1 / 0');
    expect((await end(other, 'rollback')).status).toBe(200);
  });

  it('a write in a read-only one is 403', async () => {
    const id = await begin({ read_only: true });
    const reply = await within(id, 'DELETE FROM accounts');
    expect(refusal(reply)).toEqual([403, 'READ_ONLY_TRANSACTION']);
    expect(reply.json.error?.sqlstate).toBe('25006');
    await end(id, 'rollback');
  });

  it('a serialization failure is 409 and retryable', async () => {
    const a = await begin({ isolation_level: 'serializable' });
    const b = await begin({ isolation_level: 'serializable' });
    for (const id of [a, b]) await within(id, 'SELECT sum(balance) FROM accounts');
    await within(a, 'UPDATE accounts SET balance = 0 WHERE id = 1');
    await within(b, 'UPDATE accounts SET balance = 0 WHERE id = 2');
    expect((await end(a, 'commit')).status).toBe(200);
    const lost = await end(b, 'commit');
    expect(refusal(lost)).toEqual([409, 'SERIALIZATION_FAILURE']);
    expect(lost.json.error).toMatchObject({ retryable: true, sqlstate: '40001' });
  });

  it('the ends take no body and no parameters', async () => {
    const id = await begin();
    const path = `/api/v1/transactions/${id}/commit`;
    expect(refusal(await thunder.post(path, { force: true }))).toEqual([400, 'INVALID_PARAMETER']);
    expect(refusal(await thunder.post(`${path}?force=true`))).toEqual([400, 'INVALID_PARAMETER']);
    expect(refusal(await thunder.post(`${path}?txn_id=other`))).toEqual([400, 'INVALID_PARAMETER']);
    expect((await thunder.post(path, {})).status).toBe(200);
  });
});
