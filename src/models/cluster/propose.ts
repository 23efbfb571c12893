/**
 * Proposals to change the cluster. There is one PostgreSQL that takes writes, and its replicas are added and promoted
 * where they are run: so nothing is ever accepted, and the answer says what to do instead.
 */
import type { OperationContext } from '../operation.ts';
import type { ProposeInput, ProposeResult } from './schemas.ts';
import { IN_RECOVERY } from './statements.ts';

const INSTEAD: Readonly<Record<ProposeInput['kind'], string>> = {
  add_node:
    'Nodes are not added by a proposal: start a streaming replica of the PostgreSQL of this server, and it appears by itself',
  remove_node: 'Nodes are not removed by a proposal: stop the replica, and it disappears by itself',
  transfer_leader:
    'The leader is not moved by a proposal: promote a replica with the tools of PostgreSQL, and let clients connect to it',
};

export async function propose(context: OperationContext, input: ProposeInput): Promise<ProposeResult> {
  const { rows } = await context.database.run(IN_RECOVERY, [], { signal: context.signal });
  const replica = rows[0]?.[0] === 't' ? 'This server is a replica. ' : '';
  return { accepted: false, proposalId: '', message: `${replica}${INSTEAD[input.kind]}` };
}
