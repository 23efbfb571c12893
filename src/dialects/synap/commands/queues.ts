/** Commands on queues. A message is JSON (`message`) or bytes (`payload`: numbers from 0 to 255), and is handed out as such. */
import { FacetError, type Json, LIMITS } from '../../../base/index.ts';
import * as models from '../../../models/index.ts';
import { type Command, command, fieldsOf, json } from '../command.ts';
import type { Fields } from '../fields.ts';
import { bytesOfText } from '../text-value.ts';

type Delivered = Awaited<ReturnType<typeof models.queueConsume.run>>['messages'][number];

const queue = (fields: Fields) => ({ queue: fields.string('queue', 'name') });

const PRIORITY_MAX = 9;

const create = command(models.queueCreate, {
  read: (fields) => {
    const config = fields.optionalObject('config') ?? fields;
    const maxDepth = config.optionalInteger('max_depth');
    const ackDeadlineMs = config.optionalSecondsAsMs(['ack_deadline_secs', 'ack_deadline'], 'positive');
    const maxRetries = config.optionalInteger('default_max_retries', 'max_retries');
    const defaultPriority = config.optionalInteger('default_priority');
    const prefetchLimit = config.optionalInteger('prefetch_limit');
    return {
      ...queue(fields),
      ...(maxDepth === undefined ? {} : { maxDepth }),
      ...(ackDeadlineMs === undefined ? {} : { ackDeadlineMs }),
      ...(maxRetries === undefined ? {} : { maxRetries }),
      ...(defaultPriority === undefined ? {} : { defaultPriority }),
      ...(prefetchLimit === undefined ? {} : { prefetchLimit }),
    };
  },
  write: ({ created }, fields) => json({ success: true, ...queue(fields), created }),
});

const remove = command(models.queueDelete, {
  read: queue,
  write: ({ deleted }) => json({ success: true, deleted }),
});

/** Bytes as numbers: what is none is refused, not skipped. */
function base64Of(items: readonly Json[]): string {
  const bytes = Buffer.alloc(items.length);
  for (const [at, item] of items.entries()) {
    if (typeof item !== 'number' || !Number.isInteger(item) || item < 0 || item > 255) {
      throw new FacetError('INVALID_PARAMETER', `'payload[${at}]' must be a byte, 0 to 255`);
    }
    bytes[at] = item;
  }
  return bytes.toString('base64');
}

/** `message` is any JSON value; `payload` is bytes when it is an array, and any JSON value else. */
function body(fields: Fields) {
  const messageJson = fields.optionalJson('message');
  if (messageJson !== undefined) return { messageJson };
  const payload = fields.optional('payload');
  if (Array.isArray(payload)) return { payloadBase64: base64Of(payload) };
  return { messageJson: fields.json('message', 'payload') };
}

const publish = command(models.queuePublish, {
  gathers: true,
  read: (fields) => {
    const priority = fields.optionalInteger('priority');
    const maxRetries = fields.optionalInteger('max_retries');
    const ttlMs = fields.optionalSecondsAsMs(['ttl'], 'positive');
    const headers = fields.optionalObject('headers');
    return {
      ...queue(fields),
      // Whoever sends `message` has no other way to make a queue in the reference's examples; whoever sends bytes
      // made it before, and is told when it is gone.
      autoCreate: fields.has('message'),
      ...body(fields),
      ...(headers === undefined ? {} : { headersJson: fields.json('headers') }),
      ...(maxRetries === undefined ? {} : { maxRetries }),
      ...(ttlMs === undefined ? {} : { ttlMs }),
      // Above 9 is 9, as clients expect; below 0 is refused.
      ...(priority === undefined ? {} : { priority: Math.min(priority, PRIORITY_MAX) }),
    };
  },
  write: ({ messageId, position }) => json({ message_id: messageId, position }),
});

/** What the body of a message looks like to those who read `message`: JSON, or text where the bytes are text. */
function messageText(message: Shown): string {
  if (message.messageJson !== null) return message.messageJson;
  const bytes = Buffer.from(message.payloadBase64 ?? '', 'base64');
  return `[${bytes.join(',')}]`;
}

