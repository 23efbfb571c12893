/**
 * Starting, in phases: options, store, gate, dialects, listener. A phase that fails undoes those before it, so that
 * nothing is left behind: no PostgreSQL, no open port. The reverse is stop.ts.
 */
import { asFacetError, monotonicMs, nowMs, type Observation, type Observe, VERSION } from '../base/index.ts';
import { type BoltListener, createNeo4jHttpDialect } from '../dialects/bolt/index.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { createGraphdDialect } from '../dialects/graphd/index.ts';
import { createNamidbDialect } from '../dialects/namidb/index.ts';
import { createSynapDialect } from '../dialects/synap/index.ts';
import { createThunderDialect, webhookBody } from '../dialects/thunder/index.ts';
import { AdmissionControl, createDispatch, type Dispatch } from '../dispatch/index.ts';
import { openStore, type Store } from '../engine/index.ts';
import { Deliveries, SavedVectorIndexes, Usage } from '../models/index.ts';
import { createAuthenticator } from './auth.ts';
import { createBolt, discoveryOf, listenForBolt } from './bolt.ts';
import type { Config } from './config.ts';
import { checkConfig } from './config-checks.ts';
import { createProcessState, type ProcessState } from './facts.ts';
import { startFlushLoop } from './flush-loop.ts';
import { type GrpcAddresses, type GrpcSide, loadGrpc } from './grpc.ts';
import { Hub } from './hub.ts';
import { createHttpListener, type HttpListener } from './listeners.ts';
import { createLog, type Log, logObservations } from './log.ts';
import { maskedUri } from './mask.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { parseAddress } from './option-values.ts';
import { rateLimitsOf } from './rate-limits.ts';
import { stopParts } from './stop.ts';
import { loadTls } from './tls.ts';
import { loadVaultKeys } from './vault-keys.ts';

export interface Endpoint {
  readonly name: string;
  readonly url: string;
}

export interface RunningServer {
  /** What the ready line names. */
  readonly endpoints: readonly Endpoint[];
  /** `host:port` of the HTTP listener. */
  readonly address: string;
  /** `host:port` of the gRPC listener; undefined when it is off. */
  readonly grpcAddress: string | undefined;
  /** `host:port` of the listener of the Neumann services; undefined when they are on the gRPC listener. */
  readonly neumannAddress: string | undefined;
  /** `host:port` of the Bolt listener; undefined when it is off. */
  readonly boltAddress: string | undefined;
  readonly store: Store;
  /** Stops in phases; resolves when everything is down. Called again, it no longer waits for requests under way. */
  stop(reason: string): Promise<void>;
  /** Resolves with the exit code of the process once the server has stopped, whoever asked for it. */
  readonly stopped: Promise<number>;
}

export interface StartOptions {
  /** Told of every observation, beside the log and the metrics. */
  readonly observe?: Observe;
  /** Default: what the options say. */
  readonly log?: Log;
  /** Check results against the schemas of their operations: for tests. */
  readonly checkOutput?: boolean;
}

/** Exit code when PostgreSQL is gone for good: EX_UNAVAILABLE of sysexits.h. */
const EXIT_STORE_LOST = 69;

