/** TLS and client certificates on the gRPC listener, by the options that the HTTP listener has. */
import { credentials, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CertificateFolder, certificateFolder, hasOpenssl } from '../../support/certificates.ts';
import { type GrpcClient, grpcClient, grpcFailure } from '../../support/grpc.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

// Certificates are made by the openssl command.
describe.skipIf(!hasOpenssl())('TLS', () => {
  let certificates: CertificateFolder;
  let server: TestServer;
  const open: GrpcClient[] = [];

  beforeAll(async () => {
    certificates = certificateFolder();
    const { make, file } = certificates;
    make('ca', { subject: 'authority' });
    make('server', { issuer: 'ca' });
    make('alice', { subject: 'alice', issuer: 'ca' });
    make('stranger', { subject: 'alice' });
    const flags = {
      'grpc-listen': '127.0.0.1:0',
      'tls-cert': file('server.crt'),
      'tls-key': file('server.key'),
      'tls-client-ca': file('ca.crt'),
      'tls-client-required': 'false',
    };
    const principal = { name: 'alice', role: 'write' } as const;
    server = await startTestServer({
      flags,
      config: {
        credentials: [{ principal, secret: undefined, mtlsSubject: 'alice', expiresAtMs: undefined }],
      },
    });
  });
  afterAll(async () => {
    for (const client of open) client.close();
    await server?.stop();
    certificates.remove();
  });

  async function client(name?: string): Promise<GrpcClient> {
    const how =
      name === undefined
        ? credentials.createSsl(certificates.read('ca.crt'))
        : credentials.createSsl(
            certificates.read('ca.crt'),
            certificates.read(`${name}.key`),
            certificates.read(`${name}.crt`),
          );
    const made = await grpcClient(server.running.grpcAddress ?? '', how);
    open.push(made);
    return made;
  }
  const whoever = (from: GrpcClient) => from.call('thunder.ThunderQuery/Execute', { sql: 'SELECT 1' });

  it('lets a client with a certificate of the authority in, by its subject', async () => {
    expect((await whoever(await client('alice'))).row_count).toBe('1');
    expect(server.observations.some((seen) => seen.type === 'operation' && seen.principal === 'alice')).toBe(
      true,
    );
    const alice = await client('alice');
    const proposed = alice.call('thunder.Cluster/Propose', { remove_node: { node_id: 'x' } });
    expect((await grpcFailure(proposed)).code).toBe(status.PERMISSION_DENIED);
  });

  it('asks who it is where there is no certificate, or one of another authority', async () => {
    expect((await grpcFailure(whoever(await client()))).code).toBe(status.UNAUTHENTICATED);
    expect((await grpcFailure(whoever(await client('stranger')))).code).toBe(status.UNAUTHENTICATED);
  });

  it('takes no calls in the clear', async () => {
    const clear = grpcClient(server.running.grpcAddress ?? '', credentials.createInsecure());
    expect((await grpcFailure(clear)).code).toBe(status.UNAVAILABLE);
  });
});
