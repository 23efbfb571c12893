/** The rate limit options as the table that admission control takes. */
import type { RateLimit } from '../dispatch/index.ts';
import type { RateCategory } from '../models/index.ts';
import type { Config } from './config.ts';

export function rateLimitsOf(config: Config): Readonly<Record<RateCategory, RateLimit>> {
  return {
    admin: { perSecond: config.rateLimitAdminRps, burst: config.rateLimitAdminBurst },
    query: { perSecond: config.rateLimitQueryRps, burst: config.rateLimitQueryBurst },
    vector: { perSecond: config.rateLimitVectorSearchRps, burst: config.rateLimitVectorSearchBurst },
    cluster: { perSecond: config.rateLimitClusterRps, burst: config.rateLimitClusterBurst },
    default: { perSecond: config.rateLimitDefaultRps, burst: config.rateLimitDefaultBurst },
  };
}