/** @throws FacetError of any phase, after undoing the phases before it */
export async function startServer(config: Config, options: StartOptions = {}): Promise<RunningServer> {
  const startedAtMs = monotonicMs();
  const warnings = checkConfig(config);
  const tls = loadTls(config);
  const vaultKeys = loadVaultKeys(config.vaultKeyFile);
  const log = options.log ?? createLog({ level: config.logLevel, format: config.logFormat });
  const metrics = createMetrics();
  const observe = fanOut([metrics.observe, logObservations(log, config), options.observe]);
  log.info(`facet ${VERSION} starting on ${maskedUri(config.store)}`);
  for (const warning of [...warnings, ...(tls?.warnings ?? [])]) log.warn(warning);

  const undo: (() => Promise<void>)[] = [];
  const grpcSide = loadGrpc(config);
  try {
    const store = await openStore(config.store, {
      observe,
      poolConnections: config.poolConnections,
      transactionsOpenMax: config.transactionsOpenMax,
      transactionsPerPrincipalMax: config.transactionsPerPrincipalMax,
    });
    undo.push(() => store.stop());

    const usage = usageOf(config, store, observe);
    if (usage !== undefined) undo.push(() => usage.stop());
    const state = createProcessState(config, metrics.text, vaultKeys);
    const dispatch = openGate({ config, store, state, observe, usage, checkOutput: options.checkOutput });
    const serving = {
      dispatch,
      version: VERSION,
      limits: { bodyBytesMax: config.bodyBytesMax },
      trustProxy: config.trustProxy,
      observe,
    };
    const localOnly = config.credentials.length === 0 && config.hubUrl === null && !config.insecure;
    const grpc = await grpcSide({ dispatch, tls, observe });
    // The first one whose path it is words a refusal: /api/v1/command is Synap's, what else is below it is not.
    const dialects: readonly Dialect[] = [
      createSynapDialect({
        ...serving,
        synap: { wire: config.synapWire, allowFlush: config.synapAllowFlush },
      }),
      createThunderDialect({
        ...serving,
        thunder: { graphqlIntrospection: config.graphqlIntrospection, development: config.development },
      }),
      createNeo4jHttpDialect({ ...serving, queryTimeoutMsMax: config.queryTimeoutMsMax }),
      createNamidbDialect(serving),
      createGraphdDialect(serving),
      ...grpc.web,
    ];
    const bolt = createBolt(config, { dispatch, tls, localOnly, observe, version: VERSION });
    let endpoints: readonly Endpoint[] = [];
    let boltAddress: string | undefined;
    const listener = await createHttpListener({
      tls,
      bodyBytesMax: config.bodyBytesMax,
      connectionsMax: config.httpConnectionsMax,
      trustProxy: config.trustProxy,
      localOnly,
      dialects,
      accepting: state.facts.accepting,
      startPage: () => startPage(endpoints),
      discovery: ({ headers }) => discoveryOf(config, { headers, tls, boltAddress }),
    });
    undo.push(() => listener.close());
    const bound = await listener.listen(parseAddress(config.listen, 'listen'));
    state.listeningOn(bound.address);
    undo.push(async () => await grpc.listener?.close());
    const grpcAddresses = await grpc.listen();
    undo.push(async () => await bolt?.close());
    boltAddress = bolt && (await listenForBolt(bolt, config));
    endpoints = endpointsOf(bound.url, grpcAddresses, boltAddress, dialects);
    watch(metrics, { store, listener, grpc, bolt, dispatch });
    const flushLoop = startFlushLoop(store, config.flushInterval, log);

    const deliveries = new Deliveries({
      store,
      observe,
      encode: webhookBody,
      rules: { allowPrivate: config.webhookAllowPrivate },
    });
    const vectorIndexes = new SavedVectorIndexes(store, config.vectorMemory);

    logReady(log, { endpoints, store, durationMs: monotonicMs() - startedAtMs });
    return runningServer({
      endpoints,
      address: bound.address,
      grpcAddresses,
      boltAddress,
      config,
      parts: {
        state,
        listener,
        grpc: grpc.listener,
        bolt,
        dialects,
        flushLoop,
        deliveries,
        vectorIndexes,
        usage,
        store,
        log,
      },
    });
  } catch (error) {
    for (const step of undo.reverse()) {
      await step().catch((failure: unknown) =>
        log.error(`undoing the start: ${asFacetError(failure).message}`),
      );
    }
    throw error;
  }
}

function openGate(given: {
  readonly config: Config;
  readonly store: Store;
  readonly state: ProcessState;
  readonly observe: Observe;
  readonly usage: Usage | undefined;
  readonly checkOutput: boolean | undefined;
}): Dispatch {
  const { config, store, state, observe, usage, checkOutput } = given;
  return createDispatch({
    store,
    observe,
    checkOutput,
    usage,
    authenticate: createAuthenticator({
      credentials: config.credentials,
      observe,
      hub: hubOf(config, observe),
    }),
    admission: new AdmissionControl(rateLimitsOf(config), config.rateLimitEnabled, { monotonicMs, nowMs }),
    server: state.facts,
  });
}

/** Undefined where nobody can have a plan: the gate then does nothing for plans. */
const usageOf = (config: Config, store: Store, observe: Observe): Usage | undefined =>
  config.hubUrl !== null || config.credentials.some(({ principal }) => principal.plan !== undefined)
    ? new Usage({ store, observe })
    : undefined;

