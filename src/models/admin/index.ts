/** Front door of the admin model. */
export {
  ADMIN_OPERATIONS,
  adminConfig,
  adminHealth,
  adminLive,
  adminMetrics,
  adminReady,
  adminShutdown,
} from './operations.ts';
export {
  type ConfigResult,
  type HealthResult,
  type LiveResult,
  type MetricsResult,
  type ReadyResult,
  readyResult,
  type ShutdownResult,
} from './schemas.ts';
