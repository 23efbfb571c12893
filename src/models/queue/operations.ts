/** What the queue model can do, and what each operation needs and may fail with. */
import { operation } from '../operation.ts';
import { consume } from './consume.ts';
import * as dead from './dead-letters.ts';
import { QUEUE_ERRORS } from './names.ts';
import { publish, publishMany } from './publish.ts';
import * as queues from './queues.ts';
import * as schemas from './schemas.ts';
import { ack, nack, release } from './settle.ts';

const PUBLISH_ERRORS = [...QUEUE_ERRORS, 'QUEUE_FULL', 'VALUE_TOO_LARGE'] as const;
const ANSWER_ERRORS = [...QUEUE_ERRORS, 'MESSAGE_NOT_FOUND'] as const;

export const queueCreate = operation({
  name: 'queue.create',
  summary: 'Makes a queue, unless it is there.',
  input: schemas.createInput,
  output: schemas.createResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: QUEUE_ERRORS,
  run: queues.create,
});

export const queueDelete = operation({
  name: 'queue.delete',
  summary: 'Removes a queue with everything in it.',
  input: schemas.queueOnly,
  output: schemas.deleteResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: QUEUE_ERRORS,
  run: queues.remove,
});

export const queueList = operation({
  name: 'queue.list',
  summary: 'Lists the names of all queues.',
  input: schemas.none,
  output: schemas.listResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: QUEUE_ERRORS,
  run: queues.list,
});

export const queueStats = operation({
  name: 'queue.stats',
  summary: 'Counts what is in a queue and what went through it.',
  input: schemas.queueOnly,
  output: schemas.statsResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: QUEUE_ERRORS,
  run: queues.stats,
});

export const queueTotals = operation({
  name: 'queue.totals',
  summary: 'Counts the queues, and what is in all of them.',
  input: schemas.none,
  output: schemas.totalsResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: QUEUE_ERRORS,
  run: queues.totals,
});

export const queuePurge = operation({
  name: 'queue.purge',
  summary: 'Removes all messages that wait.',
  input: schemas.queueOnly,
  output: schemas.purgeResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: QUEUE_ERRORS,
  run: queues.purge,
});

export const queuePeek = operation({
  name: 'queue.peek',
  summary: 'Shows the next messages without taking them.',
  input: schemas.peekInput,
  output: schemas.peekResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: QUEUE_ERRORS,
  run: queues.peek,
});

export const queuePublish = operation({
  name: 'queue.publish',
  summary: 'Appends a message.',
  input: schemas.publishInput,
  output: schemas.published,
  access: 'write',
  category: 'default',
  streams: false,
  errors: PUBLISH_ERRORS,
  run: publish,
});

export const queuePublishMany = operation({
  name: 'queue.publish_many',
  summary: 'Appends messages, all or none.',
  input: schemas.publishManyInput,
  output: schemas.publishManyResult,
  access: 'write',
  category: 'default',
  streams: false,
  weight: ({ messages }) => messages.length,
  errors: PUBLISH_ERRORS,
  run: publishMany,
});

export const queueConsume = operation({
  name: 'queue.consume',
  summary: 'Leases the next messages, and waits for the first.',
  input: schemas.consumeInput,
  output: schemas.consumeResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: QUEUE_ERRORS,
  run: consume,
});

export const queueAck = operation({
  name: 'queue.ack',
  summary: 'Ends a lease: the message is done.',
  input: schemas.ackInput,
  output: schemas.ackResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: ANSWER_ERRORS,
  run: ack,
});

export const queueNack = operation({
  name: 'queue.nack',
  summary: 'Ends a lease: the message has failed, and comes back or is dead.',
  input: schemas.nackInput,
  output: schemas.nackResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: ANSWER_ERRORS,
  run: nack,
});

export const queueRelease = operation({
  name: 'queue.release',
  summary: 'Ends leases of messages that nobody has looked at: they wait again, and have not failed.',
  input: schemas.releaseInput,
  output: schemas.releaseResult,
  access: 'write',
  category: 'default',
  streams: false,
  unmetered: true,
  whileStopping: true,
  errors: ANSWER_ERRORS,
  run: release,
});

export const queueDeadLetters = operation({
  name: 'queue.dead_letters',
  summary: 'Lists the dead messages of a queue.',
  input: schemas.deadLettersInput,
  output: schemas.deadLettersResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: [...QUEUE_ERRORS, 'INVALID_CURSOR'],
  run: dead.deadLetters,
});

export const queueRedrive = operation({
  name: 'queue.redrive',
  summary: 'Puts dead messages back into their queue.',
  input: schemas.redriveInput,
  output: schemas.redriveResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: [...ANSWER_ERRORS, 'QUEUE_FULL'],
  run: dead.redrive,
});

export const queuePurgeDeadLetters = operation({
  name: 'queue.purge_dead_letters',
  summary: 'Drops the dead messages of a queue.',
  input: schemas.queueOnly,
  output: schemas.purgeResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: QUEUE_ERRORS,
  run: dead.purgeDeadLetters,
});

export const QUEUE_OPERATIONS = [
  queueCreate,
  queueDelete,
  queueList,
  queueStats,
  queueTotals,
  queuePurge,
  queuePeek,
  queuePublish,
  queuePublishMany,
  queueConsume,
  queueAck,
  queueNack,
  queueRelease,
  queueDeadLetters,
  queueRedrive,
  queuePurgeDeadLetters,
] as const;
