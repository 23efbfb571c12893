/** The vault: round trips, who may what, what SQL can do to its rows and what is noticed, keys that change, the audit. */
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Principal } from '../../src/base/index.ts';
import {
  type Operation,
  sqlQuery,
  transactionBegin,
  transactionCommit,
  transactionRollback,
  vaultAudit,
  vaultDelete,
  vaultGet,
  vaultGrant,
  vaultKey,
  vaultList,
  vaultReseal,
  vaultRevoke,
  vaultRotate,
  vaultSet,
} from '../../src/models/index.ts';
import type { VaultKey } from '../../src/models/operation.ts';
import { writingKey } from '../../src/models/vault/keys.ts';
import { isIntact, openValue, sealValue } from '../../src/models/vault/sealing.ts';
import { type CallOptions, type Model, openModel } from './call-operation.ts';

const ANN: Principal = { name: 'ann', role: 'write' };
const BOB: Principal = { name: 'bob', role: 'read' };
const EVE: Principal = { name: 'eve', role: 'write' };
const ADMIN: Principal = { name: 'root', role: 'admin' };
const FIRST = vaultKey(randomBytes(32));
const SECOND = vaultKey(randomBytes(32));

const keysFor = (key: VaultKey) => (namespace: string) => writingKey(new Map([[key.id, key]]), namespace);

let model: Model;

const by = (principal: Principal, more: CallOptions = {}): CallOptions => ({
  principal,
  server: { vaultKeys: [FIRST] },
  ...more,
});

const as = <I, O>(principal: Principal, operation: Operation<I, O>, input: unknown, more?: CallOptions) =>
  model.call(operation, input, by(principal, more));

const codeOf = async <I, O>(
  principal: Principal,
  operation: Operation<I, O>,
  input: unknown,
  more?: CallOptions,
): Promise<string> => (await model.fault(operation, input, by(principal, more))).code;

const sql = async (text: string): Promise<unknown> => model.call(sqlQuery, { sql: text });

const secretOf = async (principal: Principal, name: string): Promise<string> =>
  (await as(principal, vaultGet, { name })).value;

/** Of the entries about `name`, oldest first: `actor action outcome`. */
async function deedsOn(name: string): Promise<string[]> {
  const { entries } = await as(ADMIN, vaultAudit, { name });
  return entries.map(({ actor, action, outcome }) => `${actor} ${action} ${outcome}`).reverse();
}

beforeAll(async () => {
  model = await openModel();
});
afterAll(() => model.stop());

describe('a secret', () => {
  it('comes back as it was set, with any character and at the bound', async () => {
    for (const value of ['', 'plain', 'nul \0 and ünï 🗝', 'x'.repeat(65_531)]) {
      await as(ANN, vaultSet, { name: 'kept', value });
      expect(await secretOf(ANN, 'kept')).toBe(value);
    }
    expect(await codeOf(ANN, vaultSet, { name: 'kept', value: 'x'.repeat(65_532) })).toBe('VALUE_TOO_LARGE');
    expect(await codeOf(ANN, vaultSet, { name: 'kept', value: 'half \ud800' })).toBe('INVALID_PARAMETER');
    expect(await codeOf(ANN, vaultSet, { name: 'n'.repeat(513), value: '' })).toBe('INVALID_PARAMETER');
  });

  it('counts its values, and is rotated only when it is there', async () => {
    expect(await as(ANN, vaultSet, { name: 'counted', value: 'a' })).toMatchObject({
      version: '1',
      created: true,
    });
    expect(await as(ANN, vaultSet, { name: 'counted', value: 'b' })).toMatchObject({
      version: '2',
      created: false,
    });
    expect(await as(ANN, vaultRotate, { name: 'counted', value: 'c' })).toEqual({
      name: 'counted',
      version: '3',
    });
    expect(await secretOf(ANN, 'counted')).toBe('c');
    expect(await codeOf(ADMIN, vaultRotate, { name: 'nowhere', value: 'c' })).toBe('SECRET_NOT_FOUND');
  });

  it('is never in PostgreSQL, in observations or in errors', async () => {
    const value = 'correct-horse-battery';
    await as(ANN, vaultSet, { name: 'hidden', value });
    await secretOf(ANN, 'hidden');
    const fault = await model.fault(vaultSet, { name: 'hidden', value: `${value}\ud800` }, by(ANN));
    const stored = await sql(
      "SELECT s::text, encode(ciphertext, 'escape') FROM vault.secret s WHERE name = 'hidden'",
    );
    const audit = await sql('SELECT a::text FROM vault.audit a');
    for (const seen of [stored, audit, model.observations, fault]) {
      const text = inspect(seen, { depth: 10, maxArrayLength: null, maxStringLength: null });
      expect(text).not.toContain(value);
      expect(text).not.toContain(Buffer.from(value).toString('hex'));
    }
    expect(inspect(FIRST, { depth: 5 })).not.toMatch(/[0-9a-f]{64}/);
  });

  it('has another nonce and ciphertext at each encryption', async () => {
    await as(ANN, vaultSet, { name: 'twin1', value: 'same' });
    await as(ANN, vaultSet, { name: 'twin2', value: 'same' });
    const result = await model.call(sqlQuery, {
      sql: "SELECT count(DISTINCT nonce), count(DISTINCT ciphertext) FROM vault.secret WHERE name LIKE 'twin%'",
    });
    expect(result.rows).toEqual([['2', '2']]);
  });

  it('set by many at once belongs to one, and no value is lost', async () => {
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, n) => as(ANN, vaultSet, { name: 'raced', value: `${n}` })),
    );
    expect(results.filter(({ created }) => created)).toHaveLength(1);
    expect(results.map(({ version }) => Number(version)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, n) => n + 1),
    );
  });
});

