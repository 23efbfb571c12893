/** The whole table of commands. */
import { SERVER_ROWS, SOCKET_ROWS, TRANSACTION_ROWS } from './apart.ts';
import { BITS_PLACES_ROWS } from './bits-places.ts';
import { HASHES_LISTS_ROWS } from './hashes-lists.ts';
import { KEYS_ROWS } from './keys.ts';
import { QUEUES_STREAMS_ROWS } from './queues-streams.ts';
import type { Row } from './row.ts';
import { SETS_ROWS } from './sets.ts';
import { SORTED_SETS_ROWS } from './sorted-sets.ts';
import { TOPICS_SERVER_ROWS } from './topics-server.ts';

export const ROWS: readonly Row[] = [
  ...KEYS_ROWS,
  ...HASHES_LISTS_ROWS,
  ...SETS_ROWS,
  ...SORTED_SETS_ROWS,
  ...BITS_PLACES_ROWS,
  ...QUEUES_STREAMS_ROWS,
  ...TOPICS_SERVER_ROWS,
  ...SOCKET_ROWS,
  ...TRANSACTION_ROWS,
  ...SERVER_ROWS,
];

export { type Payload, type Row, TAKEN } from './row.ts';
