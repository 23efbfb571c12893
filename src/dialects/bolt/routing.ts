/** The routing table: which servers a driver with a `neo4j://` address reads from and writes to. */
import { LIMITS } from '../../base/index.ts';
import type { MapValue } from '../../cypher/index.ts';
import type { Meta } from './codec.ts';
import type { BoltRoutes } from './settings.ts';

/**
 * The value of `rt` in the answer to ROUTE.
 * @param context what the driver said of itself: `address` is the one it has used
 * @param reached this server's own end of the connection, for drivers that do not say
 */
export function routingTable(
  routes: BoltRoutes,
  database: string,
  context: MapValue,
  reached: string,
): { readonly [key: string]: Meta } {
  const used = context.get('address');
  const own = routes.own ?? (typeof used === 'string' && used !== '' ? used : reached);
  const writers = routes.writers ?? [own];
  const readers = routes.readers ?? [own];
  return {
    ttl: LIMITS.boltRoutingSeconds,
    db: database,
    servers: [
      { role: 'WRITE', addresses: writers },
      { role: 'READ', addresses: readers },
      { role: 'ROUTE', addresses: [...new Set([own, ...writers, ...readers])] },
    ],
  };
}