describe('access', () => {
  it('is for the owner, admins and those it was granted to', async () => {
    await as(ANN, vaultSet, { name: 'door', value: '1234' });
    expect(await codeOf(BOB, vaultGet, { name: 'door' })).toBe('VAULT_ACCESS_DENIED');
    expect(await as(ANN, vaultGrant, { name: 'door', identity: 'bob' })).toMatchObject({ changed: true });
    expect(await as(ANN, vaultGrant, { name: 'door', identity: 'bob' })).toMatchObject({ changed: false });
    expect(await secretOf(BOB, 'door')).toBe('1234');
    expect(await secretOf(ADMIN, 'door')).toBe('1234');
    await as(ANN, vaultRotate, { name: 'door', value: '5678' });
    expect(await secretOf(BOB, 'door')).toBe('5678');
    expect(await as(ANN, vaultRevoke, { name: 'door', identity: 'bob' })).toMatchObject({ changed: true });
    expect(await codeOf(BOB, vaultGet, { name: 'door' })).toBe('VAULT_ACCESS_DENIED');
  });

  it('to read lets nobody change, grant or delete', async () => {
    await as(ANN, vaultSet, { name: 'lent', value: 'x' });
    await as(ANN, vaultGrant, { name: 'lent', identity: 'eve' });
    for (const [operation, input] of [
      [vaultSet, { name: 'lent', value: 'y' }],
      [vaultRotate, { name: 'lent', value: 'y' }],
      [vaultGrant, { name: 'lent', identity: 'mallory' }],
      [vaultRevoke, { name: 'lent', identity: 'ann' }],
      [vaultDelete, { name: 'lent' }],
    ] as const) {
      expect(await codeOf(EVE, operation as Operation<unknown, unknown>, input)).toBe('VAULT_ACCESS_DENIED');
    }
    expect(await secretOf(ANN, 'lent')).toBe('x');
    await as(ADMIN, vaultSet, { name: 'lent', value: 'z' });
    expect(await secretOf(ANN, 'lent'), 'it stays with its owner').toBe('z');
    await as(ANN, vaultDelete, { name: 'lent' });
    expect(await codeOf(ADMIN, vaultGet, { name: 'lent' })).toBe('SECRET_NOT_FOUND');
  });

  it('that is denied says the same of what is there and what is not', async () => {
    await as(ANN, vaultSet, { name: 'there', value: 'x' });
    for (const operation of [vaultGet, vaultDelete] as readonly Operation<unknown, unknown>[]) {
      const there = await model.fault(operation, { name: 'there' }, by(EVE));
      const gone = await model.fault(operation, { name: 'gone!' }, by(EVE));
      expect({ ...gone, message: gone.message.replace('gone!', 'there') }).toEqual({
        ...there,
        message: there.message,
      });
    }
  });

  it('decides what is listed', async () => {
    for (const name of ['db/main', 'db/aux', 'db_x', 'api?']) await as(ANN, vaultSet, { name, value: 'v' });
    await as(EVE, vaultSet, { name: 'db/eve', value: 'v' });
    await as(ANN, vaultGrant, { name: 'db/aux', identity: 'eve' });
    const names = async (who: Principal, input: unknown): Promise<string[]> =>
      (await as(who, vaultList, input)).secrets.map(({ name }) => name);
    expect(await names(ANN, { pattern: 'db/*' })).toEqual(['db/aux', 'db/main']);
    expect(await names(ANN, { pattern: 'db_*' })).toEqual(['db_x']);
    expect(await names(ANN, { pattern: 'db?x' })).toEqual(['db_x']);
    expect(await names(EVE, {})).toEqual(['db/aux', 'db/eve']);
    expect(await names(ADMIN, { pattern: 'db/*' })).toEqual(['db/aux', 'db/eve', 'db/main']);
    const first = await as(ADMIN, vaultList, { pattern: 'db*', limit: 2 });
    expect(first.next).toBe('db/eve');
    expect(await names(ADMIN, { pattern: 'db*', limit: 9, after: first.next })).toEqual(['db/main', 'db_x']);
    const [seen] = (await as(EVE, vaultList, { pattern: 'db/aux' })).secrets;
    expect(seen?.grants, 'others do not see who else may read').toEqual([]);
  });
});

