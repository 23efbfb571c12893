/** `facet serve` with credentials and TLS, as clients outside of the process meet it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn('skipped: the openssl command is not installed');
    return false;
  }
}

// Certificates are made by the openssl command, which not every machine has.
describe.skipIf(!hasOpenssl())('TLS', () => {
  let folder: string;
  const file = (name: string): string => join(folder, name);

  /** An authority when `issuer` is absent. */
  function certificate(name: string, subject: string, issuer?: string): void {
    const key = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      file(`${name}.key`),
    ];
    const subjects = ['-subj', `/CN=${subject}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const signed =
      issuer === undefined ? [] : ['-CA', file(`${issuer}.crt`), '-CAkey', file(`${issuer}.key`)];
    const kind = ['-addext', `basicConstraints=critical,CA:${issuer === undefined ? 'TRUE' : 'FALSE'}`];
    const args = [
      'req',
      '-x509',
      '-days',
      '30',
      ...key,
      ...subjects,
      ...kind,
      ...signed,
      '-out',
      file(`${name}.crt`),
    ];
    execFileSync('openssl', args, { stdio: 'ignore' });
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'facet-tls-'));
    certificate('ca', 'test authority');
    certificate('server', 'localhost', 'ca');
    certificate('known', 'reports.example', 'ca');
    certificate('unknown', 'nobody.example', 'ca');
    certificate('other-ca', 'another authority');
    certificate('foreign', 'reports.example', 'other-ca');
    writeFileSync(
      file('facet.toml'),
      '[tls]\ncert = "server.crt"\nkey = "server.key"\nclient_ca = "ca.crt"\n\n' +
        '[[credentials]]\nname = "reports"\nrole = "read"\nmtls_subject = "reports.example"\n',
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

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
            cert: readFileSync(file(`${options.client}.crt`)),
            key: readFileSync(file(`${options.client}.key`)),
          };
    return new Promise((resolve, reject) => {
      const call = request(`${server.url}/api/v1/query`, {
        method: 'POST',
        agent: false,
        ca: readFileSync(file('ca.crt')),
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
