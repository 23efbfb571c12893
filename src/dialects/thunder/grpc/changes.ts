/**
 * The procedures of facet.v1.ChangesService: following a table, and durable subscriptions with acknowledgements. Those
 * come as calls of their own, so that who has attached is remembered here for as long as the stream is open.
 */
import { FacetError } from '../../../base/index.ts';
import { parseLsn } from '../../../engine/index.ts';
import { type AttachResult, changesFollow, subscriptionAttach } from '../../../models/index.ts';
import { feedReplies, type GrpcCall, type Procedure, serverStreaming, unary } from '../../grpc/index.ts';
import { ChangeMessages, startedMessage } from './change-codec.ts';
import { ChangesService, type FollowRequest } from './gen/facet/v1/changes_pb.ts';

const { method } = ChangesService;

/** Of one listener: acknowledgements find the streams that it has open. */
export function changesProcedures(): Procedure[] {
  const attached = new Map<string, AttachResult>();
  return [follow, attach(attached), ack(attached)];
}

const follow = serverStreaming(
  method.follow,
  changesFollow,
  async (request, call) => {
    const { feed, table, fromLsn } = await call.dispatch.call(
      changesFollow,
      followInput(request),
      call.session,
    );
    const messages = new ChangeMessages({ table, includeOldValues: request.includeOldValues });
    return changes(
      startedMessage(table, fromLsn),
      feedReplies(feed, call.session.signal, (change) => messages.of(change)),
    );
  },
  { endless: true },
);

function followInput({ table, schema, events, filter, fromLsn }: FollowRequest): Record<string, unknown> {
  return {
    table,
    ...(schema === '' ? {} : { schema }),
    ...(events.length === 0 ? {} : { events }),
    ...(filter === '' ? {} : { filter }),
    ...(fromLsn === '' ? {} : { fromLsn }),
  };
}

/** The head at once: a client that waits for it knows from then on that nothing is missed. */
async function* changes(
  head: Uint8Array,
  groups: AsyncIterable<readonly (readonly Uint8Array[])[]>,
): AsyncGenerator<readonly Uint8Array[]> {
  yield [head];
  for await (const group of groups) yield group.flat();
}

const attach = (attached: Map<string, AttachResult>) =>
  serverStreaming(
    method.attach,
    subscriptionAttach,
    async ({ subscriptionId }, call) => {
      const found = await call.dispatch.call(subscriptionAttach, { subscriptionId }, call.session);
      const { feed, table, fromLsn, includeOldValues } = found;
      const messages = new ChangeMessages({ table, includeOldValues });
      const key = keyOf(call, subscriptionId);
      attached.set(key, found);
      const replies = feedReplies(
        feed,
        call.session.signal,
        (change) => messages.of(change),
        () => {
          // Whoever attached since is not to be forgotten.
          if (attached.get(key) === found) attached.delete(key);
        },
      );
      return changes(startedMessage(table, fromLsn), replies);
    },
    { endless: true },
  );

const ack = (attached: Map<string, AttachResult>) =>
  unary(method.ack, subscriptionAttach, async ({ subscriptionId, lsn, sequence }, call) => {
    const position = parseLsn(lsn, 'lsn');
    const found = attached.get(keyOf(call, subscriptionId));
    if (found === undefined) {
      throw new FacetError('SUBSCRIPTION_NOT_FOUND', 'No stream of that subscription is attached here', {
        hint: 'Acknowledge with the credentials of the stream, while it is open.',
      });
    }
    await found.ack(position, Number(sequence));
    return {};
  });

/** Acknowledging is for whoever attached. */
const keyOf = ({ session }: GrpcCall, subscriptionId: string): string =>
  JSON.stringify([session.principal?.name ?? '', session.namespace ?? '', subscriptionId]);