describe('what SQL does to the rows', () => {
  const change = async (name: string, set: string): Promise<void> => {
    await as(ANN, vaultSet, { name, value: `value of ${name}` });
    await sql(`UPDATE vault.secret SET ${set} WHERE name = '${name}'`);
  };

  it.each([
    ['a grant', "grants = '{eve}'", 'VAULT_ACCESS_DENIED'],
    ['an owner', "owner = 'eve'", 'SECRET_TAMPERED'],
  ])('%s that was forged opens nothing', async (_what, set, granting) => {
    await change('forged', set);
    expect(await codeOf(EVE, vaultGet, { name: 'forged' })).toBe('SECRET_TAMPERED');
    expect((await as(EVE, vaultList, { pattern: 'forged' })).secrets).toEqual([]);
    expect((await as(ADMIN, vaultList, { pattern: 'forged' })).secrets).toMatchObject([{ intact: false }]);
    expect(await codeOf(EVE, vaultGrant, { name: 'forged', identity: 'eve' })).toBe(granting);
    await as(ADMIN, vaultDelete, { name: 'forged' });
  });

  it.each([
    ['version', 'version = version + 1'],
    ['nonce', "nonce = decode(repeat('00', 12), 'hex')"],
    ['short nonce', "nonce = ''"],
    ['ciphertext', 'ciphertext = set_byte(ciphertext, 0, (get_byte(ciphertext, 0) + 1) % 256)'],
    ['short ciphertext', "ciphertext = '\\x00'"],
    ['seal', "seal = ''"],
  ])('a changed %s is refused', async (_what, set) => {
    await change('changed', set);
    expect(await codeOf(ANN, vaultGet, { name: 'changed' })).toBe('SECRET_TAMPERED');
    expect(await codeOf(ANN, vaultSet, { name: 'changed', value: 'new' })).toBe('SECRET_TAMPERED');
    await as(ADMIN, vaultDelete, { name: 'changed' });
  });

  it('does not move a ciphertext from a secret of somebody to one of one own', async () => {
    await as(ANN, vaultSet, { name: 'theirs', value: 'the secret' });
    await as(EVE, vaultSet, { name: 'mine', value: 'nothing' });
    await sql(`UPDATE vault.secret m SET nonce = t.nonce, ciphertext = t.ciphertext
      FROM vault.secret t WHERE m.name = 'mine' AND t.name = 'theirs'`);
    expect(await codeOf(EVE, vaultGet, { name: 'mine' })).toBe('SECRET_TAMPERED');
    await sql("DELETE FROM vault.secret WHERE name = 'mine'");
    await sql(`INSERT INTO vault.secret SELECT 'mine', 'eve', grants, version, key_id, nonce, ciphertext, seal
      FROM vault.secret WHERE name = 'theirs'`);
    expect(await codeOf(EVE, vaultGet, { name: 'mine' })).toBe('SECRET_TAMPERED');
  });
});