/** The bytes of a message: those that were given, or those of its JSON text. */
export function payloadText(message: Shown): string {
  if (message.messageJson !== null) return bytesOfText(message.messageJson);
  return `[${Buffer.from(message.payloadBase64 ?? '', 'base64').join(',')}]`;
}

type Shown = Pick<Delivered, 'messageJson' | 'payloadBase64'>;

export const headersText = ({ headersJson }: { readonly headersJson: string | null }): string =>
  headersJson ?? '{}';

/** The answer of a consume that nobody named a consumer for. */
function flatMessage(message: Delivered | undefined): string {
  if (message === undefined) {
    return '{"message_id":null,"message":null,"priority":null,"retry_count":null,"headers":null,"receipt":null}';
  }
  const { messageId, priority, retryCount, maxRetries, receipt } = message;
  return (
    `{"message_id":${json(messageId)},"message":${messageText(message)},"priority":${priority},` +
    `"retry_count":${retryCount},"max_retries":${maxRetries},"headers":${headersText(message)},"receipt":${json(receipt)}}`
  );
}

/** The answer of a consume by a named consumer: bytes, as the published clients read them. */
function nestedMessage(message: Delivered | undefined): string {
  if (message === undefined) return '{"message":null}';
  const { messageId, priority, retryCount, maxRetries, receipt } = message;
  return (
    `{"message":{"id":${json(messageId)},"payload":${payloadText(message)},"priority":${priority},` +
    `"retry_count":${retryCount},"max_retries":${maxRetries},"headers":${headersText(message)},"receipt":${json(receipt)}}}`
  );
}

/** Seconds, with fractions: a client that waits for a quarter of a second may. */
function waitMs(fields: Fields): { readonly timeoutMs?: number } {
  const seconds = fields.optionalNumber('timeout');
  if (seconds === undefined) return {};
  if (seconds < 0) throw new FacetError('INVALID_PARAMETER', "'timeout' must be at least 0 (seconds)");
  return { timeoutMs: Math.min(Math.round(seconds * 1_000), LIMITS.queueWaitMsMax) };
}

export function consumeInput(fields: Fields) {
  const consumerId = fields.optionalString('consumer_id');
  const ackDeadlineMs = fields.optionalSecondsAsMs(['ack_deadline'], 'positive');
  return {
    ...queue(fields),
    ...(consumerId === undefined ? { autoCreate: true } : { consumerId }),
    ...waitMs(fields),
    ...(ackDeadlineMs === undefined ? {} : { ackDeadlineMs }),
  };
}

/** The answer to a consume: flat for nobody by name, nested for a named consumer. */
const consumed = (fields: Fields, message: Delivered | undefined): string =>
  fields.has('consumer_id') ? nestedMessage(message) : flatMessage(message);

/**
 * Without a name a missing queue is made, so that workers may start before those who publish. A named consumer of one
 * that is missing gets nothing, as the published clients expect. In an atomic batch and in EXEC nobody waits for a message:
 * others would wait for the end of that.
 */
const consume: Command = {
  names: ['queue.consume'],
  operation: models.queueConsume,
  gathers: false,
  run: async (call) => {
    const fields = fieldsOf(call);
    try {
      const wanted = consumeInput(fields);
      const input = call.mayWait === false ? { ...wanted, timeoutMs: 0 } : wanted;
      const { messages } = await call.dispatch.call(models.queueConsume, input, call.session);
      return consumed(fields, messages[0]);
    } catch (thrown) {
      if (thrown instanceof FacetError && thrown.code === 'QUEUE_NOT_FOUND' && fields.has('consumer_id')) {
        return consumed(fields, undefined);
      }
      throw thrown;
    }
  },
};

/**
 * The message, or one delivery of it by its `receipt`, and who says so. Whoever gives one of the two cannot answer a
 * delivery to somebody else.
 */
function settle(fields: Fields) {
  const receipt = fields.optionalString('receipt');
  const messageId = receipt === undefined ? fields.string('message_id') : fields.optionalString('message_id');
  if (receipt !== undefined && messageId !== undefined && !receipt.startsWith(`${messageId}.`)) {
    throw new FacetError('INVALID_PARAMETER', "'receipt' is not one of the message 'message_id'");
  }
  const consumerId = fields.optionalString('consumer_id');
  return {
    ...queue(fields),
    messageId: receipt ?? messageId ?? '',
    ...(consumerId === undefined ? {} : { consumerId }),
  };
}

