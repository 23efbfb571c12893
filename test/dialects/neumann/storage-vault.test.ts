/** VAULT: every form, and who may do what. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { transactionBegin, transactionRollback, vaultAudit } from '../../../src/models/index.ts';
import type { Leaves } from '../../support/leaves.ts';
import { type CallOptions, type Neumann, openNeumann } from './open-neumann.ts';

let neumann: Neumann;
beforeAll(async () => {
  neumann = await openNeumann();
});
afterAll(async () => {
  await neumann?.stop();
});

const ALICE: CallOptions = { name: 'user:alice', role: 'write' };
const BO: CallOptions = { name: 'user:bo', role: 'write' };
const EMPTY = { empty: {} };

const value = async (text: string, options?: CallOptions): Promise<unknown> =>
  (await neumann.run(text, options)).value.value ?? '';
const code = async (text: string, options?: CallOptions): Promise<string> =>
  (await neumann.fault(text, options)).code;

test('SET, GET, ROTATE, DELETE', async () => {
  expect(await neumann.run("VAULT SET 'dock_code' '4711'", ALICE)).toEqual(EMPTY);
  expect(await value("VAULT GET 'dock_code'", ALICE)).toBe('4711');
  expect(await neumann.run("VAULT ROTATE 'dock_code' '0815'", ALICE)).toEqual(EMPTY);
  expect(await value("VAULT GET 'dock_code'", ALICE)).toBe('0815');
  expect(await neumann.run("VAULT DELETE 'dock_code'", ALICE)).toEqual(EMPTY);
  expect(await code("VAULT GET 'dock_code'")).toBe('SECRET_NOT_FOUND');
});

test('only the owner, an admin and who was granted it get a value', async () => {
  await neumann.run("VAULT SET 'key' 'secret'", ALICE);
  expect(await code("VAULT GET 'key'", BO)).toBe('VAULT_ACCESS_DENIED');
  expect(await neumann.run("VAULT GRANT 'user:bo' ON 'key'", ALICE)).toEqual(EMPTY);
  expect(await value("VAULT GET 'key'", BO)).toBe('secret');
  for (const statement of [
    "VAULT SET 'key' 'x'",
    "VAULT ROTATE 'key' 'x'",
    "VAULT DELETE 'key'",
    "VAULT GRANT 'user:eve' ON 'key'",
    "VAULT REVOKE 'user:alice' ON 'key'",
  ]) {
    expect([statement, await code(statement, BO)]).toEqual([statement, 'VAULT_ACCESS_DENIED']);
  }
  expect(await neumann.run("VAULT REVOKE 'user:bo' ON 'key'", ALICE)).toEqual(EMPTY);
  expect(await code("VAULT GET 'key'", BO)).toBe('VAULT_ACCESS_DENIED');
  expect(await value("VAULT GET 'key'")).toBe('secret');
});

test('LIST names what the caller may read', async () => {
  await neumann.run("VAULT SET 'list_a' '1'", ALICE);
  await neumann.run("VAULT SET 'list_b' '2'", ALICE);
  await neumann.run("VAULT SET 'list_c' '3'", BO);
  await neumann.run("VAULT GRANT 'user:bo' ON 'list_b'", ALICE);
  expect(await value("VAULT LIST 'list_*'", ALICE)).toBe('list_a\nlist_b');
  expect(await value("VAULT LIST 'list_*'", BO)).toBe('list_b\nlist_c');
  expect(await value("VAULT LIST 'none*'", BO)).toBe('');
  expect(String(await value('VAULT LIST')).split('\n')).toEqual(
    expect.arrayContaining(['list_a', 'list_b', 'list_c']),
  );
});

test('a key that is not there', async () => {
  expect(await code("VAULT GET 'nothing'")).toBe('SECRET_NOT_FOUND');
  expect(await code("VAULT ROTATE 'nothing' 'x'")).toBe('SECRET_NOT_FOUND');
  expect(await code("VAULT DELETE 'nothing'")).toBe('SECRET_NOT_FOUND');
  // Whoever may not know what there is does not learn it.
  expect(await code("VAULT GET 'nothing'", BO)).toBe('VAULT_ACCESS_DENIED');
});

test('bad input', async () => {
  expect(await code("VAULT SET '' 'x'")).toMatch(/^INVALID_/);
  expect(await code(`VAULT SET 'big' '${'x'.repeat(70_000)}'`)).toBe('VALUE_TOO_LARGE');
  expect(await code("VAULT SET 'a' 'b'", { name: 'eve', role: 'read' })).toBe('FORBIDDEN');
  expect(await code('VAULT FORGET a')).toBe('INVALID_STATEMENT');
});

test('a value that was set in a transaction goes with it', async () => {
  const call = neumann.callOf(ALICE);
  const { txnId } = await neumann.dispatch.call(transactionBegin, {}, call.session);
  const inside: CallOptions = { ...ALICE, transactionId: txnId };
  await neumann.run("VAULT SET 'brief' 'x'", inside);
  expect(await value("VAULT GET 'brief'", inside)).toBe('x');
  await neumann.dispatch.call(transactionRollback, { txnId }, call.session);
  expect(await code("VAULT GET 'brief'", ALICE)).toBe('VAULT_ACCESS_DENIED');
});

test('every read is noted, under the name of who read', async () => {
  await neumann.run("VAULT SET 'noted' 'x'", ALICE);
  await value("VAULT GET 'noted'", ALICE);
  await code("VAULT GET 'noted'", BO);
  const rows = (await neumann.run("VAULT AUDIT 'noted' LIMIT 2")).rows.rows.map(
    ({ values }: { values: { name: string; value: Leaves }[] }) =>
      Object.fromEntries(values.map(({ name, value: cell }) => [name, Object.values(cell)[0]])),
  );
  expect(rows).toMatchObject([
    { actor: 'user:bo', action: 'get', name: 'noted', outcome: 'VAULT_ACCESS_DENIED', genuine: true },
    { actor: 'user:alice', action: 'get', name: 'noted', outcome: 'ok', subject: true, genuine: true },
  ]);
  expect(await neumann.chunks("VAULT AUDIT 'noted' LIMIT 2")).toHaveLength(2);
  expect((await neumann.run('VAULT AUDIT LIMIT 0')).rows.rows ?? []).toEqual([]);
  expect(await code('VAULT AUDIT LIMIT 1001')).toBe('LIMIT_EXCEEDED');
  expect(await code("VAULT AUDIT 'noted'", ALICE)).toBe('FORBIDDEN');
  expect(await code('VAULT RESEAL', ALICE)).toBe('FORBIDDEN');
  expect(await value('VAULT RESEAL')).toBe('Resealed 0 values, 0 left');
  const { entries } = await neumann.dispatch.call(vaultAudit, { name: 'noted' }, neumann.callOf().session);
  const deeds = entries.filter(({ action }) => action !== 'audit');
  expect(deeds.map(({ actor, action, outcome }) => [actor, action, outcome])).toEqual([
    ['user:bo', 'get', 'VAULT_ACCESS_DENIED'],
    ['user:alice', 'get', 'ok'],
    ['user:alice', 'set', 'ok'],
  ]);
});
