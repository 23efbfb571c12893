/** Front door of the routes: every one of the dialect. */
import { BYTE_ROUTES } from './bytes.ts';
import { COLLECTION_ROUTES } from './collections.ts';
import { KEY_ROUTES } from './keys.ts';
import { QUEUE_ROUTES } from './queues.ts';
import type { RestRoute } from './rest.ts';
import { SERVER_ROUTES } from './server.ts';
import { PUBSUB_ROUTES, STREAM_ROUTES } from './streams.ts';
import { TOPIC_ROUTES } from './topics.ts';

export const REST_ROUTES: readonly RestRoute[] = [
  ...KEY_ROUTES,
  ...COLLECTION_ROUTES,
  ...BYTE_ROUTES,
  ...QUEUE_ROUTES,
  ...STREAM_ROUTES,
  ...PUBSUB_ROUTES,
  ...TOPIC_ROUTES,
  ...SERVER_ROUTES,
];

export { ANY_COMMAND, commandRoute } from './command.ts';
export { restRoute } from './rest.ts';
