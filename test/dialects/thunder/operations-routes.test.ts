/** Health and operations routes, the OpenAPI document, and refusals of plain HTTP: paths, methods, request ids. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keysOf, startThunder, type Thunder } from './harness.ts';

let thunder: Thunder;
beforeAll(async () => {
  thunder = await startThunder();
}, 60_000);
afterAll(async () => await thunder.stop());

describe('health and operations', () => {
  it.each(['/admin/health', '/api/v1/health'])('%s', async (path) => {
    const reply = await thunder.get(path);
    expect(reply.status).toBe(200);
    expect(keysOf(reply.json)).toEqual(
      ['checks', 'cluster_id', 'node_count', 'region_count', 'status', 'uptime_seconds', 'version'].sort(),
    );
    expect(reply.json).toMatchObject({
      status: 'healthy',
      version: '0.1.0',
      cluster_id: 'cluster-1',
      node_count: 1,
    });
    expect(Number.isInteger(reply.json.uptime_seconds)).toBe(true);
  });

  it('/admin/live', async () => {
    const reply = await thunder.get('/admin/live');
    expect([reply.status, reply.text]).toEqual([200, '{"alive":true}']);
    expect(reply.headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  it('/admin/ready', async () => {
    const reply = await thunder.get('/admin/ready');
    expect(reply.status).toBe(200);
    expect(keysOf(reply.json)).toEqual(['last_applied_index', 'raft_state', 'ready', 'storage_ready']);
    expect(reply.text).toMatch(/"last_applied_index":\d+[,}]/);
    expect(reply.json).toMatchObject({ ready: true, raft_state: 'leader', storage_ready: true });
  });

  it.each(['/admin/metrics', '/metrics'])('%s', async (path) => {
    const reply = await thunder.get(path);
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(reply.text).toContain('# HELP thunderdb_queries_total');
  });

  it('answers HEAD where it answers GET', async () => {
    const reply = await thunder.raw('/admin/live', { method: 'HEAD' });
    expect([reply.status, reply.text]).toEqual([200, '']);
  });
});

describe('the cluster of one', () => {
  it('lists its node', async () => {
    const { status, json } = await thunder.get('/api/v1/cluster/nodes');
    expect(status).toBe(200);
    expect(keysOf(json)).toEqual(['nodes', 'pagination']);
    expect(json.nodes).toHaveLength(1);
    const node = json.nodes?.[0] ?? {};
    expect(keysOf(node)).toEqual(
      [
        'id',
        'address',
        'role',
        'region',
        'status',
        'raft_term',
        'last_heartbeat',
        'storage_used_bytes',
        'storage_total_bytes',
      ].sort(),
    );
    expect(node).toMatchObject({ id: 'node-1', role: 'leader', region: 'local', status: 'healthy' });
  });

  it('sums up its region', async () => {
    const { status, json } = await thunder.get('/api/v1/cluster/regions');
    expect(status).toBe(200);
    expect(keysOf(json)).toEqual(['regions']);
    expect(keysOf(json.regions?.[0])).toEqual(
      ['name', 'node_count', 'leader_count', 'total_storage_bytes', 'used_storage_bytes', 'status'].sort(),
    );
    expect(json.regions?.[0]).toMatchObject({ name: 'local', node_count: 1, leader_count: 1 });
  });

  it('plans no moves', async () => {
    const { status, json } = await thunder.post('/api/v1/cluster/rebalance', {
      strategy: 'even_distribution',
      max_concurrent_moves: 4,
      dry_run: true,
    });
    expect(status).toBe(200);
    expect(json).toEqual({ dry_run: true, moves: [], total_moves: 0, estimated_total_duration_seconds: 0 });
  });

  it('refuses an unknown strategy by name', async () => {
    const { status, json } = await thunder.post('/api/v1/cluster/rebalance', { strategy: 'random' });
    expect([status, json.error?.code]).toEqual([400, 'INVALID_PARAMETER']);
    expect(json.error?.message).toContain("'strategy'");
  });
});

describe('paths and methods', () => {
  it('an unknown route is 404 in the envelope', async () => {
    for (const path of ['/api/v1/nothing', '/admin/nothing']) {
      const { status, json } = await thunder.get(path);
      expect(status).toBe(404);
      expect(keysOf(json.error)).toEqual(['code', 'detail', 'message', 'request_id', 'retryable']);
      expect(json.error?.code).toBe('NOT_FOUND');
      expect(json.error?.message).toContain(path);
    }
  });

  it('a wrong method is 405 and says which are right, before the body is read', async () => {
    const get = await thunder.get('/api/v1/query');
    expect([get.status, get.json.error?.code, get.headers.get('allow')]).toEqual([
      405,
      'METHOD_NOT_ALLOWED',
      'POST',
    ]);
    const put = await thunder.raw('/api/v1/tables', {
      method: 'PUT',
      body: 'x',
      headers: { 'content-type': 'text/plain' },
    });
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
    const post = await thunder.post('/api/v1/tables/users', '{');
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'DELETE, GET, HEAD']);
    const options = await thunder.raw('/openapi.json', { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});

describe('request ids', () => {
  it("are the client's where it sends one, and in the envelope", async () => {
    const given = await thunder.get('/admin/live', { 'x-request-id': 'my-id.1' });
    expect(given.headers.get('x-request-id')).toBe('my-id.1');
    const failed = await thunder.get('/api/v1/tables/nope', { 'x-request-id': 'my-id.2' });
    expect(failed.json.error?.request_id).toBe('my-id.2');
    expect(failed.headers.get('x-request-id')).toBe('my-id.2');
  });

  it('are made otherwise', async () => {
    for (const headers of [{}, { 'x-request-id': 'no spaces please' }]) {
      const reply = await thunder.get('/api/v1/nothing', headers);
      expect(reply.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{8}$/);
      expect(reply.json.error?.request_id).toBe(reply.headers.get('x-request-id'));
    }
  });
});

describe('/openapi.json', () => {
  it('describes every route with wire names, errors and ways to authenticate', async () => {
    const { status, json } = await thunder.get('/openapi.json');
    expect(status).toBe(200);
    expect(json.openapi).toBe('3.1.0');
    const query = json.paths?.['/api/v1/query']?.post as typeof json;
    const body = query.requestBody?.content?.['application/json']?.schema as typeof json;
    expect(keysOf(body.properties)).toEqual(['consistency', 'params', 'read_only', 'sql', 'timeout_ms']);
    expect(body.required).toEqual(['sql']);
    expect(body.additionalProperties).toBe(false);
    expect(keysOf(query.responses?.['200']?.content)).toEqual(['application/json', 'application/x-ndjson']);
    expect(keysOf(query.responses)).toEqual(
      expect.arrayContaining(['400', '401', '403', '404', '409', '422', '429', '500', '503', '504']),
    );
    const actions =
      json.paths?.['/api/v1/prepared']?.post?.requestBody?.content?.['application/json']?.schema?.oneOf;
    expect((actions as unknown as (typeof json)[]).map((schema) => schema.properties?.action?.const)).toEqual(
      ['create', 'execute', 'deallocate'],
    );
    const tables = json.paths?.['/api/v1/tables']?.get?.parameters as unknown as { name: string }[];
    expect(tables.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['schema', 'include_system', 'limit', 'cursor']),
    );
    const drop = json.paths?.['/api/v1/indexes/{index_name}']?.delete?.parameters as unknown as {
      name: string;
    }[];
    expect(drop.map(({ name }) => name)).toEqual(expect.arrayContaining(['index_name', 'if_exists']));
    expect(drop.map(({ name }) => name)).not.toContain('name');
    expect(keysOf(json.components?.securitySchemes)).toEqual(['apiKey', 'basic', 'bearer', 'mutualTls']);
  });

  it('tells the types of the answers as they are', async () => {
    const { json } = await thunder.get('/openapi.json');
    const responses = json.paths?.['/admin/ready']?.get?.responses as typeof json;
    const schema = responses['200']?.content?.['application/json']?.schema as typeof json;
    const ready = (await thunder.get('/admin/ready')).json;
    for (const [name, value] of Object.entries(ready)) {
      const declared = (schema.properties as Record<string, { type?: string }>)[name]?.type;
      expect(`${name} ${declared?.replace('integer', 'number')}`).toBe(`${name} ${typeof value}`);
    }
    const tables = json.paths?.['/api/v1/tables']?.get?.responses;
    expect(keysOf(tables)).toContain('404');
  });

  it('refers only to what it defines', async () => {
    const { text, json } = await thunder.get('/openapi.json');
    const names = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference ?? '');
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) {
      expect(name).toMatch(/^#\/components\/schemas\//);
      expect(keysOf(json.components?.schemas)).toContain(name.slice('#/components/schemas/'.length));
    }
  });
});
