/** The procedures of thunder.Cluster. */
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { FacetError } from '../../../base/index.ts';
import {
  type ClusterEvent,
  clusterNodes,
  clusterPropose,
  clusterRegions,
  clusterWatch,
  type Node,
} from '../../../models/index.ts';
import { feedReplies, type GrpcCall, serverStreaming, unary } from '../../grpc/index.ts';
import { Cluster, ClusterEventSchema, type NodeSchema, type ProposeRequest } from './gen/thunder_pb.ts';

const { method } = Cluster;

/** Over REST the list is in pages; here it is whole. */
export const getNodes = unary(method.getNodes, clusterNodes, async ({ region }, call) => {
  const nodes: Node[] = [];
  let cursor: string | null | undefined;
  do {
    const input = { ...(region === '' ? {} : { region }), ...(cursor == null ? {} : { cursor }) };
    const page = await call.dispatch.call(clusterNodes, input, call.session);
    nodes.push(...page.nodes);
    cursor = page.pagination.nextCursor;
  } while (cursor != null);
  return { nodes: nodes.map(nodeMessage) };
});

function nodeMessage(node: Node): MessageInitShape<typeof NodeSchema> {
  const { id, address, role, region, status, lastHeartbeat } = node;
  return {
    id,
    address,
    role,
    region,
    status,
    raftTerm: BigInt(node.raftTerm),
    ...(lastHeartbeat === null ? {} : { lastHeartbeat: timestampFromMs(Date.parse(lastHeartbeat)) }),
    storageUsedBytes: BigInt(node.storageUsedBytes),
    storageTotalBytes: BigInt(node.storageTotalBytes),
  };
}

export const getRegions = unary(method.getRegions, clusterRegions, async (_request, call) => {
  const { regions } = await call.dispatch.call(clusterRegions, {}, call.session);
  return {
    regions: regions.map((region) => ({
      ...region,
      totalStorageBytes: BigInt(region.totalStorageBytes),
      usedStorageBytes: BigInt(region.usedStorageBytes),
    })),
  };
});

export const propose = unary(
  method.propose,
  clusterPropose,
  async (request, call) => await call.dispatch.call(clusterPropose, proposalOf(request), call.session),
);

function proposalOf({ proposal }: ProposeRequest): Record<string, unknown> {
  switch (proposal.case) {
    case 'addNode': {
      const { nodeId, address, region, asLearner } = proposal.value;
      return { kind: 'add_node', nodeId, address, region, asLearner };
    }
    case 'removeNode':
      return { kind: 'remove_node', nodeId: proposal.value.nodeId, force: proposal.value.force };
    case 'transferLeader':
      return { kind: 'transfer_leader', targetNodeId: proposal.value.targetNodeId };
    case undefined:
      throw new FacetError(
        'MISSING_PARAMETER',
        "'proposal' is required: add_node, remove_node or transfer_leader",
      );
  }
}

export const watchEvents = serverStreaming(
  method.watchEvents,
  clusterWatch,
  async ({ eventTypes }, call: GrpcCall) => {
    const { feed } = await call.dispatch.call(clusterWatch, { eventTypes }, call.session);
    return feedReplies(feed, call.session.signal, eventMessage);
  },
  { endless: true },
);

const eventMessage = ({ eventType, timestamp, metadata }: ClusterEvent) =>
  create(ClusterEventSchema, {
    eventType,
    timestamp: timestampFromMs(Date.parse(timestamp)),
    metadata: { ...metadata },
  });