describe('a namespace of its own', () => {
  it('has keys of its own: what another one has sealed opens nothing there', async () => {
    const ring = keysFor(FIRST);
    const facts = { name: 'n', owner: 'ann', grants: [], version: '1' };
    const here = { ...facts, namespace: 'here' };
    const sealed = sealValue(ring('here'), here, 'the value');
    expect(openValue(ring('here'), here, sealed)).toBe('the value');
    for (const [key, other] of [
      [ring('there'), here],
      [ring('there'), { ...facts, namespace: 'there' }],
      [ring('here'), { ...facts, namespace: 'there' }],
      [ring('here'), { ...here, name: 'm' }],
      [ring('here'), { ...here, owner: 'eve' }],
      [ring('here'), { ...here, grants: ['eve'] }],
      [ring('here'), { ...here, version: '2' }],
    ] as const) {
      expect(() => openValue(key, other, sealed)).toThrow('not the one that the vault wrote');
      expect(isIntact(key, other, sealed.seal)).toBe(false);
    }
  });
});

describe('the audit', () => {
  it('has every read and every change, allowed or not', async () => {
    const name = 'watched';
    await as(ANN, vaultSet, { name, value: '1' });
    await secretOf(ANN, name);
    await codeOf(EVE, vaultGet, { name });
    await as(ANN, vaultGrant, { name, identity: 'bob' });
    await secretOf(BOB, name);
    await codeOf(EVE, vaultDelete, { name });
    await as(ANN, vaultDelete, { name });
    await codeOf(ADMIN, vaultGet, { name });
    await as(ANN, vaultList, { pattern: name });
    expect(await deedsOn(name)).toEqual([
      'ann set ok',
      'ann get ok',
      'eve get VAULT_ACCESS_DENIED',
      'ann grant ok',
      'bob get ok',
      'eve delete VAULT_ACCESS_DENIED',
      'ann delete ok',
      'root get SECRET_NOT_FOUND',
      'ann list ok',
    ]);
    const { entries, next } = await as(ADMIN, vaultAudit, { name, limit: 4 });
    expect(entries[0]).toMatchObject({
      actor: 'root',
      action: 'audit',
      genuine: true,
      requestId: 'req_00000000',
    });
    expect((await as(ADMIN, vaultAudit, { name, before: next })).entries.at(-1)?.action).toBe('set');
    expect((await as(ADMIN, vaultAudit, { name, actor: 'bob' })).entries).toHaveLength(1);
  });

  it('of a change lives and dies with the transaction, of a read it stays', async () => {
    const name = 'in transaction';
    await as(ANN, vaultSet, { name, value: 'old' });
    const { txnId } = await as(ANN, transactionBegin, {});
    const inside = { transactionId: txnId };
    await as(ANN, vaultSet, { name, value: 'new' }, inside);
    expect((await as(ANN, vaultGet, { name }, inside)).value, 'its own change').toBe('new');
    expect(await secretOf(ANN, name), 'others').toBe('old');
    expect(await codeOf(ANN, vaultGet, { name: 'someone else’s' }, inside)).toBe('VAULT_ACCESS_DENIED');
    await as(ANN, transactionRollback, { txnId });
    expect(await secretOf(ANN, name)).toBe('old');
    expect(await deedsOn(name)).toEqual(['ann set ok', 'ann get ok', 'ann get ok', 'ann get ok']);
    expect(await deedsOn('someone else’s')).toEqual(['ann get VAULT_ACCESS_DENIED']);

    const second = await as(ANN, transactionBegin, {});
    await as(ANN, vaultSet, { name, value: 'kept' }, { transactionId: second.txnId });
    expect(
      await codeOf(ANN, vaultRotate, { name: 'nope', value: 'x' }, { transactionId: second.txnId }),
    ).toBe('VAULT_ACCESS_DENIED');
    await as(ANN, transactionCommit, { txnId: second.txnId });
    expect(await secretOf(ANN, name)).toBe('kept');
    expect((await deedsOn(name)).filter((deed) => deed === 'ann set ok')).toHaveLength(2);
  });

  it.each([
    [
      'a trigger',
      [
        'CREATE FUNCTION hush() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$',
        'CREATE TRIGGER hush BEFORE INSERT ON vault.audit FOR EACH ROW EXECUTE FUNCTION hush()',
      ],
      'DROP FUNCTION hush() CASCADE',
    ],
    [
      'a rule',
      ['CREATE RULE hush AS ON INSERT TO vault.audit DO INSTEAD NOTHING'],
      'DROP RULE hush ON vault.audit',
    ],
  ])('is not silenced by %s: then nothing is read, changed or told', async (_what, silence, undo) => {
    await as(ANN, vaultSet, { name: 'silent', value: 'x' });
    for (const statement of silence) await sql(statement);
    expect(await codeOf(ANN, vaultGet, { name: 'silent' })).toBe('SECRET_TAMPERED');
    expect(await codeOf(EVE, vaultGet, { name: 'silent' })).toBe('SECRET_TAMPERED');
    expect(await codeOf(ANN, vaultSet, { name: 'silent', value: 'y' })).toBe('SECRET_TAMPERED');
    expect(await codeOf(ANN, vaultDelete, { name: 'silent' })).toBe('SECRET_TAMPERED');
    expect(await codeOf(ANN, vaultList, {})).toBe('SECRET_TAMPERED');
    expect(await codeOf(ADMIN, vaultAudit, {})).toBe('SECRET_TAMPERED');
    await sql(undo);
    expect(await secretOf(ANN, 'silent')).toBe('x');
  });

  it('shows entries that were forged or changed as such', async () => {
    await as(ANN, vaultSet, { name: 'disputed', value: 'x' });
    await secretOf(ANN, 'disputed');
    await sql("UPDATE vault.audit SET actor = 'bob' WHERE name = 'disputed' AND action = 'get'");
    await sql(`INSERT INTO vault.audit (at, actor, action, name, outcome, request_id, key_id, seal)
      SELECT now(), 'bob', 'delete', name, 'ok', request_id, key_id, seal FROM vault.audit
      WHERE name = 'disputed' AND action = 'set'`);
    const { entries } = await as(ADMIN, vaultAudit, { name: 'disputed' });
    expect(entries.map(({ action, genuine }) => [action, genuine]).reverse()).toEqual([
      ['set', true],
      ['get', false],
      ['delete', false],
    ]);
  });
});

