/** The metrics of the Synap API reference: operations of its components, memory, replicas. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Store } from '../engine/index.ts';
import { replicaLags } from '../models/index.ts';
import type { OperationCounts } from './operation-counts.ts';

/** Component by the first part of an operation's name; others are not Synap's. */
const COMPONENTS: ReadonlyMap<string, string> = new Map(
  [
    'kv',
    'key',
    'hash',
    'list',
    'set',
    'sortedset',
    'bitmap',
    'hyperloglog',
    'geospatial',
    'queue',
    'stream',
    'topic',
    'consumer_group',
    'pubsub',
  ].map((name) => [name, name]),
);

export function synapMetrics(
  registers: Registry[],
  store: () => Store | undefined,
  operations: OperationCounts,
): void {
  new Counter({
    name: 'synap_operations_total',
    help: 'Total operations by type',
    labelNames: ['component', 'operation'],
    registers,
    collect() {
      this.reset();
      for (const { asked, askedCount } of operations.all()) {
        const dot = asked.indexOf('.');
        const component = COMPONENTS.get(asked.slice(0, dot));
        if (component === undefined || askedCount === 0) continue;
        this.inc({ component, operation: asked.slice(dot + 1) }, askedCount);
      }
    },
  });
  new Gauge({
    name: 'synap_memory_bytes',
    help: 'Memory usage in bytes',
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Gauge({
    name: 'synap_replication_lag_ms',
    help: 'Replication lag in milliseconds',
    labelNames: ['replica'],
    registers,
    async collect() {
      this.reset();
      const [database] = store()?.opened ?? [];
      if (database === undefined) return;
      // A scrape is answered when PostgreSQL is not.
      const lags = await replicaLags(database).catch(() => []);
      for (const { id, lagMs } of lags) this.set({ replica: id }, lagMs);
    },
  });
}
