/** Calls of the routes of queues, rooms, topics and the server, in an order that makes sense. */
import { expect } from 'vitest';
import type { Line, Method } from './line.ts';

const NONE = undefined;
const any = (type: unknown) => expect.any(type);

const published = { message_id: expect.stringMatching(/^msg_/), position: 1 };
export const QUEUES: readonly Line[] = [
  ['POST', '/queue/q', { max_depth: 1 }, { success: true, queue: 'q', created: true }],
  ['POST', '/queue/q', {}, { success: true, queue: 'q', created: false }],
  ['GET', '/queue/list', NONE, { queues: ['q'] }],
  ['POST', '/queue/q/publish', { payload: [1, 2] }, published],
  ['POST', '/queue/q/publish', { payload: [1] }, expect.objectContaining({ status: 'error' }), 507],
  ['POST', '/queue/none/publish', { payload: [1] }, expect.objectContaining({ status: 'error' }), 404],
  [
    'GET',
    '/queue/q/consume/c',
    NONE,
    expect.objectContaining({
      message_id: any(String),
      payload: [1, 2],
      priority: 5,
      retry_count: 0,
      max_retries: 3,
      headers: {},
    }),
  ],
  [
    'GET',
    '/queue/q/consume/c',
    NONE,
    expect.objectContaining({ message_id: null, payload: null, priority: null, headers: null }),
  ],
  ['GET', '/queue/none/consume/c', NONE, expect.objectContaining({ message_id: null })],
  ['POST', '/queue/q/ack', { message_id: 'msg_ffffffffffff' }, any(Object), 404],
  ['POST', '/queue/q/nack', { message_id: 'msg_ffffffffffff', requeue: true }, any(Object), 404],
  ['GET', '/queue/q/stats', NONE, expect.objectContaining({ depth: 0, consumers: 1, published: 1 })],
  ['GET', '/queue/none/stats', NONE, expect.objectContaining({ status: 'error' }), 404],
  ['POST', '/queue/q/purge', NONE, { success: true, purged: 0 }],
  ['GET', '/queue/q/dead-letters', NONE, { messages: [], cursor: null }],
  ['POST', '/queue/q/dead-letters/redrive', {}, { success: true, redriven: 0 }],
  ['DELETE', '/queue/q', NONE, { success: true, deleted: true }],
  ['DELETE', '/queue/q', NONE, { success: true, deleted: false }],
];

export const STREAMS: readonly Line[] = [
  ['POST', '/stream/r', NONE, { success: true, room: 'r' }],
  ['POST', '/stream/r', NONE, expect.objectContaining({ status: 'error' }), 409],
  ['PUT', '/stream/r', NONE, { success: true, room: 'r', created: false }],
  [
    'POST',
    '/stream/r/publish',
    { event: 'e', data: { n: 1 } },
    expect.objectContaining({ offset: 0, room: 'r' }),
  ],
  ['POST', '/stream/none/publish', { event: 'e', data: 1 }, any(Object), 404],
  [
    'GET',
    '/stream/r/consume/s?from_offset=0&limit=10',
    NONE,
    {
      events: [
        {
          id: any(String),
          offset: 0,
          room: 'r',
          event: 'e',
          event_type: 'e',
          data: [...Buffer.from('{"n":1}')],
          timestamp: any(Number),
          metadata: {},
        },
      ],
      next_offset: 1,
    },
  ],
  [
    'GET',
    '/stream/r/history?from_offset=0',
    NONE,
    expect.objectContaining({ oldest_offset: 0, newest_offset: 0, events: [any(Object)] }),
  ],
  [
    'GET',
    '/stream/r/stats',
    NONE,
    expect.objectContaining({
      name: 'r',
      message_count: 1,
      min_offset: 0,
      max_offset: 0,
      subscriber_count: 1,
      total_published: 1,
      total_consumed: 1,
      dropped: 0,
      created_at: any(Number),
      generation: any(Number),
    }),
  ],
  ['GET', '/stream/list', NONE, { rooms: ['r'], count: 1 }],
  ['DELETE', '/stream/r', NONE, { success: true, room: 'r', deleted: 'r' }],
  ['DELETE', '/stream/r', NONE, expect.objectContaining({ status: 'error' }), 404],
  [
    'POST',
    '/pubsub/a.b/publish',
    { payload: 1, metadata: { source: 'web-app' } },
    { message_id: any(String), topic: 'a.b', subscribers_notified: 0, subscribers_matched: 0 },
  ],
  ['POST', '/pubsub/subscribe', { topics: ['a.*'] }, expect.objectContaining({ subscription_count: 1 })],
  ['POST', '/pubsub/unsubscribe', { topics: ['a.*'] }, { success: true, unsubscribed: 1 }],
  ['GET', '/pubsub/topics', NONE, { topics: ['a.b'], count: 1 }],
  ['GET', '/pubsub/stats', NONE, expect.objectContaining({ total_topics: 1, messages_published: 1 })],
  ['GET', '/pubsub/a.b/info', NONE, expect.objectContaining({ topic: 'a.b', subscriber_count: 0 })],
  ['GET', '/pubsub/none/info', NONE, expect.objectContaining({ status: 'error' }), 404],
];

