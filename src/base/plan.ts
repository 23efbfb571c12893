/**
 * Plans: what a principal may use. Those that everyone knows by name stand here; an operator adds others in the
 * configuration, and a hub may send its own. What has been used is counted in models/quota.
 */

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface Plan {
  readonly name: string;
  /** Bytes of the principal's namespace. */
  readonly storageBytesMax: number;
  /** Operations in a calendar month, UTC. null: as many as they like. */
  readonly operationsPerMonthMax: number | null;
  /** Persistent connections at once. */
  readonly connectionsMax: number;
  /** The longest time to live that a key or message may be given. */
  readonly ttlMsMax: number;
  /** Bytes of one request body. The server's own bound, which may be lower, holds as well. */
  readonly payloadBytesMax: number;
  /** Items of one batch. */
  readonly batchItemsMax: number;
  /** Requests that may be sustained; twice as many may come at once after a pause. */
  readonly requestsPerSecondMax: number;
}

/** The plan comparison of the Synap API reference, section HiveHub.Cloud Integration. */
export const PLANS: readonly Plan[] = [
  {
    name: 'Free',
    storageBytesMax: 100 * MIB,
    operationsPerMonthMax: 100_000,
    connectionsMax: 10,
    ttlMsMax: 24 * HOUR_MS,
    payloadBytesMax: MIB,
    batchItemsMax: 100,
    requestsPerSecondMax: 10,
  },
  {
    name: 'Pro',
    storageBytesMax: 10 * GIB,
    operationsPerMonthMax: 10_000_000,
    connectionsMax: 100,
    ttlMsMax: 30 * DAY_MS,
    payloadBytesMax: 10 * MIB,
    batchItemsMax: 1_000,
    requestsPerSecondMax: 100,
  },
  {
    name: 'Enterprise',
    storageBytesMax: 1_024 * GIB,
    operationsPerMonthMax: null,
    connectionsMax: 1_000,
    ttlMsMax: 365 * DAY_MS,
    payloadBytesMax: 100 * MIB,
    batchItemsMax: 10_000,
    requestsPerSecondMax: 1_000,
  },
];
