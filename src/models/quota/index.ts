/** Front door of the quota model: plans, what is used of them, and the counting. */
export { hubQuota, QUOTA_OPERATIONS } from './operations.ts';
export type { QuotaResult } from './schemas.ts';
export { type ClientConnection, Usage, type UsageOptions } from './usage.ts';
