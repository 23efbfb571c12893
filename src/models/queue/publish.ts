/** Publishing: messages of concurrent callers go out as one statement, in the order in which they came. */
import { assert, FacetError, LIMITS } from '../../base/index.ts';
import type { OperationContext } from '../operation.ts';
import { assertBatch, assertTtl } from '../plan-limits.ts';
import { type Desk, deskOf } from './desk.ts';
import { checkMessage, checkQueue } from './names.ts';
import { type Group, runPublish } from './publish-batch.ts';
import type { Message, Published, PublishInput, PublishManyInput, PublishManyResult } from './schemas.ts';

/** Appends one message. @throws QUEUE_NOT_FOUND, QUEUE_FULL, VALUE_TOO_LARGE, INVALID_PARAMETER, LIMIT_EXCEEDED */
export async function publish(context: OperationContext, input: PublishInput): Promise<Published> {
  const { queue, autoCreate = false, ...message } = input;
  const [answer] = await submit(context, queue, autoCreate, [message]);
  assert(answer !== undefined, 'a message that was published has an id');
  return answer;
}

/** Appends messages in their order, all or none. @throws as `publish` */
export async function publishMany(
  context: OperationContext,
  input: PublishManyInput,
): Promise<PublishManyResult> {
  const messages = await submit(context, input.queue, input.autoCreate ?? false, input.messages);
  return { messages: [...messages] };
}

async function submit(
  context: OperationContext,
  queue: string,
  creates: boolean,
  messages: readonly Message[],
): Promise<readonly Published[]> {
  checkQueue(queue);
  assertBatch(context, messages.length);
  let bytes = 0;
  for (const message of messages) {
    assertTtl(context, message.ttlMs);
    bytes += checkMessage(message);
  }
  if (bytes > LIMITS.queueCommandBytesMax) {
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `The messages have ${bytes} bytes, more than ${LIMITS.queueCommandBytesMax} (queueCommandBytesMax)`,
    );
  }
  const desk = deskOf(context.database);
  const group: Group = { queue, creates, messages, bytes };
  const stored = await store(context, desk, group);
  desk.written(context, () => {
    desk.waiters.wake(queue);
    for (const { ttlMs } of messages) if (ttlMs !== undefined) desk.sweep.within(ttlMs);
  });
  return stored;
}

async function store(context: OperationContext, desk: Desk, group: Group): Promise<readonly Published[]> {
  if (context.transaction === undefined) return desk.publisher.submit(group);
  const [answer] = await runPublish(desk.runOf(context), true, [group]);
  assert(answer !== undefined, 'a batch answers each of its items');
  if (answer instanceof FacetError) throw answer;
  return answer;
}
