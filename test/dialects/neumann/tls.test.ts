/** TLS and client certificates on the listener of the Neumann services, with and without a key of the caller. */
import { type ChannelCredentials, credentials, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CertificateFolder, certificateFolder, hasOpenssl } from '../../support/certificates.ts';
import { type CallOptions, type GrpcClient, grpcClient } from '../../support/grpc.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { failureOf, HEALTH, keyOf, QUERY } from './service-client.ts';

const KEY = 'sk-prod-key-12345678';
const byKey: CallOptions = { metadata: { 'x-api-key': KEY } };
const BY_SUBJECT = {
  principal: { name: 'alice', role: 'read', namespace: undefined },
  secret: undefined,
  mtlsSubject: 'alice',
  expiresAtMs: undefined,
} as const;

// Certificates are made by the openssl command.
describe.skipIf(!hasOpenssl())('TLS', () => {
  let certificates: CertificateFolder;
  const servers: TestServer[] = [];
  const clients: GrpcClient[] = [];

  beforeAll(() => {
    certificates = certificateFolder();
    const { make } = certificates;
    make('ca', { subject: 'authority' });
    make('server', { issuer: 'ca' });
    make('alice', { subject: 'alice', issuer: 'ca' });
    make('bob', { subject: 'bob', issuer: 'ca' });
    make('stranger', { subject: 'alice' });
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    for (const server of servers) await server.stop();
    certificates?.remove();
  });

  async function start(
    flags: Readonly<Record<string, string>>,
    known: Parameters<typeof startTestServer>[0],
  ): Promise<TestServer> {
    const { file } = certificates;
    const server = await startTestServer({
      ...known,
      flags: {
        'neumann-bind-addr': '127.0.0.1:0',
        'tls-cert': file('server.crt'),
        'tls-key': file('server.key'),
        ...flags,
      },
    });
    servers.push(server);
    return server;
  }

  const trusting = (name?: string): ChannelCredentials => {
    const { read } = certificates;
    return name === undefined
      ? credentials.createSsl(read('ca.crt'))
      : credentials.createSsl(read('ca.crt'), read(`${name}.key`), read(`${name}.crt`));
  };
  async function client(server: TestServer, how: ChannelCredentials): Promise<GrpcClient> {
    const made = await grpcClient(server.running.neumannAddress ?? '', how);
    clients.push(made);
    return made;
  }
  const one = (from: GrpcClient, options?: CallOptions) =>
    from.call(`${QUERY}/Execute`, { query: 'SELECT 1 AS one' }, options);
  const callers = (server: TestServer) =>
    server.observations.flatMap((seen) =>
      seen.type === 'operation' && seen.dialect === 'neumann' && seen.outcome === 'ok'
        ? [seen.principal]
        : [],
    );

  describe('of the server alone', () => {
    let server: TestServer;
    beforeAll(async () => {
      server = await start({}, { config: { credentials: [keyOf('service:backend', KEY, 'admin')] } });
    });

    it('calls, streams and uploads go through it', async () => {
      const secure = await client(server, trusting());
      expect((await one(secure, byKey)).result).toBe('rows');
      const query = 'SELECT n FROM generate_series(1, 5000) n';
      expect(await secure.collect(`${QUERY}/ExecuteStream`, { query }, byKey)).toHaveLength(5_001);
      const messages = [{ metadata: { filename: 'a' } }, { chunk: Buffer.alloc(300_000, 'a') }];
      const stored = await secure.send('neumann.v1.BlobService/Upload', messages, byKey);
      expect(stored.size).toBe('300000');
    });

    it('a client in the clear is not heard, and one that does not trust the server says nothing', async () => {
      const clear = grpcClient(server.running.neumannAddress ?? '', credentials.createInsecure());
      expect((await failureOf(clear))[0]).toBe(status.UNAVAILABLE);
      const wary = grpcClient(
        server.running.neumannAddress ?? '',
        credentials.createSsl(certificates.read('stranger.crt')),
      );
      expect((await failureOf(wary))[0]).toBe(status.UNAVAILABLE);
    });
  });

  describe('that asks for certificates', () => {
    let server: TestServer;
    beforeAll(async () => {
      server = await start(
        { 'tls-client-ca': certificates.file('ca.crt'), 'tls-client-required': 'true' },
        { config: { credentials: [keyOf('service:backend', KEY, 'admin'), BY_SUBJECT] } },
      );
    });

    it('nobody comes in without one of the authority, whatever the key', async () => {
      for (const how of [trusting(), trusting('stranger')]) {
        const refused = grpcClient(server.running.neumannAddress ?? '', how);
        expect((await failureOf(refused))[0]).toBe(status.UNAVAILABLE);
      }
      expect(callers(server)).toEqual([]);
    });

    it('a key says who calls; without one the certificate does', async () => {
      const alice = await client(server, trusting('alice'));
      await one(alice, byKey);
      await one(alice);
      expect(callers(server)).toEqual(['service:backend', 'alice']);
      const create = alice.call(`${QUERY}/Execute`, { query: 'CREATE TABLE t (a int)' });
      expect((await failureOf(create))[0]).toBe(status.PERMISSION_DENIED);
    });

    it('one that no credential names needs a key', async () => {
      const bob = await client(server, trusting('bob'));
      expect(await failureOf(one(bob))).toEqual([status.UNAUTHENTICATED, 'API key required']);
      expect((await one(bob, byKey)).result).toBe('rows');
      expect(await bob.call(HEALTH)).toEqual({ status: 'SERVING' });
    });
  });

  it('that asks for certificates, of callers who need no key: those that no credential names are nobody', async () => {
    const server = await start(
      {
        'tls-client-ca': certificates.file('ca.crt'),
        'tls-client-required': 'true',
        'neumann-allow-anonymous': 'true',
      },
      { config: { credentials: [keyOf('service:backend', KEY, 'admin'), BY_SUBJECT] } },
    );
    await one(await client(server, trusting('bob')));
    await one(await client(server, trusting('alice')));
    expect(callers(server)).toEqual(['', 'alice']);
    const wrong = one(await client(server, trusting('bob')), { metadata: { 'x-api-key': 'wrong' } });
    expect(await failureOf(wrong)).toEqual([status.UNAUTHENTICATED, 'invalid API key']);
  });

  it('that asks for certificates beside keys, none of which names one', async () => {
    const server = await start(
      { 'tls-client-ca': certificates.file('ca.crt'), 'tls-client-required': 'true' },
      { config: { credentials: [keyOf('service:backend', KEY, 'admin')] } },
    );
    const bob = await client(server, trusting('bob'));
    expect((await one(bob, byKey)).result).toBe('rows');
    expect(await failureOf(one(bob))).toEqual([status.UNAUTHENTICATED, 'API key required']);
  });

  it('that takes certificates and does not ask for them: a key is enough', async () => {
    const server = await start(
      { 'tls-client-ca': certificates.file('ca.crt'), 'tls-client-required': 'false' },
      { config: { credentials: [keyOf('service:backend', KEY, 'admin'), BY_SUBJECT] } },
    );
    expect((await one(await client(server, trusting()), byKey)).result).toBe('rows');
    expect(await failureOf(one(await client(server, trusting())))).toEqual([
      status.UNAUTHENTICATED,
      'API key required',
    ]);
    await one(await client(server, trusting('alice')));
    // A certificate of another authority is none.
    expect((await failureOf(one(await client(server, trusting('stranger')))))[0]).toBe(16);
    expect(callers(server)).toEqual(['service:backend', 'alice']);
  });
});
