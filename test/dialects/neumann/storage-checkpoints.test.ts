/** CHECKPOINT, CHECKPOINTS and ROLLBACK TO, on a PostgreSQL of their own: they pause the whole namespace. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { transactionBegin, transactionRollback } from '../../../src/models/index.ts';
import { type Neumann, openNeumann } from './open-neumann.ts';

let neumann: Neumann;
beforeAll(async () => {
  neumann = await openNeumann({ ownPostgres: true });
});
afterAll(async () => {
  await neumann?.stop();
});

const value = async (text: string): Promise<string> => String((await neumann.run(text)).value.value);

test('a checkpoint is made, listed, and come back to', async () => {
  expect((await neumann.run('CHECKPOINTS')).checkpoint_list.checkpoints ?? []).toEqual([]);
  await neumann.run('CREATE TABLE crew (name:string)');
  await neumann.run("CACHE PUT 'q' 'before'");
  const first = await value("CHECKPOINT 'before'");
  const id = /^Checkpoint created: (rp_[0-9a-f]{12})$/.exec(first)?.[1];
  expect(id).toBeDefined();
  await neumann.run("INSERT crew name='Ada'");
  await neumann.run("CACHE PUT 'q' 'after'");
  const second = (await value('CHECKPOINT')).replace('Checkpoint created: ', '');

  const { checkpoint_list: list } = await neumann.run('CHECKPOINTS LIMIT 5');
  expect(list.checkpoints).toMatchObject([
    { id: second, name: second },
    { id, name: 'before' },
  ]);
  expect(Number(list.checkpoints[0].created_at)).toBeGreaterThan(1_600_000_000);
  expect((await neumann.run('CHECKPOINTS LIMIT 1')).checkpoint_list.checkpoints.length).toBe(1);
  expect((await neumann.run('CHECKPOINTS LIMIT 0')).checkpoint_list.checkpoints ?? []).toEqual([]);

  expect(await value("ROLLBACK TO 'before'")).toBe('Rolled back to checkpoint: before');
  expect((await neumann.run('SELECT crew')).rows.rows ?? []).toEqual([]);
  expect(await value("CACHE GET 'q'")).toBe('before');
  expect(await value(`ROLLBACK TO '${second}'`)).toBe(`Rolled back to checkpoint: ${second}`);
  expect((await neumann.run('SELECT crew')).rows.rows.length).toBe(1);

  expect(await neumann.run("CHECKPOINT DELETE 'before'")).toEqual({ empty: {} });
  expect((await neumann.run('CHECKPOINTS')).checkpoint_list.checkpoints).toMatchObject([{ id: second }]);
  expect((await neumann.fault("ROLLBACK TO 'before'")).code).toBe('RESTORE_POINT_NOT_FOUND');
  expect(await neumann.run(`CHECKPOINT DELETE '${second}'`)).toEqual({ empty: {} });
  expect((await neumann.run('CHECKPOINTS')).checkpoint_list.checkpoints ?? []).toEqual([]);
});

test('what is refused', async () => {
  const code = async (...run: Parameters<Neumann['fault']>): Promise<string> =>
    (await neumann.fault(...run)).code;
  expect(await code("ROLLBACK TO 'nothing'")).toBe('RESTORE_POINT_NOT_FOUND');
  await value("CHECKPOINT 'twice'");
  expect(await code("CHECKPOINT 'twice'")).toBe('RESTORE_POINT_EXISTS');
  expect(await code("CHECKPOINT 'rp_000000000000'")).toBe('INVALID_PARAMETER');
  expect(await code("ROLLBACK TO 'twice'", { role: 'write' })).toBe('FORBIDDEN');
  expect(await code('CHECKPOINT', { role: 'read' })).toBe('FORBIDDEN');
  expect(await code("CHECKPOINT DELETE 'twice'", { role: 'write' })).toBe('FORBIDDEN');
  expect(await code("CHECKPOINT DELETE 'nothing'")).toBe('RESTORE_POINT_NOT_FOUND');
  const { session } = neumann.callOf();
  const { txnId } = await neumann.dispatch.call(transactionBegin, {}, session);
  expect(await code("CHECKPOINT 'inside'", { transactionId: txnId })).toBe('INVALID_TRANSACTION_STATE');
  expect(await code("ROLLBACK TO 'twice'", { transactionId: txnId })).toBe('INVALID_TRANSACTION_STATE');
  await neumann.dispatch.call(transactionRollback, { txnId }, session);
});