describe('keys', () => {
  it('are refused by name when there is none', async () => {
    for (const vaultKeys of [undefined, []]) {
      const fault = await model.fault(
        vaultSet,
        { name: 'n', value: 'v' },
        { principal: ADMIN, server: { vaultKeys } },
      );
      expect(fault.code).toBe('VAULT_NOT_CONFIGURED');
      expect(fault.hint).toContain('vault-key-file');
    }
  });

  it('change: the old one still reads, and is not needed once everything is encrypted anew', async () => {
    await sql('DELETE FROM vault.secret');
    for (let n = 0; n < 5; n++) await as(ANN, vaultSet, { name: `old ${n}`, value: `v${n}` });
    await as(ANN, vaultGrant, { name: 'old 1', identity: 'bob' });
    const both = { server: { vaultKeys: [SECOND, FIRST] } };
    const alone = { server: { vaultKeys: [SECOND] } };
    expect((await as(BOB, vaultGet, { name: 'old 1' }, both)).value).toBe('v1');
    expect(await codeOf(ANN, vaultGet, { name: 'old 0' }, alone)).toBe('VAULT_KEY_MISSING');
    await as(ANN, vaultSet, { name: 'old 0', value: 'new' }, both);
    expect(await as(ADMIN, vaultReseal, {}, both)).toEqual({ resealed: 4, left: 0 });
    expect(await as(ADMIN, vaultReseal, {}, both)).toEqual({ resealed: 0, left: 0 });
    expect((await as(ANN, vaultGet, { name: 'old 0' }, alone)).value).toBe('new');
    expect((await as(BOB, vaultGet, { name: 'old 1' }, alone)).value).toBe('v1');
  });
});
