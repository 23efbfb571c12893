/** Who may do what, how often, and in which namespace, as the HTTP client sees it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FacetError, type Principal } from '../../../src/base/index.ts';
import type { Credentials } from '../../../src/dispatch/index.ts';
import { type Json, type Reply, rowsText, startThunder, type Thunder } from './harness.ts';

const PEOPLE: Readonly<Record<string, Principal>> = {
  reader: { name: 'reader', role: 'read' },
  writer: { name: 'writer', role: 'write' },
  boss: { name: 'boss', role: 'admin' },
  guest: { name: 'guest', role: 'admin', namespace: 'guests' },
};

/** The secret is the name. Checking secrets is the business of server/auth.ts and its tests. */
function authenticate(credentials: Credentials): Principal {
  const name = 'secret' in credentials ? credentials.secret : '';
  const found = PEOPLE[name];
  if (found === undefined)
    throw new FacetError('UNAUTHORIZED', `no such credentials (${credentials.scheme})`);
  return found;
}

let thunder: Thunder;
beforeAll(async () => {
  thunder = await startThunder({
    authenticate,
    ownPostgres: true,
    rateLimits: { cluster: { perSecond: 1, burst: 3 }, query: { perSecond: 1_000, burst: 2_000 } },
  });
}, 60_000);
afterAll(async () => await thunder.stop());

const bearer = (name: string): { authorization: string } => ({ authorization: `Bearer ${name}` });
const query = async (sql: string, headers: Record<string, string>): Promise<Reply> =>
  await thunder.post('/api/v1/query', { sql }, headers);
const refusal = ({ status, json }: Reply): [number, Json | undefined] => [status, json.error?.code];

describe('credentials', () => {
  it('are taken from each place', async () => {
    const basic = Buffer.from('anyone:boss').toString('base64');
    for (const headers of [bearer('boss'), { 'x-api-key': 'boss' }, { authorization: `Basic ${basic}` }]) {
      expect((await query('SELECT 1', headers)).status).toBe(200);
    }
  });

  it('are asked for, in both ways', async () => {
    for (const headers of [{}, bearer('nobody'), { authorization: 'Digest x' }] as Record<string, string>[]) {
      const reply = await query('SELECT 1', headers);
      expect(refusal(reply)).toEqual([401, 'UNAUTHORIZED']);
      expect(reply.headers.get('www-authenticate')).toBe(
        'Bearer realm="Facet", Basic realm="Facet", charset="UTF-8"',
      );
    }
  });

  it('are not needed for probes', async () => {
    for (const path of ['/admin/live', '/admin/ready', '/admin/health'])
      expect((await thunder.get(path)).status).toBe(200);
    expect(refusal(await thunder.get('/admin/metrics'))).toEqual([401, 'UNAUTHORIZED']);
  });
});

describe('strangers', () => {
  it('are refused before their body is read', async () => {
    const reply = await thunder.raw('/api/v1/query', {
      method: 'POST',
      body: '{"not json',
      headers: { 'content-type': 'application/json' },
    });
    expect(refusal(reply)).toEqual([401, 'UNAUTHORIZED']);
    expect(refusal(await thunder.post('/api/v1/prepared', {}))).toEqual([401, 'UNAUTHORIZED']);
  });

  it('open no namespace and no transaction by a probe', async () => {
    const headers = { 'x-facet-namespace': 'probed', 'x-thunder-txn-id': 'txn_000000000000' };
    for (const path of ['/admin/live', '/admin/ready', '/admin/health'])
      expect((await thunder.get(path, headers)).status).toBe(200);
    const known = await query(`SELECT count(*) FROM pg_database WHERE datname = 'ns_probed'`, bearer('boss'));
    expect(known.json.rows).toEqual([[0]]);
  });
});

