/**
 * `/ws/replication`: the changes of all tables in the order of their commits, from where a named slot stands. The slot
 * moves when the client acknowledges a position, and keeps everything behind it until then, across connections and
 * restarts. A connection replicates once.
 */
import { FacetError, type Json, nowMs, timestamp } from '../../../base/index.ts';
import type { Session } from '../../../dispatch/index.ts';
import { lsnText } from '../../../engine/index.ts';
import { changesReplicate, type ReplicationEntry } from '../../../models/index.ts';
import {
  type FeedEnd,
  FeedPump,
  INTERNAL_FAULT,
  type LiveSocket,
  POLICY_VIOLATION,
  type SocketRoute,
  TRY_AGAIN_LATER,
} from '../../http/index.ts';
import { Acknowledgements, readAck } from './acknowledgements.ts';
import { MessageSocket } from './message-socket.ts';
import { type Message, optionalFlag, optionalText, refuseOthers, requiredText } from './messages.ts';
import { assertParameters } from './parameters.ts';
import { replicationFrames } from './replication-frames.ts';

export const replicationSocket: SocketRoute = {
  path: '/ws/replication',
  operation: changesReplicate,
  lateAuthentication: true,
  open: (request, dispatch) => {
    assertParameters(request.query);
    return new ReplicationSocket(request, dispatch);
  },
};

class ReplicationSocket extends MessageSocket {
  #started:
    | { readonly pump: FeedPump<ReplicationEntry>; readonly acknowledgements: Acknowledgements }
    | undefined = undefined;

  protected async handle(message: Message, session: Session, socket: LiveSocket): Promise<void> {
    switch (message.type) {
      case 'start_replication':
        await this.#start(message, session, socket);
        break;
      case 'ack':
        refuseOthers(message.members, ['lsn']);
        if (this.#started === undefined)
          throw new FacetError('INVALID_MESSAGE', 'Replication has not started');
        this.#started.acknowledgements.add(readAck(message));
        break;
      default:
        throw new FacetError('INVALID_MESSAGE', `Unknown type: '${message.type.slice(0, 100)}'`, {
          hint: 'This socket takes start_replication, ack and auth.',
        });
    }
  }

  protected async end(): Promise<void> {
    this.#started?.pump.close();
    await this.#started?.acknowledgements.settled();
  }

  /** @throws as changes.replicate, INVALID_MESSAGE for a second start */
  async #start(message: Message, session: Session, socket: LiveSocket): Promise<void> {
    if (this.#started !== undefined) {
      throw new FacetError('INVALID_MESSAGE', 'Replication has started on this connection: open another one');
    }
    const { feed, ack, startLsn } = await this.dispatch.call(changesReplicate, readStart(message), session);
    if (!socket.open) {
      feed.close();
      return;
    }
    const { requestId } = session;
    const pump = new FeedPump(feed, socket, replicationFrames, (end) => this.#ended(end, socket, requestId));
    const acknowledgements = new Acknowledgements(ack, (error) =>
      this.tell(socket, error, requestId, undefined),
    );
    this.#started = { pump, acknowledgements };
    // The reference has no word for "started": the position from which it goes on says as much.
    socket.send(`{"type":"keepalive","lsn":"${lsnText(startLsn)}","timestamp":"${timestamp(nowMs())}"}`);
    pump.start();
  }

  #ended({ reason }: FeedEnd, socket: LiveSocket, requestId: string): void {
    this.tell(socket, reason, requestId, undefined);
    const { kind, code } = reason;
    if (kind === 'internal') socket.close(INTERNAL_FAULT, code);
    else socket.close(kind === 'unavailable' ? TRY_AGAIN_LATER : POLICY_VIOLATION, code);
  }
}

/** @throws MISSING_PARAMETER, INVALID_PARAMETER, FEATURE_NOT_SUPPORTED for a format that is not json */
function readStart(message: Message): Record<string, Json | undefined> {
  refuseOthers(message.members, ['slot', 'start_lsn', 'options']);
  const options = readOptions(message.members.options ?? {});
  const format = options.output_format ?? 'json';
  if (format !== 'json') {
    throw new FacetError('FEATURE_NOT_SUPPORTED', "'output_format': only json is offered");
  }
  return {
    slot: requiredText(message, 'slot'),
    startLsn: optionalText(message, 'start_lsn') ?? null,
    includeTransactionBoundaries: optionalFlag(options, 'include_transaction_boundaries'),
  };
}

function readOptions(options: Json): { readonly [name: string]: Json | undefined } {
  if (options === null || typeof options !== 'object' || Array.isArray(options)) {
    throw new FacetError('INVALID_PARAMETER', "'options' must be an object");
  }
  const members = options as { readonly [name: string]: Json };
  refuseOthers(members, ['output_format', 'include_transaction_boundaries']);
  return members;
}
