/** Who may call: the flow chart of the reference, branch by branch, and whose key reaches what. */
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BLOB, failureOf, HEALTH, keyOf, type Neumann, QUERY, startNeumann } from './service-client.ts';

const KEY = 'sk-prod-key-12345678';
const READER = 'sk-read-key-12345678';
const OTHERS = 'sk-other-key-1234567';
const EXPIRED = 'sk-expired-key-12345';
const TWICE = 'sk-twice-key-1234567';
const CREDENTIALS = [
  keyOf('service:backend', KEY, 'admin'),
  keyOf('service:reader', READER, 'read'),
  keyOf('service:other', OTHERS, 'admin', 'elsewhere'),
  { ...keyOf('service:late', EXPIRED, 'admin'), expiresAtMs: Date.now() - 1_000 },
  { ...keyOf('service:old', TWICE, 'read'), expiresAtMs: Date.now() + 3_600_000 },
  keyOf('service:renewed', TWICE, 'read'),
];
const SELECT = 'SELECT 1 AS one';
/** Everything but health and reflection. */
const GUARDED = [
  ...['Execute', 'ExecuteStream', 'ExecuteBatch', 'ExecutePaginated', 'CloseCursor'].map(
    (name) => `${QUERY}/${name}`,
  ),
  ...['Upload', 'Download', 'Delete', 'GetMetadata'].map((name) => `${BLOB}/${name}`),
  ...['Upsert', 'Get', 'Delete', 'Query', 'Scroll'].map((name) => `neumann.vector.v1.PointsService/${name}`),
  ...['Create', 'Get', 'Delete', 'List'].map((name) => `neumann.vector.v1.CollectionsService/${name}`),
];
const by = (key: string, header = 'x-api-key') => ({ metadata: { [header]: key } });

describe('without credentials', () => {
  let neumann: Neumann;
  beforeAll(async () => {
    neumann = await startNeumann();
  });
  afterAll(async () => await neumann?.stop());

  it('everyone is let in, whatever the header says', async () => {
    expect((await neumann.run(SELECT)).rows.rows).toHaveLength(1);
    expect((await neumann.run(SELECT, by('anything at all'))).rows.rows).toHaveLength(1);
  });
});

describe('with credentials', () => {
  let neumann: Neumann;
  beforeAll(async () => {
    neumann = await startNeumann({}, CREDENTIALS);
  });
  afterAll(async () => await neumann?.stop());

  it('no key: UNAUTHENTICATED', async () => {
    expect(await failureOf(neumann.run(SELECT))).toEqual([status.UNAUTHENTICATED, 'API key required']);
  });

  it.each(['wrong', '', `${KEY}x`, KEY.slice(1), ' '])('the key %j: UNAUTHENTICATED', async (key) => {
    const failure = await failureOf(neumann.run(SELECT, by(key)));
    // What is only spaces is no header (RFC 9110, section 5.5): some clients send nothing then.
    if (key.trim() !== '') expect(failure).toEqual([status.UNAUTHENTICATED, 'invalid API key']);
    else expect(failure[0]).toBe(status.UNAUTHENTICATED);
  });

  it('a right key: let in, and known by its name', async () => {
    await neumann.run('CREATE TABLE known (a int)', by(KEY));
    expect((await neumann.run('INSERT known a=1', by(KEY))).result).toBe('ids');
    const seen = neumann.server.observations.filter(
      (each) => each.type === 'operation' && each.dialect === 'neumann' && each.outcome === 'ok',
    );
    expect(seen.at(-1)).toMatchObject({ principal: 'service:backend' });
  });

  it('a key whose time is over, and the later of two equal ones', async () => {
    expect(await failureOf(neumann.run(SELECT, by(EXPIRED)))).toEqual([
      status.UNAUTHENTICATED,
      'invalid API key',
    ]);
    await neumann.run(SELECT, by(TWICE));
    const seen = neumann.server.observations.filter((each) => each.type === 'operation');
    expect(seen.at(-1)).toMatchObject({ principal: 'service:renewed' });
  });

  it('a caller without a key is not the one before it on the same connection', async () => {
    await neumann.run(SELECT, by(KEY));
    expect((await failureOf(neumann.run(SELECT)))[0]).toBe(status.UNAUTHENTICATED);
  });

  it('identity in a message says nothing, alone and in a batch', async () => {
    const request = { query: SELECT, identity: 'service:backend' };
    expect((await failureOf(neumann.client.call(`${QUERY}/Execute`, request)))[0]).toBe(16);
    const create = { query: 'CREATE TABLE mine (a int)', identity: 'service:backend' };
    const { results } = await neumann.client.call(`${QUERY}/ExecuteBatch`, { queries: [create] }, by(READER));
    expect(results[0].error).toMatchObject({ code: 'ERROR_CODE_PERMISSION_DENIED' });
  });

  it('a key that may only read is refused what writes: PERMISSION_DENIED', async () => {
    expect((await failureOf(neumann.run('CREATE TABLE nope (a int)', by(READER))))[0]).toBe(
      status.PERMISSION_DENIED,
    );
    const upload = neumann.client.send(`${BLOB}/Upload`, [{ metadata: { filename: 'a' } }], by(READER));
    expect((await failureOf(upload))[0]).toBe(status.PERMISSION_DENIED);
  });

  it('a key of another namespace: PERMISSION_DENIED', async () => {
    const metadata = { 'x-api-key': OTHERS, 'x-facet-namespace': 'main' };
    const [code, text] = await failureOf(neumann.run(SELECT, { metadata }));
    expect([code, text.includes('elsewhere')]).toEqual([status.PERMISSION_DENIED, true]);
    const blob = neumann.client.call(`${BLOB}/GetMetadata`, { artifact_id: 'x' }, { metadata });
    expect((await failureOf(blob))[0]).toBe(status.PERMISSION_DENIED);
    const points = { collection: 'default', points: [{ id: 'a', vector: [1] }] };
    const upsert = neumann.client.call('neumann.vector.v1.PointsService/Upsert', points, { metadata });
    expect((await failureOf(upsert))[0]).toBe(status.PERMISSION_DENIED);
  });

  it('health and reflection are open', async () => {
    expect(await neumann.client.call(HEALTH)).toEqual({ status: 'SERVING' });
    expect(neumann.client.services).toContain(QUERY);
  });

  it('also says who it is as over HTTP: Bearer', async () => {
    expect((await neumann.run(SELECT, by(`Bearer ${KEY}`, 'authorization'))).result).toBe('rows');
  });
});