function hubOf({ hubUrl, hubToken, hubTimeoutMs, plans }: Config, observe: Observe): Hub | undefined {
  if (hubUrl === null) return undefined;
  const url = hubUrl.replace(/\/+$/, '');
  return new Hub({ url, token: hubToken, timeoutMs: hubTimeoutMs, plans, observe, monotonicMs });
}

/** One observation to several listeners. */
function fanOut(listeners: readonly (Observe | undefined)[]): Observe {
  const present = listeners.filter((listener) => listener !== undefined);
  return (seen: Observation) => {
    for (const listener of present) listener(seen);
  };
}

function watch(
  metrics: Metrics,
  seen: {
    readonly store: Store;
    readonly listener: HttpListener;
    readonly grpc: GrpcSide;
    readonly bolt: BoltListener | undefined;
    readonly dispatch: Dispatch;
  },
): void {
  const { store, listener, grpc, bolt, dispatch } = seen;
  metrics.watch({
    store,
    httpConnections: () => listener.connections(),
    grpcConnections: () => grpc.listener?.connections() ?? 0,
    boltConnections: () => bolt?.connections() ?? 0,
    operationsInFlight: () => dispatch.inFlight,
  });
}

function endpointsOf(
  url: string,
  { shared, neumann }: GrpcAddresses,
  bolt: string | undefined,
  dialects: readonly Dialect[],
): Endpoint[] {
  const described = dialects.some((dialect) => dialect.endpoints.includes('/openapi.json'));
  return [
    { name: 'REST', url },
    ...(described ? [{ name: 'OpenAPI', url: `${url}/openapi.json` }] : []),
    ...(shared === undefined ? [] : [{ name: 'gRPC', url: shared }]),
    ...(neumann === undefined ? [] : [{ name: 'Neumann', url: neumann }]),
    ...(bolt === undefined ? [] : [{ name: 'Bolt', url: `bolt://${bolt}` }]),
  ];
}

function startPage(endpoints: readonly Endpoint[]): string {
  return [`Facet ${VERSION}`, ...endpoints.map(({ name, url }) => `${name} ${url}`), ''].join('\n');
}

function logReady(
  log: Log,
  ready: { readonly endpoints: readonly Endpoint[]; readonly store: Store; readonly durationMs: number },
): void {
  const { facts } = ready.store;
  const store = maskedUri(facts.uri);
  const parts = [
    ...ready.endpoints.map(({ name, url }) => `${name} ${url}`),
    `store ${store} (PostgreSQL ${facts.serverVersion}${facts.standby === true ? ', a standby: only read' : ''})`,
  ];
  const seconds = (ready.durationMs / 1_000).toFixed(1);
  log.info(`facet ${VERSION} ready in ${seconds} s: ${parts.join(' · ')}`, {
    endpoints: ready.endpoints,
    facts: {
      store,
      postgres: facts.serverVersion,
      ...(facts.standby === true ? { standby: true } : {}),
      postmasterPid: facts.postmasterPid,
      pid: process.pid,
    },
  });
}

function runningServer(given: {
  readonly endpoints: readonly Endpoint[];
  readonly address: string;
  readonly grpcAddresses: GrpcAddresses;
  readonly boltAddress: string | undefined;
  readonly config: Config;
  readonly parts: Parameters<typeof stopParts>[0];
}): RunningServer {
  const { endpoints, address, grpcAddresses, boltAddress, config, parts } = given;
  const hurry = new AbortController();
  let finish: (exitCode: number) => void = () => {};
  const stopped = new Promise<number>((resolve) => {
    finish = resolve;
  });
  let stopping: Promise<void> | undefined;

  function stop(reason: string, exitCode: number): Promise<void> {
    if (stopping) hurry.abort();
    stopping ??= stopParts(parts, { reason, drainMs: config.drainMs, hurry: hurry.signal }).then(() =>
      finish(exitCode),
    );
    return stopping;
  }

  void parts.store.lost.then(async (reason) => {
    if (!stopping) parts.log.error(`PostgreSQL is lost: ${reason}`);
    await stop('PostgreSQL is lost', EXIT_STORE_LOST);
  });
  parts.state.stopBy((reason) => void stop(reason, 0));
  return {
    endpoints,
    address,
    grpcAddress: grpcAddresses.shared,
    neumannAddress: grpcAddresses.neumann,
    boltAddress,
    store: parts.store,
    stop: (reason) => stop(reason, 0),
    stopped,
  };
}
