/** Starts the one PostgreSQL that all test files of a project share, with a migrated template database. */
import type { TestProject } from 'vitest/node';
import { startEmbeddedLife } from '../../src/engine/embedded-life.ts';
import { provision } from '../../src/engine/provision.ts';
import { query } from '../../src/engine/query.ts';
import { probe } from '../../src/engine/server-access.ts';

/** Where the shared server listens, for the test files' own processes. */
export interface SharedPostgres {
  readonly socketDirectory: string;
  readonly port: number;
  readonly templateDatabase: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    postgres: SharedPostgres;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const location = { kind: 'memory', name: 'tests', namespace: 'default', masked: 'memory://tests' } as const;
  const server = await startEmbeddedLife(location, (observation) => {
    if (observation.type === 'warning') console.warn(observation.message, observation.detail);
  });
  try {
    await provision(server, 'default', {
      create: true,
      observe: (observation) => {
        if (observation.type === 'warning') throw new Error(observation.message);
      },
    });
    // As on somebody else's server whose role may follow changes. On our own a role may not: the superuser does it.
    const session = await probe(server.superuser, server.maintenance.database);
    await query(session, `ALTER ROLE ${server.targetOf('default').user} REPLICATION`);
    await session.close();
  } catch (error) {
    await server.stop();
    throw error;
  }
  const [address] = server.targetOf('default').hosts;
  project.provide('postgres', {
    socketDirectory: address?.host ?? '',
    port: address?.port ?? 0,
    templateDatabase: server.databaseOf('default'),
  });
  return () => server.stop();
}
