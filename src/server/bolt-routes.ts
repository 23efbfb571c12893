/** Where the configuration sends drivers of Neo4j that ask for a routing table. */
import { FacetError, LIMITS } from '../base/index.ts';
import type { BoltRoutes } from '../dialects/bolt/index.ts';
import type { Config } from './config.ts';
import { formatAddress, parseAddress } from './option-values.ts';

type RouteOptions = Pick<Config, 'boltAdvertisedAddress' | 'boltWriters' | 'boltReaders'>;

/** @throws CONFIG_INVALID naming the option */
export const boltRoutes = (config: RouteOptions): BoltRoutes => ({
  own:
    config.boltAdvertisedAddress === null
      ? undefined
      : address(config.boltAdvertisedAddress, 'bolt-advertised-address'),
  writers: addresses(config.boltWriters, 'bolt-writers'),
  readers: addresses(config.boltReaders, 'bolt-readers'),
});

function addresses(text: string | null, option: string): readonly string[] | undefined {
  if (text === null) return undefined;
  const listed = text.split(',').map((part) => address(part.trim(), option));
  if (listed.length <= LIMITS.boltRoutesMax) return listed;
  throw new FacetError('CONFIG_INVALID', `${option} names more than ${LIMITS.boltRoutesMax} servers`);
}

/** Unlike an address to listen on it has a host, and a port that is not picked. */
function address(text: string, option: string): string {
  const parsed = parseAddress(text, option);
  if (parsed.host !== '' && parsed.port !== 0) return formatAddress(parsed);
  throw new FacetError('CONFIG_INVALID', `${option} is '${text}', and must be host:port as clients reach it`);
}
