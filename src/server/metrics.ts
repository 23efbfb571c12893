/**
 * Prometheus metrics of this process. They are fed by observations, and by looking at the store when a scrape
 * comes. Names of the ThunderDB and Synap API references are kept as they are; ours begin with `facet_`.
 *
 * Labels have few values: operations and statements come from tables of ours, verbs from a closed list. A fence
 * turns what would exceed it into `other`.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { LIMITS, type Observation, type Observe } from '../base/index.ts';
import type { ChangeFeedFacts, Store } from '../engine/index.ts';
import { OperationCounts } from './operation-counts.ts';
import { synapMetrics } from './synap-metrics.ts';

export interface Metrics {
  readonly observe: Observe;
  /** Text exposition format 0.0.4. */
  text(): Promise<string>;
  /** Lets the gauges look at the store; before it they are absent. */
  watch(sources: MetricSources): void;
}

export interface MetricSources {
  readonly store: Store;
  readonly httpConnections: () => number;
  readonly grpcConnections: () => number;
  readonly boltConnections: () => number;
  readonly operationsInFlight: () => number;
}

const QUERY_TYPES: ReadonlySet<string> = new Set(['select', 'insert', 'update', 'delete']);
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  let sources: MetricSources | undefined;

  const queries = new Counter({
    name: 'thunderdb_queries_total',
    help: "Users' SQL statements by type",
    labelNames: ['type'],
    registers,
  });
  for (const type of QUERY_TYPES) queries.inc({ type }, 0);
  const querySeconds = new Histogram({
    name: 'thunderdb_query_duration_seconds',
    help: "Time of users' SQL statements",
    buckets: [0.001, 0.01, 0.1, 1],
    registers,
  });
  const operations = new OperationCounts();
  new Counter({
    name: 'facet_operations_total',
    help: 'Calls through the gate by result, ok or an error code; a batch is one, and so is each that answers a part of a command',
    labelNames: ['operation', 'outcome', 'dialect'],
    registers,
    collect() {
      this.reset();
      for (const { operation, outcome, dialect, count } of operations.all()) {
        this.inc({ operation, outcome, dialect }, count);
      }
    },
  });
  const operationSeconds = new Histogram({
    name: 'facet_operation_duration_seconds',
    help: 'Time from the gate to the result',
    labelNames: ['operation'],
    buckets: SECONDS,
    registers,
  });
  const statements = new Counter({
    name: 'facet_statements_total',
    help: 'Statements sent to PostgreSQL',
    labelNames: ['statement', 'ok'],
    registers,
  });
  const statementSeconds = new Histogram({
    name: 'facet_statement_duration_seconds',
    help: 'Time from sending a statement to its result',
    labelNames: ['statement'],
    buckets: SECONDS,
    registers,
  });
  const transactions = new Counter({
    name: 'facet_transactions_total',
    help: 'Interactive transactions by what became of them',
    labelNames: ['event'],
    registers,
  });
  const authFailures = new Counter({
    name: 'facet_auth_failures_total',
    help: 'Failed authentications',
    labelNames: ['scheme'],
    registers,
  });

  new Gauge({
    name: 'thunderdb_active_connections',
    help: 'Open client connections by protocol',
    labelNames: ['protocol'],
    registers,
    collect() {
      if (sources) this.set({ protocol: 'http' }, sources.httpConnections());
      if (sources) this.set({ protocol: 'grpc' }, sources.grpcConnections());
      if (sources) this.set({ protocol: 'bolt' }, sources.boltConnections());
    },
  });
  new Gauge({
    name: 'facet_operations_in_flight',
    help: 'Operations under way',
    registers,
    collect() {
      if (sources) this.set(sources.operationsInFlight());
    },
  });
  storeGauges(registers, () => sources?.store);
  changeGauges(registers, () => sources?.store);
  synapMetrics(registers, () => sources?.store, operations);

  const statementLabel = boundedLabel();
  return {
    observe(seen: Observation) {
      switch (seen.type) {
        case 'query':
          queries.inc({ type: queryType(seen.verb) });
          querySeconds.observe(seen.durationMs / 1_000);
          return;
        case 'operation':
          operations.add(seen);
          operationSeconds.observe({ operation: seen.operation }, seen.durationMs / 1_000);
          return;
        case 'statement': {
          const statement = statementLabel(seen.statement);
          statements.inc({ statement, ok: String(seen.ok) });
          statementSeconds.observe({ statement }, seen.durationMs / 1_000);
          return;
        }
        case 'transaction':
          transactions.inc({ event: seen.event });
          return;
        case 'auth_failure':
          authFailures.inc({ scheme: seen.scheme });
          return;
        default:
          return;
      }
    },
    text: () => registry.metrics(),
    watch(given) {
      sources = given;
    },
  };
}

/** What the engine counts, read at each scrape, by namespace (at most LIMITS.namespacesOpenMax). */
function storeGauges(registers: Registry[], store: () => Store | undefined): void {
  const gauge = (name: string, help: string, read: (counts: Store['opened'][number]['counts']) => number) => {
    new Gauge({
      name,
      help,
      labelNames: ['namespace'],
      registers,
      collect() {
        this.reset();
        for (const database of store()?.opened ?? []) {
          this.set({ namespace: database.namespace }, read(database.counts));
        }
      },
    });
  };
  gauge('facet_transactions_open', 'Open interactive transactions', (counts) => counts.transactionsOpen);
  gauge('facet_pool_in_use', 'Pooled PostgreSQL connections at work', (counts) => counts.poolInUse);
  gauge('facet_pool_idle', 'Pooled PostgreSQL connections at rest', (counts) => counts.poolIdle);
  gauge('facet_pool_waiting', 'Callers waiting for a pooled connection', (counts) => counts.poolWaiting);
  gauge('facet_lane_in_flight', 'Statements on the pipelined lane', (counts) => counts.laneInFlight);
}

/** The change feed of each namespace, read at each scrape from memory. */
function changeGauges(registers: Registry[], store: () => Store | undefined): void {
  const gauge = (name: string, help: string, read: (facts: ChangeFeedFacts) => number) => {
    new Gauge({
      name,
      help,
      labelNames: ['namespace'],
      registers,
      collect() {
        this.reset();
        for (const { namespace, changes } of store()?.opened ?? [])
          this.set({ namespace }, read(changes.facts));
      },
    });
  };
  gauge('facet_changes_following', 'The change feed is connected to PostgreSQL', (facts) => +facts.following);
  gauge('facet_changes_cursors', 'Consumers that follow changes now', (facts) => facts.cursors);
  gauge(
    'facet_changes_catching_up',
    'Of them, those that read from further back',
    (facts) => facts.catchingUp,
  );
  gauge(
    'facet_changes_lag_bytes',
    'Write-ahead log not yet read, at the last look',
    (facts) => facts.lagBytes,
  );
  gauge(
    'facet_changes_retained_bytes',
    'Write-ahead log kept for consumers, at the last look',
    (facts) => facts.retainedBytes,
  );
  gauge('facet_changes_read', 'Changes read since the start of this process', (facts) => facts.changes);
  gauge('facet_changes_log_items', 'Changes in memory', (facts) => facts.logItems);
  gauge('facet_changes_log_bytes', 'Bytes of changes in memory', (facts) => facts.logBytes);
}

function queryType(verb: string): string {
  const type = verb.toLowerCase();
  return QUERY_TYPES.has(type) ? type : 'other';
}

function boundedLabel(): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= LIMITS.metricLabelValuesMax) return 'other';
    known.add(value);
    return value;
  };
}
