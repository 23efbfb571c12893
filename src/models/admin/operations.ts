/** What the admin model can do: liveness, readiness, health, metrics, settings and the end of this process. */
import { operation } from '../operation.ts';
import { health } from './health.ts';
import { live } from './live.ts';
import { metrics } from './metrics.ts';
import { config, shutdown } from './process.ts';
import { ready } from './ready.ts';
import {
  configResult,
  healthResult,
  liveResult,
  metricsResult,
  noInput,
  readyResult,
  shutdownResult,
} from './schemas.ts';

export const adminHealth = operation({
  name: 'admin.health',
  summary: 'Looks at the parts of the server and says how they are.',
  input: noInput,
  output: healthResult,
  access: 'public',
  category: 'admin',
  streams: false,
  errors: [],
  run: health,
});

export const adminLive = operation({
  name: 'admin.live',
  summary: 'Answers as long as the process runs.',
  input: noInput,
  output: liveResult,
  access: 'public',
  category: 'admin',
  streams: false,
  errors: [],
  run: live,
});

export const adminReady = operation({
  name: 'admin.ready',
  summary: 'Says whether the server can take queries, and if not, why.',
  input: noInput,
  output: readyResult,
  access: 'public',
  category: 'admin',
  streams: false,
  errors: [],
  run: ready,
});

export const adminMetrics = operation({
  name: 'admin.metrics',
  summary: 'Counters and histograms of this process for Prometheus.',
  input: noInput,
  output: metricsResult,
  access: 'read',
  category: 'admin',
  streams: false,
  errors: [],
  run: metrics,
});

export const adminConfig = operation({
  name: 'admin.config',
  summary: 'Returns the settings of the server, without secrets.',
  input: noInput,
  output: configResult,
  access: 'admin',
  category: 'admin',
  streams: false,
  errors: [],
  run: config,
});

export const adminShutdown = operation({
  name: 'admin.shutdown',
  summary: 'Begins to stop the server: requests under way are still answered.',
  input: noInput,
  output: shutdownResult,
  access: 'admin',
  category: 'admin',
  streams: false,
  errors: ['FEATURE_NOT_SUPPORTED'],
  run: shutdown,
});

export const ADMIN_OPERATIONS = [
  adminHealth,
  adminLive,
  adminReady,
  adminMetrics,
  adminConfig,
  adminShutdown,
] as const;
