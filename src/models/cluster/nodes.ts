/**
 * The nodes: this server and the replicas that stream from its PostgreSQL. A replica's region and disk cannot be seen
 * from here, so it counts to this server's region, with the size of the data it must hold and no total.
 */
import { statfs } from 'node:fs/promises';
import { nowMs, timestamp } from '../../base/index.ts';
import type { Cell } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { pageOf, paginationOf } from '../pagination.ts';
import type { Node, NodesInput, NodesResult, RegionsInput, RegionsResult } from './schemas.ts';
import { REPLICAS, THIS_NODE } from './statements.ts';

/** Replicas report every 10 s unless told otherwise (wal_receiver_status_interval). */
const SUSPECT_AFTER_SECONDS = 30;
const DOWN_AFTER_SECONDS = 120;

/** @throws INVALID_CURSOR */
export async function nodes(context: OperationContext, input: NodesInput): Promise<NodesResult> {
  const page = pageOf(input);
  const all = await allNodes(context);
  const asked = input.region === undefined ? all : all.filter(({ region }) => region === input.region);
  return {
    nodes: asked.slice(page.offset, page.offset + page.limit),
    pagination: paginationOf(page, asked.length),
  };
}

/** A region is as well as the worst of its nodes. */
export async function regions(context: OperationContext, _input: RegionsInput): Promise<RegionsResult> {
  const byName = new Map<string, Node[]>();
  for (const node of await allNodes(context)) {
    byName.set(node.region, [...(byName.get(node.region) ?? []), node]);
  }
  return {
    regions: [...byName].map(([name, members]) => ({
      name,
      nodeCount: members.length,
      leaderCount: members.filter(({ role }) => role === 'leader').length,
      totalStorageBytes: sum(members.map(({ storageTotalBytes }) => storageTotalBytes)),
      usedStorageBytes: sum(members.map(({ storageUsedBytes }) => storageUsedBytes)),
      status: worst(members),
    })),
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function worst(members: readonly Node[]): Node['status'] {
  const order: readonly Node['status'][] = ['down', 'suspect'];
  return order.find((status) => members.some((member) => member.status === status)) ?? 'healthy';
}

async function allNodes(context: OperationContext): Promise<Node[]> {
  const { database, server, signal } = context;
  const [own, replicas, storageTotalBytes] = await Promise.all([
    database.run(THIS_NODE, [], { signal }),
    database.run(REPLICAS, [], { signal }),
    fileSystemBytes(context.store.facts.dataDirectory),
  ]);
  const [inRecovery, timeline, usedBytes] = own.rows[0] ?? [];
  const self: Node = {
    id: server.nodeId,
    address: server.address,
    role: inRecovery === 't' ? 'follower' : 'leader',
    region: server.region,
    status: 'healthy',
    raftTerm: Number(timeline),
    lastHeartbeat: timestamp(nowMs()),
    storageUsedBytes: Number(usedBytes),
    storageTotalBytes,
  };
  return [self, ...replicas.rows.map((cells) => replicaOf(cells, self))];
}

function replicaOf(cells: readonly Cell[], primary: Node): Node {
  const [name, host, port, silentSeconds = null, lastHeartbeat = null] = cells;
  const address =
    host === null || host === undefined ? '' : `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    id: name === null || name === undefined || name === '' ? `replica ${address}`.trim() : name,
    address,
    role: 'follower',
    region: primary.region,
    status: replicaStatus(silentSeconds),
    raftTerm: primary.raftTerm,
    lastHeartbeat,
    storageUsedBytes: primary.storageUsedBytes,
    storageTotalBytes: 0,
  };
}

/** A replica that has not reported yet is just starting. */
export function replicaStatus(silentSeconds: Cell): Node['status'] {
  if (silentSeconds === null || Number(silentSeconds) <= SUSPECT_AFTER_SECONDS) return 'healthy';
  return Number(silentSeconds) <= DOWN_AFTER_SECONDS ? 'suspect' : 'down';
}

/** Size of the file system under the data directory; 0 when PostgreSQL runs elsewhere or it cannot be asked. */
async function fileSystemBytes(dataDirectory: string | undefined): Promise<number> {
  if (dataDirectory === undefined) return 0;
  try {
    const { blocks, bsize } = await statfs(dataDirectory);
    return blocks * bsize;
  } catch {
    return 0;
  }
}
