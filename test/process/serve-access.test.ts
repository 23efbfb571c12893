/** `facet serve` with credentials and TLS, as clients outside of the process meet it. */
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CertificateFolder, certificateFolder, hasOpenssl } from '../support/certificates.ts';
import { type FacetServer, startFacet } from '../support/facet-process.ts';

const TOKEN = 'a-token-of-this-test';

describe('--auth-token', () => {
  let server: FacetServer;
  beforeAll(async () => {
    server = await startFacet(['--auth-token', TOKEN]);
  });
  afterAll(() => server.stop());

  const ask = (headers: Readonly<Record<string, string>>) =>
    fetch(`${server.url}/api/v1/query`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{"sql":"SELECT 1"}',
    });
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

  test.each([
    ['Bearer', { authorization: `Bearer ${TOKEN}` }],
    ['X-API-Key', { 'x-api-key': TOKEN }],
    ['Basic', { authorization: basic(`admin:${TOKEN}`) }],
    ['Basic without a name', { authorization: basic(`:${TOKEN}`) }],
  ])('%s is let in', async (_, headers) => {
    expect((await ask(headers)).status).toBe(200);
  });

  test.each([
    ['nothing', {}],
    ['another token', { authorization: `Bearer ${TOKEN}x` }],
    ['another name', { authorization: basic(`root:${TOKEN}`) }],
  ])('%s is refused', async (_, headers: Record<string, string>) => {
    const answer = await ask(headers);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ error: { code: 'UNAUTHORIZED' } });
  });

  test('the token is not in the log', () => {
    expect(server.log()).toContain('authentication failed');
    expect(server.log()).not.toContain(TOKEN);
  });
});

test('beyond this machine with --insecure, said loudly', async () => {
  const server = await startFacet(['--listen', '0.0.0.0:0', '--insecure']);
  expect(server.log()).toContain('Everyone who reaches 0.0.0.0:0 is admin (insecure)');
  await server.stop();
});

// Certificates are made by the openssl command.
describe.skipIf(!hasOpenssl())('TLS', () => {
  let certificates: CertificateFolder;
  const file = (name: string): string => certificates.file(name);

  beforeAll(() => {
    certificates = certificateFolder();
    const { make } = certificates;
    make('ca', { subject: 'test authority' });
    make('server', { issuer: 'ca' });
    make('known', { subject: 'reports.example', issuer: 'ca' });
    make('unknown', { subject: 'nobody.example', issuer: 'ca' });
    make('other-ca', { subject: 'another authority' });
    make('foreign', { subject: 'reports.example', issuer: 'other-ca' });
    writeFileSync(
      file('facet.toml'),
      '[tls]\ncert = "server.crt"\nkey = "server.key"\nclient_ca = "ca.crt"\n\n' +
        '[[credentials]]\nname = "reports"\nrole = "read"\nmtls_subject = "reports.example"\n',
    );
  });
  afterAll(() => certificates.remove());

  /** Status and body; rejects when the connection is refused. */
  function ask(
    server: FacetServer,
    options: {
      readonly client?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly sql?: string;
    },
  ): Promise<{ readonly status: number; readonly body: string }> {
    const identity =
      options.client === undefined
        ? {}
        : {
            cert: certificates.read(`${options.client}.crt`),
            key: certificates.read(`${options.client}.key`),
          };
    return new Promise((resolve, reject) => {
      const call = request(`${server.url}/api/v1/query`, {
        method: 'POST',
        agent: false,
        ca: certificates.read('ca.crt'),
        headers: { 'content-type': 'application/json', ...options.headers },
        ...identity,
      });
      call.once('error', reject);
      call.once('response', (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          body += piece;
        });
        response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
      });
      call.end(JSON.stringify({ sql: options.sql ?? 'SELECT 1' }));
    });
  }

  test('serves https to clients that trust its authority, and no plain http', async () => {
    const files = ['--tls-cert', file('server.crt'), '--tls-key', file('server.key')];
    const server = await startFacet([...files, '--auth-token', TOKEN]);
    expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:/);
    expect((await ask(server, { headers: { authorization: `Bearer ${TOKEN}` } })).status).toBe(200);
    expect((await ask(server, {})).status).toBe(401);
    await expect(fetch(server.url.replace('https', 'http'))).rejects.toThrow();
    await expect(fetch(server.url)).rejects.toThrow();
    await server.stop();
  });

  test('a client certificate says who asks', async () => {
    const server = await startFacet(['--config', file('facet.toml')]);
    expect((await ask(server, { client: 'known' })).status).toBe(200);
    const write = await ask(server, { client: 'known', sql: 'CREATE TABLE t (a int)' });
    expect([write.status, JSON.parse(write.body).error.code]).toEqual([403, 'READ_ONLY_TRANSACTION']);
    expect((await ask(server, { client: 'unknown' })).status).toBe(401);
    await expect(ask(server, {})).rejects.toThrow();
    await expect(ask(server, { client: 'foreign' })).rejects.toThrow();
    expect((await ask(server, { client: 'known' })).status).toBe(200);
    await server.stop();
  });

  test('beside a token, when certificates are not required', async () => {
    const args = ['--config', file('facet.toml'), '--tls-client-required=false', '--auth-token', TOKEN];
    const server = await startFacet(args);
    expect((await ask(server, { client: 'known' })).status).toBe(200);
    expect((await ask(server, { headers: { 'x-api-key': TOKEN } })).status).toBe(200);
    expect((await ask(server, {})).status).toBe(401);
    expect((await ask(server, { client: 'foreign' })).status).toBe(401);
    await server.stop();
  });
});
