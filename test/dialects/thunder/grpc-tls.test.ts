/** TLS and client certificates on the gRPC listener, by the options that the HTTP listener has. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GrpcClient, grpcClient, grpcFailure } from '../../support/grpc.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

const openssl = (...args: string[]): unknown => execFileSync('openssl', args, { stdio: 'ignore' });

function hasOpenssl(): boolean {
  try {
    openssl('version');
    return true;
  } catch {
    console.warn('skipped: the openssl command is not installed');
    return false;
  }
}

// Certificates are made by the openssl command, which not every machine has.
describe.skipIf(!hasOpenssl())('TLS', () => {
  let folder: string;
  let server: TestServer;
  const file = (name: string): string => join(folder, name);
  const pem = (name: string): Buffer => readFileSync(file(name));
  const open: GrpcClient[] = [];

  function certificate(name: string, subject: string, ...issuer: string[]): void {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30'];
    const alternative = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    openssl(
      ...['req', '-x509', ...key, '-subj', `/CN=${subject}`, ...alternative, ...issuer],
      ...['-keyout', file(`${name}.key`), '-out', file(`${name}.crt`)],
    );
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'facet-grpc-tls-'));
    certificate('ca', 'authority');
    const signed = ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-addext', 'basicConstraints=CA:FALSE'];
    certificate('server', 'localhost', ...signed);
    certificate('alice', 'alice', ...signed);
    certificate('stranger', 'alice');
    writeFileSync(file('not.pem'), '');
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
    rmSync(folder, { recursive: true });
  });

  async function client(name?: string): Promise<GrpcClient> {
    const how =
      name === undefined
        ? credentials.createSsl(pem('ca.crt'))
        : credentials.createSsl(pem('ca.crt'), pem(`${name}.key`), pem(`${name}.crt`));
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