describe('roles', () => {
  it('read makes no namespace', async () => {
    const headers = { ...bearer('reader'), 'x-facet-namespace': 'unheard_of' };
    expect(refusal(await query('SELECT 1', headers))).toEqual([404, 'DATABASE_NOT_FOUND']);
    const writer = { ...bearer('writer'), 'x-facet-namespace': 'unheard_of' };
    expect((await query('SELECT 1', writer)).status).toBe(200);
    expect((await query('SELECT 1', headers)).status).toBe(200);
  });

  it('admin is needed for what belongs to the whole server', async () => {
    const sql = 'ALTER ROLE facet SET work_mem = 64';
    expect(refusal(await query(sql, bearer('writer')))).toEqual([403, 'FORBIDDEN']);
  });

  it('read may read, whatever the text says', async () => {
    await query('CREATE TABLE t (a int)', bearer('writer'));
    expect((await query('SELECT * FROM t', bearer('reader'))).status).toBe(200);
    for (const sql of [
      'INSERT INTO t VALUES (1)',
      'DROP TABLE t',
      'WITH x AS (DELETE FROM t RETURNING a) SELECT * FROM x',
    ]) {
      expect(refusal(await query(sql, bearer('reader')))).toEqual([403, 'READ_ONLY_TRANSACTION']);
    }
    const create = await thunder.post(
      '/api/v1/tables',
      { name: 'u', columns: [{ name: 'a', type: 'Int64' }] },
      bearer('reader'),
    );
    expect(refusal(create)).toEqual([403, 'FORBIDDEN']);
  });

  it('rebalance is for admins', async () => {
    expect(refusal(await thunder.post('/api/v1/cluster/rebalance', {}, bearer('writer')))).toEqual([
      403,
      'FORBIDDEN',
    ]);
    expect((await thunder.post('/api/v1/cluster/rebalance', {}, bearer('boss'))).status).toBe(200);
  });
});

describe('namespaces', () => {
  it('are databases apart, named by a header or by the credentials', async () => {
    await query('CREATE TABLE only_here (a int)', { ...bearer('boss'), 'x-facet-namespace': 'guests' });
    expect((await query('SELECT * FROM only_here', bearer('guest'))).status).toBe(200);
    expect(refusal(await query('SELECT * FROM only_here', bearer('boss')))).toEqual([404, 'TABLE_NOT_FOUND']);
  });

  it('are closed to credentials of another', async () => {
    expect(refusal(await query('SELECT 1', { ...bearer('guest'), 'x-facet-namespace': 'others' }))).toEqual([
      403,
      'FORBIDDEN',
    ]);
    for (const name of ['Not-A-Name', '', 'a b']) {
      expect(refusal(await query('SELECT 1', { ...bearer('boss'), 'x-facet-namespace': name }))).toEqual([
        400,
        'NAMESPACE_INVALID',
      ]);
    }
  });
});

describe('rate limits', () => {
  it('are told on every answer that passed the gate', async () => {
    const before = Math.floor(Date.now() / 1_000);
    for (const reply of [await query('SELECT 1', bearer('boss')), await query('SELEC', bearer('boss'))]) {
      expect(reply.headers.get('x-ratelimit-limit')).toBe('1000');
      // The burst of 2,000 is not told: what remains is never more than the limit.
      expect(reply.headers.get('x-ratelimit-remaining')).toBe('1000');
      expect(Number(reply.headers.get('x-ratelimit-reset'))).toBeGreaterThanOrEqual(before);
    }
    expect((await thunder.get('/admin/live')).headers.get('x-ratelimit-limit')).toBe('100');
    expect((await thunder.get('/api/v1/tables', bearer('boss'))).headers.get('x-ratelimit-limit')).toBe(
      '500',
    );
  });

  it('refuse with 429 and when to come back, each caller for itself', async () => {
    const replies: Reply[] = [];
    for (let at = 0; at < 5; at++)
      replies.push(await thunder.get('/api/v1/cluster/regions', bearer('writer')));
    const refused = replies.find(({ status }) => status === 429);
    if (refused === undefined) throw new Error('never refused');
    expect(refused.json.error).toMatchObject({ code: 'RATE_LIMITED' });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('x-ratelimit-limit')).toBe('1');
    expect(refused.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(Number(refused.headers.get('x-ratelimit-reset'))).toBeGreaterThan(Date.now() / 1_000 - 2);
    expect((await thunder.get('/api/v1/cluster/regions', bearer('reader'))).status).toBe(200);
    expect(rowsText(await query('SELECT 1', bearer('writer')))).toBe('[[1]]');
  });
});
