/** What the options say about snapshots of graphs. */
import { assertCompression, type SnapshotRules } from '../models/index.ts';
import type { Config } from './config.ts';
import { loadKeyFile } from './vault-keys.ts';

/** @throws CONFIG_INVALID about the key, FEATURE_NOT_SUPPORTED for zstd where Node.js has none */
export function snapshotRules(config: Config): SnapshotRules {
  assertCompression(config.snapshotCompression);
  const { snapshotKeyFile: file } = config;
  return {
    directory: config.snapshotDirectory ?? undefined,
    compression: config.snapshotCompression,
    key: file === null ? undefined : loadKeyFile(file, 'snapshot-key-file')[0]?.key,
    keep: {
      daily: config.snapshotRetainDaily,
      weekly: config.snapshotRetainWeekly,
      monthly: config.snapshotRetainMonthly,
    },
  };
}
