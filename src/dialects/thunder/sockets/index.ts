/** Front door of the sockets of the ThunderDB API: queries, events, replication. */
import type { SocketRoute } from '../../http/index.ts';
import { eventsSocket } from './events-socket.ts';
import { querySocket } from './query-socket.ts';
import { replicationSocket } from './replication-socket.ts';

export const SOCKETS: readonly SocketRoute[] = [querySocket, eventsSocket, replicationSocket];
