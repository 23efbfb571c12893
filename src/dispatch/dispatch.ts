/**
 * The gate in front of every model. Each call passes the same steps, in this order: is the server accepting, who
 * asks, may they, may they now, does the input fit the schema, which namespace and transaction, then run. One
 * observation per call, whatever happens. No dialect reaches a model another way.
 *
 * A refused call costs no PostgreSQL work: everything before `run` happens in this process.
 */
import {
  asFacetError,
  FacetError,
  monotonicMs,
  type Observe,
  type Principal,
  roleAllows,
} from '../base/index.ts';
import type { Database, Store } from '../engine/index.ts';
import {
  assertPayload,
  type Operation,
  type OperationContext,
  type ServerFacts,
  type Usage,
} from '../models/index.ts';
import type { AdmissionControl } from './admission.ts';
import { inputError } from './input-error.ts';
import type { Authenticate, Session } from './session.ts';

export interface DispatchOptions {
  readonly store: Store;
  readonly authenticate: Authenticate;
  readonly admission: AdmissionControl;
  readonly server: ServerFacts;
  /** Counts what callers with plans use. Absent: nobody has one. */
  readonly usage?: Usage | undefined;
  readonly observe: Observe;
  /** Checks results against the operation's output schema: for tests, it costs a pass over the result. */
  readonly checkOutput?: boolean | undefined;
}

export interface Dispatch {
  readonly store: Store;
  /**
   * Runs an operation for a session. For a streaming operation the promise resolves when the stream is ready;
   * the dialect drains it and `session.signal` ends it.
   * @throws FacetError, always; its code is in the observation too.
   */
  call<Input, Output>(operation: Operation<Input, Output>, input: unknown, session: Session): Promise<Output>;
  /**
   * The first steps of the gate alone: is the server accepting, who asks, may they, may they now. For dialects that
   * read a request in two parts, so that nobody's body is read who may not send it. `call` does not repeat them.
   * A refusal is observed as one of that operation.
   * Undefined when that needed no waiting: this is the hot path, and a promise per request is felt there.
   * @throws UNAVAILABLE, UNAUTHORIZED, TOO_MANY_ATTEMPTS, FORBIDDEN, RATE_LIMITED, PAYLOAD_TOO_LARGE, QUOTA_EXCEEDED, at once or by rejecting
   */
  admit(operation: GuardedOperation, session: Session): Promise<void> | undefined;
  /**
   * False when the caller presented nothing and has to: for connections that may say who they are later. Nothing is
   * checked of what was presented, observed or charged: that is for `admit`.
   */
  saysWhoAsks(session: Session): Promise<boolean>;
  /**
   * What `call` checks before it runs: all of `admit`, and the input. For dialects that take a command now and run it
   * later, so that a wrong one is refused when it comes.
   * @throws as `admit`; INVALID_PARAMETER, MISSING_PARAMETER
   */
  check<Input, Output>(operation: Operation<Input, Output>, input: unknown, session: Session): Promise<void>;
  /** Operations under way. */
  readonly inFlight: number;
}

/** What the first steps look at. */
export type GuardedOperation = Pick<
  Operation,
  'name' | 'access' | 'category' | 'unmetered' | 'whileStopping' | 'batchOf'
>;

const MAY_CREATE = { create: true };
const MAY_NOT_CREATE = { create: false };

const NOBODY: Principal = { name: '', role: 'read' };

