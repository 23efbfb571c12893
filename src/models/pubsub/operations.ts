/** What the pub/sub model can do. */
import { ENGINE_ERRORS } from '../../engine/index.ts';
import { operation } from '../operation.ts';
import * as facts from './facts.ts';
import * as publish from './publish.ts';
import * as schemas from './schemas.ts';
import * as subscribe from './subscribe.ts';

export const pubsubPublish = operation({
  name: 'pubsub.publish',
  summary: 'Sends a message to whoever is subscribed to a matching pattern now.',
  input: schemas.publishInput,
  output: schemas.publishResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: [
    ...ENGINE_ERRORS,
    'INVALID_PARAMETER',
    'VALUE_TOO_LARGE',
    'LIMIT_EXCEEDED',
    'READ_ONLY_TRANSACTION',
  ],
  run: publish.publish,
});

export const pubsubSubscribe = operation({
  name: 'pubsub.subscribe',
  summary: 'Subscribes to topics by name or pattern.',
  input: schemas.subscribeInput,
  output: schemas.subscribeResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: [...ENGINE_ERRORS, 'INVALID_PARAMETER', 'LIMIT_EXCEEDED', 'SUBSCRIBER_TOO_SLOW'],
  run: subscribe.subscribe,
});

export const pubsubUnsubscribe = operation({
  name: 'pubsub.unsubscribe',
  summary: 'Gives up patterns of a subscriber, or all of them.',
  input: schemas.unsubscribeInput,
  output: schemas.unsubscribeResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: [...ENGINE_ERRORS, 'INVALID_PARAMETER'],
  run: subscribe.unsubscribe,
});

export const pubsubTopics = operation({
  name: 'pubsub.topics',
  summary: 'Lists topics that were subscribed to or published on in this process.',
  input: schemas.topicsInput,
  output: schemas.topicsResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: ['INVALID_PARAMETER'],
  run: facts.topics,
});

export const pubsubInfo = operation({
  name: 'pubsub.info',
  summary: 'Returns subscribers and messages of one topic.',
  input: schemas.infoInput,
  output: schemas.infoResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: ['INVALID_PARAMETER', 'TOPIC_NOT_FOUND'],
  run: facts.info,
});

export const pubsubStats = operation({
  name: 'pubsub.stats',
  summary: 'Counts topics, subscribers and messages of this process.',
  input: schemas.statsInput,
  output: schemas.statsResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: [],
  run: facts.stats,
});

export const PUBSUB_OPERATIONS = [
  pubsubPublish,
  pubsubSubscribe,
  pubsubUnsubscribe,
  pubsubTopics,
  pubsubInfo,
  pubsubStats,
] as const;
