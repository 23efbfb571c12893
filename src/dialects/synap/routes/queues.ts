/** REST routes of queues. */
import { FacetError } from '../../../base/index.ts';
import * as models from '../../../models/index.ts';
import { type Command, fieldsOf, json } from '../command.ts';
import { consumeInput, headersText, payloadText } from '../commands/index.ts';
import type { RestRoute } from './rest.ts';

const NOTHING =
  '{"message_id":null,"payload":null,"priority":null,"retry_count":null,"max_retries":null,"headers":null,"receipt":null}';

/** Flat, with the bytes of the message; nulls for an empty queue and for one that is not there. */
const consume: Command = {
  names: ['queue.consume'],
  operation: models.queueConsume,
  gathers: false,
  run: async (call) => {
    try {
      const input = consumeInput(fieldsOf(call));
      const [message] = (await call.dispatch.call(models.queueConsume, input, call.session)).messages;
      if (message === undefined) return NOTHING;
      return (
        `{"message_id":${json(message.messageId)},"payload":${payloadText(message)},"priority":${message.priority},` +
        `"retry_count":${message.retryCount},"max_retries":${message.maxRetries},"headers":${headersText(message)},"receipt":${json(message.receipt)}}`
      );
    } catch (thrown) {
      if (thrown instanceof FacetError && thrown.code === 'QUEUE_NOT_FOUND') return NOTHING;
      throw thrown;
    }
  },
};

export const QUEUE_ROUTES: readonly RestRoute[] = [
  { method: 'GET', path: '/queue/list', command: 'queue.list' },
  { method: 'POST', path: '/queue/:queue', command: 'queue.create' },
  { method: 'DELETE', path: '/queue/:queue', command: 'queue.delete' },
  { method: 'POST', path: '/queue/:queue/publish', command: 'queue.publish' },
  { method: 'GET', path: '/queue/:queue/consume/:consumer_id', command: consume },
  { method: 'POST', path: '/queue/:queue/ack', command: 'queue.ack' },
  { method: 'POST', path: '/queue/:queue/nack', command: 'queue.nack' },
  { method: 'GET', path: '/queue/:queue/stats', command: 'queue.stats' },
  { method: 'POST', path: '/queue/:queue/purge', command: 'queue.purge' },
  { method: 'GET', path: '/queue/:queue/dead-letters', command: 'queue.dead_letters' },
  { method: 'POST', path: '/queue/:queue/dead-letters/redrive', command: 'queue.redrive' },
];