const GROUP = '/consumer-groups/g';
export const TOPICS: readonly Line[] = [
  [
    'POST',
    '/topics/t',
    { num_partitions: 1, retention_policy: { type: 'Messages', max_messages: 10 } },
    { success: true, topic: 't', num_partitions: 1, replication_factor: 1 },
  ],
  ['GET', '/topics', NONE, { topics: ['t'], count: 1 }],
  [
    'POST',
    '/topics/t/publish',
    { event_type: 'e', key: 'k', data: 1 },
    expect.objectContaining({ partition_id: 0, offset: 0, topic: 't' }),
  ],
  [
    'POST',
    '/topics/t/partitions/0/consume',
    { from_offset: 0, limit: 10 },
    expect.objectContaining({ topic: 't', partition_id: 0, next_offset: 1, count: 1 }),
  ],
  ['GET', '/topics/t/stats', NONE, expect.objectContaining({ topic: 't', num_partitions: 1 })],
  ['GET', '/topics/none/stats', NONE, expect.objectContaining({ status: 'error' }), 404],
  [
    'POST',
    GROUP,
    { topic: 't', partition_count: 1 },
    expect.objectContaining({ success: true, group_id: 'g' }),
  ],
  ['GET', '/consumer-groups', NONE, { groups: ['g'], count: 1 }],
  [
    'POST',
    `${GROUP}/join`,
    { member_id: 'm' },
    expect.objectContaining({ member_id: 'm', group_id: 'g', partitions: [0] }),
  ],
  ['GET', `${GROUP}/members/m/assignment`, NONE, expect.objectContaining({ partitions: [0] })],
  ['POST', `${GROUP}/members/m/heartbeat`, {}, expect.objectContaining({ success: true })],
  [
    'POST',
    `${GROUP}/offsets/commit`,
    { partition_id: 0, offset: 1 },
    { success: true, group_id: 'g', partition_id: 0, offset: 1 },
  ],
  ['GET', `${GROUP}/offsets/0`, NONE, { group_id: 'g', partition_id: 0, offset: 1 }],
  [
    'GET',
    `${GROUP}/stats`,
    NONE,
    expect.objectContaining({
      group_id: 'g',
      topic: 't',
      state: any(String),
      member_count: 1,
      generation: any(Number),
      partition_count: 1,
      committed_partitions: 1,
    }),
  ],
  ['DELETE', `${GROUP}/members/m/leave`, NONE, expect.objectContaining({ success: true })],
  ['DELETE', GROUP, NONE, { success: true, group_id: 'g' }],
  ['DELETE', GROUP, NONE, expect.objectContaining({ status: 'error' }), 404],
  ['DELETE', '/topics/t', NONE, { success: true, topic: 't' }],
];

const off = (path: string, method: Method = 'POST'): Line => [
  method,
  path,
  method === 'POST' ? {} : NONE,
  expect.objectContaining({
    status: 'error',
    error: expect.objectContaining({ code: 'FEATURE_NOT_SUPPORTED' }),
  }),
  422,
];
const cluster = (path: string, method: Method = 'GET'): Line => [
  method,
  `/cluster/${path}`,
  method === 'POST' ? {} : NONE,
  expect.objectContaining({
    error: expect.objectContaining({ message: 'Cluster mode not enabled' }),
  }),
  400,
];
export const SERVER: readonly Line[] = [
  [
    'GET',
    '/health',
    NONE,
    {
      status: 'healthy',
      service: 'synap',
      version: any(String),
      role: 'master',
      uptime_secs: any(Number),
      components: {
        kv_store: 'operational',
        queue_system: 'operational',
        event_stream: 'operational',
        pubsub: 'operational',
        replication: 'operational',
      },
    },
  ],
  ['GET', '/info', NONE, expect.objectContaining({ server: any(Object), replication: any(Object) })],
  off('/slowlog', 'GET'),
  off('/clients', 'GET'),
  ...['eval', 'evalsha', 'load', 'exists', 'flush', 'kill'].map((verb) => off(`/script/${verb}`)),
  ...['multi', 'exec', 'discard', 'watch', 'unwatch'].map((verb) => off(`/transaction/${verb}`)),
  ['POST', '/snapshot', {}, expect.objectContaining({ status: 'error' }), 400],
  ...['info', 'nodes', 'nodes/1', 'slots', 'migration/1'].map((path) => cluster(path)),
  ...['nodes', 'slots/assign', 'migration/start', 'migration/complete'].map((path) => cluster(path, 'POST')),
  cluster('nodes/1', 'DELETE'),
];
