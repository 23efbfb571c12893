/** The explorer of GraphQL: there when asked for, whole, from this server alone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startThunder, type Thunder } from './harness.ts';

describe('in development', () => {
  let thunder: Thunder;
  beforeAll(async () => {
    thunder = await startThunder({ thunder: { development: true, graphqlIntrospection: true } });
  }, 60_000);
  afterAll(async () => await thunder.stop());

  it('every file that the page names is served, and none is from elsewhere', async () => {
    const page = await thunder.get('/graphiql');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const named = [...page.text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, url]) => url ?? '');
    const files = named.filter((url) => url !== 'data:,');
    expect(files).toHaveLength(6);
    for (const url of files) {
      expect(url).toMatch(/^\/graphiql\/[a-z.-]+$/);
      const file = await thunder.get(url);
      expect([url, file.status]).toEqual([url, 200]);
      expect(file.headers.get('content-type')).toMatch(
        url.endsWith('.css') ? /^text\/css/ : /^text\/javascript/,
      );
      // Style sheets would load what they name.
      if (url.endsWith('.css')) expect(file.text).not.toMatch(/url\((?!["']?data:)|@import/);
    }
    expect(page.text).not.toMatch(/<script>|\s(?:style|on\w+)="/);
  });

  it('the browser is told to load nothing else', async () => {
    const policy = (await thunder.get('/graphiql')).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe|https?:|\*/);
  });

  it.each(['nope.js', '..%2fpackage.json', 'react.js%00'])('there is no %s', async (name) => {
    expect((await thunder.get(`/graphiql/${name}`)).status).toBeGreaterThanOrEqual(400);
  });
});

it('elsewhere it says how to have it', async () => {
  const thunder = await startThunder();
  for (const path of ['/graphiql', '/graphiql/graphiql.js']) {
    const reply = await thunder.get(path);
    expect([reply.status, reply.json.error?.code]).toEqual([404, 'NOT_FOUND']);
    expect(reply.json.error?.hint).toContain('--development');
  }
  await thunder.stop();
}, 60_000);

it('the schema can be kept to oneself', async () => {
  const thunder = await startThunder({ thunder: { development: false, graphqlIntrospection: false } });
  const reply = await thunder.post('/graphql', { query: '{ __schema { types { name } } }' });
  expect(reply.json.errors?.[0]?.extensions?.code).toBe('GRAPHQL_VALIDATION_FAILED');
  const typename = await thunder.post('/graphql', { query: '{ __typename }' });
  expect(typename.json).toEqual({ data: { __typename: 'Query' } });
  await thunder.stop();
}, 60_000);