const ack = command(models.queueAck, {
  gathers: true,
  read: settle,
  write: () => '{"success":true}',
});

const nack = command(models.queueNack, {
  gathers: true,
  read: (fields) => ({ ...settle(fields), requeue: fields.optionalBoolean('requeue') ?? true }),
  write: ({ action }) => json({ success: true, action }),
});

const purge = command(models.queuePurge, {
  read: queue,
  write: ({ purged }) => json({ success: true, purged }),
});

const stats = command(models.queueStats, {
  read: queue,
  write: (output) =>
    json({
      queue: output.queue,
      depth: output.depth,
      in_flight: output.inFlight,
      dead_letters: output.deadLetters,
      consumers: output.consumers,
      published_total: output.published,
      consumed_total: output.consumed,
      acked_total: output.acked,
      nacked_total: output.nacked,
      dead_lettered_total: output.deadLettered,
      oldest_message_age_secs:
        output.oldestMessageAgeMs === null ? null : Math.floor(output.oldestMessageAgeMs / 1_000),
      published: output.published,
      consumed: output.consumed,
      acked: output.acked,
      nacked: output.nacked,
      dead_lettered: output.deadLettered,
      config: {
        max_depth: output.config.maxDepth,
        ack_deadline_secs: output.config.ackDeadlineMs / 1_000,
        default_max_retries: output.config.maxRetries,
        default_priority: output.config.defaultPriority,
        prefetch_limit: output.config.prefetchLimit,
      },
    }),
});

const list = command(models.queueList, { read: () => ({}), write: ({ queues }) => json({ queues }) });

const counted = (fields: Fields) => {
  const countMax = fields.optionalInteger('count', 'limit');
  return countMax === undefined ? {} : { countMax };
};

const peek = command(models.queuePeek, {
  read: (fields) => ({ ...queue(fields), ...counted(fields) }),
  write: ({ messages }) => `{"messages":[${messages.map((each) => shownText(each, '')).join(',')}]}`,
});

type Peeked = Shown & {
  readonly messageId: string;
  readonly priority: number;
  readonly retryCount: number;
  readonly headersJson: string | null;
};

const shownText = (message: Peeked, more: string): string =>
  `{"message_id":${json(message.messageId)},"message":${messageText(message)},"priority":${message.priority},` +
  `"retry_count":${message.retryCount},"headers":${headersText(message)}${more}}`;

const deadLetters = command(models.queueDeadLetters, {
  aliases: ['queue.dlq'],
  read: (fields) => {
    const limit = fields.optionalInteger('limit');
    const cursor = fields.optionalString('cursor');
    return {
      ...queue(fields),
      ...(limit === undefined ? {} : { limit }),
      ...(cursor === undefined ? {} : { cursor }),
    };
  },
  write: ({ messages, pagination }) => {
    const items = messages.map((each) =>
      shownText(each, `,"reason":${json(each.reason)},"dead_lettered_at":${each.diedAtMs}`),
    );
    return `{"messages":[${items.join(',')}],"cursor":${json(pagination.nextCursor ?? null)}}`;
  },
});

const redrive = command(models.queueRedrive, {
  aliases: ['queue.dlq_retry'],
  read: (fields) => {
    const messageIds = fields.optionalStrings('message_ids');
    return { ...queue(fields), ...(messageIds === undefined ? {} : { messageIds }) };
  },
  write: ({ redriven }) => json({ success: true, redriven }),
});

const purgeDead = command(models.queuePurgeDeadLetters, {
  aliases: ['queue.dlq_purge'],
  read: queue,
  write: ({ purged }) => json({ success: true, purged }),
});

export const QUEUE_COMMANDS: readonly Command[] = [
  create,
  remove,
  publish,
  consume,
  ack,
  nack,
  purge,
  stats,
  list,
  peek,
  deadLetters,
  redrive,
  purgeDead,
];
