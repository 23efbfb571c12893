/** What the process knows about itself, for the operations that report it. */
import { nowMs, VERSION } from '../base/index.ts';
import type { ServerFacts } from '../models/index.ts';
import type { Config } from './config.ts';

/** The facts, and the two things about them that change. */
export interface ProcessState {
  readonly facts: ServerFacts;
  /** Where clients reach the server, once that is known. */
  listeningOn(address: string): void;
  /** From now on new operations are refused. */
  stopAccepting(): void;
}

export function createProcessState(config: Config, metricsText: () => Promise<string>): ProcessState {
  let address = config.listen;
  let accepting = true;
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
      limits: { resultRowsMax: config.resultRowsMax, queryTimeoutMsMax: config.queryTimeoutMsMax },
      graphWriter: config.graphWriter,
    },
    listeningOn(known) {
      address = known;
    },
    stopAccepting() {
      accepting = false;
    },
  };
}
