/** Front door of the admin model. */
export { ADMIN_OPERATIONS, adminHealth, adminLive, adminMetrics, adminReady } from './operations.ts';
export {
  type HealthResult,
  type LiveResult,
  type MetricsResult,
  type ReadyResult,
  readyResult,
} from './schemas.ts';
