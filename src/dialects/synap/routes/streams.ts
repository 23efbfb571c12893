/** REST routes of rooms and of pub/sub. */
import type { RestRoute } from './rest.ts';

export const STREAM_ROUTES: readonly RestRoute[] = [
  { method: 'GET', path: '/stream/list', command: 'stream.rooms' },
  { method: 'POST', path: '/stream/:room', command: 'stream.create' },
  { method: 'PUT', path: '/stream/:room', command: 'stream.get_or_create' },
  { method: 'DELETE', path: '/stream/:room', command: 'stream.delete' },
  { method: 'POST', path: '/stream/:room/publish', command: 'stream.publish' },
  { method: 'GET', path: '/stream/:room/history', command: 'stream.history' },
  { method: 'GET', path: '/stream/:room/consume/:subscriber_id', command: 'stream.consume' },
  { method: 'GET', path: '/stream/:room/stats', command: 'stream.stats' },
];

/** A message that is a member of nothing: `payload` comes before `data`. */
export const PUBSUB_ROUTES: readonly RestRoute[] = [
  { method: 'POST', path: '/pubsub/subscribe', command: 'pubsub.subscribe' },
  { method: 'POST', path: '/pubsub/unsubscribe', command: 'pubsub.unsubscribe' },
  { method: 'GET', path: '/pubsub/stats', command: 'pubsub.stats' },
  { method: 'GET', path: '/pubsub/topics', command: 'pubsub.topics' },
  { method: 'POST', path: '/pubsub/:topic/publish', command: 'pubsub.publish' },
  { method: 'GET', path: '/pubsub/:topic/info', command: 'pubsub.info' },
];
