/** What the admin model can do: liveness, readiness, health and metrics of this process. */
import { operation } from '../operation.ts';
import { health } from './health.ts';
import { live } from './live.ts';
import { metrics } from './metrics.ts';
import { ready } from './ready.ts';
import { healthResult, liveResult, metricsResult, noInput, readyResult } from './schemas.ts';

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

export const ADMIN_OPERATIONS = [adminHealth, adminLive, adminReady, adminMetrics] as const;
