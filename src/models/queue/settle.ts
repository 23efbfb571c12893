/** Answering deliveries: ack, nack and giving back, batched across consumers and queues. */
import { assert, FacetError } from '../../base/index.ts';
import type { OperationContext } from '../operation.ts';
import { deskOf } from './desk.ts';
import { checkConsumer, checkQueue, parseMessageId } from './names.ts';
import type { AckInput, AckResult, NackInput, NackResult, ReleaseInput, ReleaseResult } from './schemas.ts';
import { type Answer, type Named, runAck, runNack, runRelease } from './settle-batch.ts';

function answerOf(input: AckInput, comesBack: boolean): Answer {
  checkQueue(input.queue);
  checkConsumer(input.consumerId);
  const { id, delivery } = parseMessageId(input.messageId);
  const { queue, messageId, consumerId } = input;
  return { queue, messageId, id, delivery, consumer: consumerId ?? null, comesBack };
}

/** The message is done. @throws QUEUE_NOT_FOUND, MESSAGE_NOT_FOUND */
export async function ack(context: OperationContext, input: AckInput): Promise<AckResult> {
  const desk = deskOf(context.database);
  const answer = answerOf(input, false);
  if (context.transaction === undefined) await desk.acks.submit(answer);
  else settled(await runAck(desk.runOf(context), true, [answer]));
  desk.written(context, () => desk.waiters.freed(answer.queue));
  return { acked: true };
}

/** The message has failed. @throws QUEUE_NOT_FOUND, MESSAGE_NOT_FOUND */
export async function nack(context: OperationContext, input: NackInput): Promise<NackResult> {
  const desk = deskOf(context.database);
  const answer = answerOf(input, input.requeue ?? true);
  const result =
    context.transaction === undefined
      ? await desk.nacks.submit(answer)
      : settled(await runNack(desk.runOf(context), true, [answer]));
  desk.written(context, () => desk.waiters.wake(answer.queue));
  return result;
}

/**
 * Those that are still leased wait again, where they were, and that does not count as a failure. What was answered, or is
 * leased anew, is passed over.
 * @throws INVALID_PARAMETER, MESSAGE_NOT_FOUND for what is no receipt
 */
export async function release(context: OperationContext, input: ReleaseInput): Promise<ReleaseResult> {
  const { queue, receipts } = input;
  checkQueue(queue);
  const desk = deskOf(context.database);
  const named = receipts.map((receipt): Named => {
    const { id, delivery } = parseMessageId(receipt);
    if (delivery !== null) return { queue, id, delivery };
    throw new FacetError(
      'INVALID_PARAMETER',
      `'${receipt}' is the id of a message, not the receipt of a delivery`,
    );
  });
  if (context.transaction === undefined) await desk.releases.submitAll(named).then(allDone);
  else await runRelease(desk.runOf(context), true, named);
  desk.written(context, () => desk.waiters.wake(queue));
  return { released: true };
}

function allDone(outcomes: readonly (true | FacetError)[]): void {
  for (const outcome of outcomes) if (outcome instanceof FacetError) throw outcome;
}

function settled<Result>(outcomes: readonly (Result | FacetError)[]): Result {
  const [outcome] = outcomes;
  assert(outcome !== undefined, 'a batch answers each of its items');
  if (outcome instanceof FacetError) throw outcome;
  return outcome;
}
