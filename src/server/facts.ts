/** What the process knows about itself, for the operations that report it. */
import { nowMs, VERSION } from '../base/index.ts';
import type { ServerFacts, VaultKey } from '../models/index.ts';
import type { Config } from './config.ts';
import { settingsOf } from './settings.ts';
import { snapshotRules } from './snapshot-rules.ts';

/** The facts, and what about them changes. */
export interface ProcessState {
  readonly facts: ServerFacts;
  /** Where clients reach the server, once that is known. */
  listeningOn(address: string): void;
  /** From now on new operations are refused. */
  stopAccepting(): void;
  /** What stops the server when a client asks for it. */
  stopBy(stop: (reason: string) => void): void;
}

export function createProcessState(
  config: Config,
  metricsText: () => Promise<string>,
  vaultKeys?: readonly VaultKey[],
): ProcessState {
  const snapshots = snapshotRules(config);
  let address = config.listen;
  let accepting = true;
  let stopper: ((reason: string) => void) | undefined;
  return {
    facts: {
      version: VERSION,
      clusterId: config.clusterId,
      nodeId: config.nodeId,
      region: config.region,
      get address() {
        return address;
      },
      startedAtMs: nowMs(),
      metricsText,
      accepting: () => accepting,
      limits: {
        resultRowsMax: config.resultRowsMax,
        queryTimeoutMsMax: config.queryTimeoutMsMax,
        vectorMemoryBytesMax: config.vectorMemory,
      },
      graphWriter: config.graphWriter,
      graphJournal: config.graphJournal,
      journalRetentionMs: config.journalRetention ?? undefined,
      snapshots,
      vaultKeys,
      webhooks: { allowPrivate: config.webhookAllowPrivate },
      settings: settingsOf(config),
      shutDown: (reason) => stopper?.(reason),
    },
    listeningOn(known) {
      address = known;
    },
    stopAccepting() {
      accepting = false;
    },
    stopBy(stop) {
      stopper = stop;
    },
  };
}