export function createDispatch(options: DispatchOptions): Dispatch {
  const { store, admission, server, observe, usage } = options;

  async function call<Input, Output>(
    operation: Operation<Input, Output>,
    input: unknown,
    session: Session,
  ): Promise<Output> {
    const startedAtMs = monotonicMs();
    let leave: (() => void) | undefined;
    let namespace = session.namespace ?? '';
    let failure: FacetError | undefined;
    let asked = operation.batchOf === undefined ? 1 : 0;
    try {
      const passing = pass(operation, session);
      const principal = passing instanceof Promise ? await passing : passing;
      leave = admission.enter();
      const parsed = validate(operation, input, session);
      const opening = databaseOf(operation, session, principal, store);
      const database = opening instanceof Promise ? await opening : opening;
      namespace = database.namespace;
      if (principal.plan !== undefined) {
        await usage?.begin(operation, principal, database, operation.weight?.(parsed));
      }
      const context: OperationContext = {
        store,
        database,
        transaction:
          session.transactionId === undefined || operation.access === 'public'
            ? undefined
            : database.transaction(session.transactionId, principal.name),
        principal,
        requestId: session.requestId,
        signal: session.signal,
        observe,
        server,
        usage,
      };
      const output = await operation.run(context, parsed);
      if (options.checkOutput) checkOutput(operation, output);
      if (operation.batchOf !== undefined) asked = operation.weight?.(parsed) ?? 1;
      return output;
    } catch (thrown) {
      failure = asFacetError(thrown);
      throw failure;
    } finally {
      leave?.();
      report(operation, session, namespace, failure, monotonicMs() - startedAtMs, asked);
    }
  }

  function admit(operation: GuardedOperation, session: Session): Promise<void> | undefined {
    const startedAtMs = monotonicMs();
    try {
      const passing = pass(operation, session);
      if (!(passing instanceof Promise)) return undefined;
      return passing.then(
        () => undefined,
        (thrown: unknown) => refused(operation, session, startedAtMs, thrown),
      );
    } catch (thrown) {
      return refused(operation, session, startedAtMs, thrown);
    }
  }

  async function saysWhoAsks({ credentials, address }: Session): Promise<boolean> {
    if (credentials.scheme !== 'none') return true;
    try {
      await options.authenticate(credentials, address);
      return true;
    } catch (thrown) {
      if (asFacetError(thrown).code === 'UNAUTHORIZED') return false;
      throw thrown;
    }
  }

  function refused(
    operation: GuardedOperation,
    session: Session,
    startedAtMs: number,
    thrown: unknown,
  ): never {
    const failure = asFacetError(thrown);
    report(operation, session, session.namespace ?? '', failure, monotonicMs() - startedAtMs, 1);
    throw failure;
  }

  async function check<Input, Output>(
    operation: Operation<Input, Output>,
    input: unknown,
    session: Session,
  ): Promise<void> {
    await admit(operation, session);
    validate(operation, input, session);
  }

  function pass(operation: GuardedOperation, session: Session): Principal | Promise<Principal> {
    if (!server.accepting() && operation.access !== 'public' && operation.whileStopping !== true) {
      throw new FacetError('UNAVAILABLE', 'The server is stopping', { retryAfterSeconds: 1 });
    }
    const known =
      session.principal ??
      (operation.access === 'public' ? NOBODY : options.authenticate(session.credentials, session.address));
    return known instanceof Promise
      ? known.then((principal) => proceed(operation, session, principal))
      : proceed(operation, session, known);
  }

  function proceed(
    operation: GuardedOperation,
    session: Session,
    principal: Principal,
  ): Principal | Promise<Principal> {
    session.principal = principal;
    assertRole(operation, principal);
    if (session.admission === undefined && (admission.enabled || principal.plan !== undefined)) {
      takeToken(operation, session, principal);
    }
    if (principal.plan === undefined) return principal;
    assertPayload(principal, session.bodyBytes);
    const admitting = usage?.admit(operation, principal, session.connection);
    return admitting === undefined ? principal : admitting.then(() => principal);
  }

  function report(
    operation: GuardedOperation,
    session: Session,
    namespace: string,
    failure: FacetError | undefined,
    durationMs: number,
    asked: number,
  ): void {
    observe({
      type: 'operation',
      operation: operation.name,
      dialect: session.dialect,
      principal: session.principal?.name ?? '',
      namespace,
      requestId: session.requestId,
      outcome: failure?.code ?? 'ok',
      durationMs,
      asked: operation.batchOf ?? operation.name,
      askedCount: session.partial === true ? 0 : asked,
      metadata: session.metadata,
      cause: failure?.kind === 'internal' ? (failure.cause ?? failure) : undefined,
    });
  }

  function takeToken(operation: GuardedOperation, session: Session, principal: Principal): void {
    const caller = principal.name === '' ? session.address : principal.name;
    session.admission = admission.take(caller, operation.category, principal.plan);
    if (session.admission.admitted) return;
    throw new FacetError(
      'RATE_LIMITED',
      `More than ${session.admission.limit} requests per second (${principal.plan === undefined ? operation.category : `plan ${principal.plan.name}`})`,
      {
        retryAfterSeconds: session.admission.retryAfterSeconds,
      },
    );
  }

  return {
    store,
    call,
    admit,
    saysWhoAsks,
    check,
    get inFlight() {
      return admission.inFlight;
    },
  };
}

function assertRole({ name, access }: GuardedOperation, principal: Principal): void {
  if (access === 'public' || roleAllows(principal.role, access)) return;
  throw new FacetError(
    'FORBIDDEN',
    `${name} needs role ${access}, and ${principal.name} has ${principal.role}`,
  );
}

function validate<Input, Output>(
  operation: Operation<Input, Output>,
  input: unknown,
  session: Session,
): Input {
  const result = operation.input.safeParse(input);
  if (result.success) return result.data;
  throw inputError(result.error, (name) => session.fieldName?.(name, operation.name) ?? name);
}

/** Public operations look at the default namespace: what opens a database is not for callers without a name. */
function databaseOf(
  operation: GuardedOperation,
  session: Session,
  principal: Principal,
  store: Store,
): Database | Promise<Database> {
  if (operation.access === 'public') {
    return store.openNamespace(store.defaultNamespace) ?? store.namespace(store.defaultNamespace);
  }
  const asked = session.namespace;
  // Who has a plan has one namespace: in each further one they would have the storage of the plan once more.
  const own = principal.namespace ?? (principal.plan === undefined ? undefined : store.defaultNamespace);
  if (own !== undefined && asked !== undefined && asked !== own) {
    throw new FacetError('FORBIDDEN', `${principal.name} may use namespace '${own}' only`);
  }
  // Whoever may only read makes nothing, and a namespace is made by its first use.
  const name = asked ?? own ?? store.defaultNamespace;
  return (
    store.openNamespace(name) ??
    store.namespace(name, roleAllows(principal.role, 'write') ? MAY_CREATE : MAY_NOT_CREATE)
  );
}

function checkOutput<Input, Output>(operation: Operation<Input, Output>, output: Output): void {
  const result = operation.output.safeParse(output);
  if (!result.success)
    throw new Error(`${operation.name} answered outside its schema: ${result.error.message}`);
}
