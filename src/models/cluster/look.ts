/** One look at the cluster, for watching it: never fails, for not being answered is something to see. */
import { LIMITS } from '../../base/index.ts';
import type { Database } from '../../engine/index.ts';
import type { ServerFacts } from '../operation.ts';
import type { Sight } from './changes-between.ts';
import { replicaStatus } from './nodes.ts';
import { REPLICAS, ROLE } from './statements.ts';

export async function look(database: Database, server: ServerFacts): Promise<Sight> {
  const own = { node: server.nodeId, address: server.address };
  try {
    const options = { timeoutMs: LIMITS.probeMsMax };
    const [role, replicas] = await Promise.all([
      database.run(ROLE, [], options),
      database.run(REPLICAS, [], options),
    ]);
    const [inRecovery, timeline] = role.rows[0] ?? [];
    return {
      ...own,
      role: inRecovery === 't' ? 'follower' : 'leader',
      term: timeline ?? '',
      replicas: new Map(
        replicas.rows.map(([name, host, port, silentSeconds = null]) => {
          const address = host === null ? '' : `${host}:${port}`;
          return [`${name ?? ''} ${address}`.trim(), { address, status: replicaStatus(silentSeconds) }];
        }),
      ),
    };
  } catch {
    // The statement was observed; what matters here is that there is no answer.
    return { ...own, role: undefined, term: '', replicas: undefined };
  }
}