describe('with credentials, to strangers', () => {
  let neumann: Neumann;
  beforeAll(async () => {
    // Each call is another's, for an address that fails too often is not heard any more.
    neumann = await startNeumann({ 'trust-proxy': 'true' }, CREDENTIALS);
  });
  afterAll(async () => await neumann?.stop());

  it('no procedure of the services is open to those without a key, or with a wrong one', async () => {
    const streams = new Set([`${QUERY}/ExecuteStream`, `${BLOB}/Download`]);
    let calls = 0;
    for (const path of GUARDED) {
      for (const [keys, text] of [
        [{}, 'API key required'],
        [{ 'x-api-key': 'wrong' }, 'invalid API key'],
      ] as const) {
        const options = { metadata: { ...keys, 'x-forwarded-for': `10.0.0.${++calls}` } };
        const { client } = neumann;
        const work = streams.has(path)
          ? client.collect(path, {}, options)
          : path === `${BLOB}/Upload`
            ? client.send(path, [{ metadata: { filename: 'a' } }], options)
            : client.call(path, {}, options);
        expect([path, ...(await failureOf(work))]).toEqual([path, status.UNAUTHENTICATED, text]);
      }
    }
    // Nobody knocked at the database for that.
    expect(
      neumann.server.observations.filter(
        (seen) => seen.type === 'operation' && seen.dialect === 'neumann' && seen.outcome === 'ok',
      ),
    ).toEqual([]);
  });

  it('one who guesses on is not heard, even with the right key', async () => {
    const from = (key: string) => ({ metadata: { 'x-api-key': key, 'x-forwarded-for': '10.9.9.9' } });
    const codes: number[] = [];
    for (let count = 0; count < 30; count++) {
      codes.push((await failureOf(neumann.run(SELECT, from(`guess ${count}`))))[0]);
    }
    expect(new Set(codes)).toEqual(new Set([status.UNAUTHENTICATED, status.RESOURCE_EXHAUSTED]));
    expect((await failureOf(neumann.run(SELECT, from(KEY))))[0]).toBe(status.RESOURCE_EXHAUSTED);
    // Refusals at the door are no failures of the services.
    const service = { service: QUERY };
    expect(await neumann.client.call(HEALTH, service)).toEqual({ status: 'SERVING' });
    expect((await neumann.run(SELECT, by(KEY))).result).toBe('rows');
  });
});

describe('with credentials, and a choice', () => {
  let neumann: Neumann;
  beforeAll(async () => {
    neumann = await startNeumann(
      { 'neumann-allow-anonymous': 'true', 'neumann-api-key-header': 'x-neumann-key' },
      CREDENTIALS,
    );
  });
  afterAll(async () => await neumann?.stop());

  it('no key: let in as nobody, who reads', async () => {
    expect((await neumann.run(SELECT)).result).toBe('rows');
    expect((await failureOf(neumann.run('CREATE TABLE nope (a int)')))[0]).toBe(status.PERMISSION_DENIED);
    const metadata = { 'x-facet-namespace': 'elsewhere' };
    expect((await failureOf(neumann.run(SELECT, { metadata })))[0]).toBe(status.PERMISSION_DENIED);
  });

  it('a wrong key: UNAUTHENTICATED, though one may come without', async () => {
    expect(await failureOf(neumann.run(SELECT, by('wrong', 'x-neumann-key')))).toEqual([
      status.UNAUTHENTICATED,
      'invalid API key',
    ]);
  });

  it('the key stands in the header of the configuration, and in no other', async () => {
    await neumann.run('CREATE TABLE by_header (a int)', by(KEY, 'x-neumann-key'));
    expect((await failureOf(neumann.run('CREATE TABLE nope (a int)', by(KEY))))[0]).toBe(
      status.PERMISSION_DENIED,
    );
  });
});
