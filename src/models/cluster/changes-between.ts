/** What differs between two looks at the cluster, as events. Pure. */
import type { ClusterEventType } from './schemas.ts';

export interface Sight {
  /** This server. */
  readonly node: string;
  readonly address: string;
  /** Undefined while PostgreSQL does not answer. */
  readonly role: 'leader' | 'follower' | undefined;
  /** PostgreSQL's timeline, which rises with every promotion. */
  readonly term: string;
  /** By name; undefined while PostgreSQL does not answer. */
  readonly replicas: ReadonlyMap<string, { readonly address: string; readonly status: string }> | undefined;
}

export interface Difference {
  readonly eventType: ClusterEventType;
  readonly metadata: Readonly<Record<string, string>>;
}

/** While PostgreSQL does not answer, nothing is known of the others: they are compared when it answers again. */
export function changesBetween(before: Sight, now: Sight): Difference[] {
  const { node, address } = now;
  const found: Difference[] = [];
  if ((before.role === undefined) !== (now.role === undefined)) {
    const status = now.role === undefined ? 'down' : 'healthy';
    found.push({ eventType: 'health_change', metadata: { node_id: node, address, status } });
  }
  const turned = before.role !== undefined && now.role !== undefined && before.role !== now.role;
  const promoted = before.term !== '' && now.term !== '' && before.term !== now.term;
  if (turned || promoted) {
    found.push({
      eventType: 'leader_change',
      metadata: { node_id: node, address, role: now.role ?? '', raft_term: now.term },
    });
  }
  return [...found, ...replicaChanges(before.replicas, now.replicas)];
}

function replicaChanges(before: Sight['replicas'], now: Sight['replicas']): Difference[] {
  if (before === undefined || now === undefined) return [];
  const found: Difference[] = [];
  for (const [name, { address, status }] of now) {
    const earlier = before.get(name);
    const metadata = { node_id: name, address, status };
    if (earlier === undefined) found.push({ eventType: 'node_join', metadata });
    else if (earlier.status !== status) found.push({ eventType: 'health_change', metadata });
  }
  for (const [name, { address }] of before) {
    if (!now.has(name)) found.push({ eventType: 'node_leave', metadata: { node_id: name, address } });
  }
  return found;
}
