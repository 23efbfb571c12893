/** A server with the services of Neumann, and a client that builds itself from the descriptors that it reflects. */
import type { ServiceError } from '@grpc/grpc-js';
import type { Role } from '../../../src/base/index.ts';
import type { Credential } from '../../../src/server/credentials.ts';
import { sha256 } from '../../../src/server/secrets.ts';
import { type CallOptions, type GrpcClient, grpcClient } from '../../support/grpc.ts';
import type { Leaves } from '../../support/leaves.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

export const QUERY = 'neumann.v1.QueryService';
export const BLOB = 'neumann.v1.BlobService';
export const HEALTH = 'neumann.v1.Health/Check';

export interface Neumann {
  readonly server: TestServer;
  readonly client: GrpcClient;
  /** Runs one statement by Execute. */
  run(query: string, options?: CallOptions): Promise<Leaves>;
  stop(): Promise<void>;
}

/** On a listener of its own. */
export async function startNeumann(
  flags: Readonly<Record<string, string>> = {},
  credentials: readonly Credential[] = [],
): Promise<Neumann> {
  const server = await startTestServer({
    flags: { 'neumann-bind-addr': '127.0.0.1:0', ...flags },
    ...(credentials.length === 0 ? {} : { config: { credentials } }),
  });
  const client = await grpcClient(server.running.neumannAddress ?? '');
  return {
    server,
    client,
    run: (query, options) => client.call(`${QUERY}/Execute`, { query }, options),
    async stop() {
      client.close();
      await server.stop();
    },
  };
}

/** A credential with this key. */
export const keyOf = (name: string, key: string, role: Role, namespace?: string): Credential => ({
  principal: { name, role, namespace },
  secret: { kind: 'sha256', digest: sha256(key) },
  mtlsSubject: undefined,
  expiresAtMs: undefined,
});

/** `[status, text]` of a call that fails. */
export async function failureOf(work: Promise<unknown>): Promise<readonly [number, string]> {
  try {
    await work;
  } catch (thrown) {
    const { code, details } = thrown as ServiceError;
    return [code, details];
  }
  throw new Error('the call did not fail');
}

/** The cells of a row by their columns. */
export const cellsOf = (row: Leaves): Record<string, unknown> =>
  Object.fromEntries((row.values as Leaves[]).map(({ name, value }) => [name, value[value.kind as string]]));
