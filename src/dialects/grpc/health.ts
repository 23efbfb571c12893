/**
 * The health service of gRPC (grpc.health.v1): SERVING while the server takes calls and PostgreSQL answers. A check asks
 * PostgreSQL; watchers share one look every while, and none is made when nobody watches.
 */

import { create, toBinary } from '@bufbuild/protobuf';
import type { Server, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { FacetError, LIMITS } from '../../base/index.ts';
import type { Dispatch, Session } from '../../dispatch/index.ts';
import { adminReady } from '../../models/index.ts';
import { decoded } from './codec.ts';
import { GRPC } from './errors.ts';
import {
  type HealthCheckRequest,
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
  HealthListResponseSchema,
  HealthCheckResponse_ServingStatus as Serving,
} from './gen/grpc/health/v1/health_pb.ts';
import { identity } from './native.ts';
import type { GrpcDialect } from './surface.ts';

interface Watcher {
  readonly service: string;
  told: Serving | undefined;
  readonly tell: (status: Serving) => void;
  readonly end: () => void;
}

export class HealthWatch {
  readonly #dispatch: Dispatch;
  readonly #dialects: readonly GrpcDialect[];
  /** The empty name is the server as a whole. */
  readonly services: ReadonlySet<string>;
  readonly #watchers = new Set<Watcher>();
  #timer: NodeJS.Timeout | undefined = undefined;
  #serving = true;

  constructor({
    dispatch,
    dialects,
  }: { readonly dispatch: Dispatch; readonly dialects: readonly GrpcDialect[] }) {
    this.#dispatch = dispatch;
    this.#dialects = dialects;
    const named = dialects.flatMap(({ procedures }) =>
      procedures.map(({ method }) => method.parent.typeName),
    );
    this.services = new Set(['', ...named]);
  }

  /** How the server is; SERVICE_UNKNOWN for services that it does not have. */
  async look(service: string): Promise<Serving> {
    if (!this.services.has(service)) return Serving.SERVICE_UNKNOWN;
    if (!this.#serving || !this.#isWell(service)) return Serving.NOT_SERVING;
    try {
      const { ready } = await this.#dispatch.call(adminReady, {}, probe());
      return ready ? Serving.SERVING : Serving.NOT_SERVING;
    } catch {
      // The gate has observed why.
      return Serving.NOT_SERVING;
    }
  }

  /** False when there are too many watchers. */
  add(watcher: Watcher): boolean {
    if (this.#watchers.size >= LIMITS.grpcHealthWatchersMax) return false;
    this.#watchers.add(watcher);
    void this.#tell(watcher);
    this.#timer ??= setInterval(() => void this.#lookForAll(), LIMITS.grpcHealthLookMs).unref();
    return true;
  }

  remove(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  stopServing(): void {
    this.#serving = false;
    for (const watcher of this.#watchers) {
      if (this.services.has(watcher.service)) inform(watcher, Serving.NOT_SERVING);
    }
  }

  /** Ends all watches. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const watcher of [...this.#watchers]) watcher.end();
    this.#watchers.clear();
  }

  /** What a dialect itself says of one of its services. */
  #isWell(service: string): boolean {
    return this.#dialects.every(({ isWell }) => isWell?.(service) ?? true);
  }

  async #tell(watcher: Watcher): Promise<void> {
    inform(watcher, await this.look(watcher.service));
  }

  async #lookForAll(): Promise<void> {
    const status = await this.look('');
    for (const watcher of this.#watchers) {
      if (!this.services.has(watcher.service)) continue;
      inform(watcher, this.#isWell(watcher.service) ? status : Serving.NOT_SERVING);
    }
  }

  /** Of every service, as `look` says it. */
  async list(): Promise<Record<string, { status: Serving }>> {
    const status = await this.look('');
    return Object.fromEntries(
      [...this.services].map((name) => [name, { status: this.#isWell(name) ? status : Serving.NOT_SERVING }]),
    );
  }
}

function inform(watcher: Watcher, status: Serving): void {
  if (watcher.told === status) return;
  watcher.told = status;
  watcher.tell(status);
}

/** Nobody asks: liveness and readiness are public. */
const probe = (): Session => ({
  dialect: 'grpc-health',
  requestId: 'health',
  credentials: { scheme: 'none' },
  address: '',
  signal: new AbortController().signal,
});

const SERVICE = '/grpc.health.v1.Health/';

export function addHealth(server: Server, health: HealthWatch): void {
  const same = (bytes: Buffer): Buffer => bytes;
  server.register(`${SERVICE}Check`, checkHandler(health), same, identity, 'unary');
  server.register(`${SERVICE}List`, listHandler(health), same, identity, 'unary');
  server.register(`${SERVICE}Watch`, watchHandler(health), same, identity, 'serverStream');
}

const serviceIn = (bytes: Uint8Array): string =>
  (decoded(HealthCheckRequestSchema, bytes) as HealthCheckRequest).service;

const answerBytes = (status: Serving): Buffer =>
  Buffer.from(toBinary(HealthCheckResponseSchema, create(HealthCheckResponseSchema, { status })));

type Answer = (error: { code: number; details: string } | null, bytes?: Buffer) => void;

const refused = (thrown: unknown) => ({
  code: thrown instanceof FacetError ? GRPC.INVALID_ARGUMENT : GRPC.INTERNAL,
  details: thrown instanceof FacetError ? thrown.message : 'Internal error',
});

const checkHandler = (health: HealthWatch) => (call: ServerUnaryCall<Buffer, Buffer>, answer: Answer) => {
  Promise.resolve()
    .then(() => health.look(serviceIn(call.request)))
    .then((status) => {
      if (status !== Serving.SERVICE_UNKNOWN) answer(null, answerBytes(status));
      else answer({ code: GRPC.NOT_FOUND, details: 'The server has no service of that name' });
    })
    .catch((thrown: unknown) => answer(refused(thrown)));
};

const listHandler = (health: HealthWatch) => (_call: ServerUnaryCall<Buffer, Buffer>, answer: Answer) => {
  health
    .list()
    .then((statuses) => {
      const message = create(HealthListResponseSchema, { statuses });
      answer(null, Buffer.from(toBinary(HealthListResponseSchema, message)));
    })
    .catch((thrown: unknown) => answer(refused(thrown)));
};

const watchHandler = (health: HealthWatch) => (call: ServerWritableStream<Buffer, Buffer>) => {
  try {
    const watcher: Watcher = {
      service: serviceIn(call.request),
      told: undefined,
      tell: (status) => void call.write(answerBytes(status)),
      end: () => call.end(),
    };
    call.on('cancelled', () => health.remove(watcher));
    if (health.add(watcher)) return;
    const details = `More than ${LIMITS.grpcHealthWatchersMax} clients watch (grpcHealthWatchersMax)`;
    call.emit('error', { code: GRPC.RESOURCE_EXHAUSTED, details });
  } catch (thrown) {
    call.emit('error', refused(thrown));
  }
};
