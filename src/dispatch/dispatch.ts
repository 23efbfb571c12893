/**
 * The gate in front of every model. Each call passes the same steps, in this order: is the server accepting, who
 * asks, may they, may they now, does the input fit the schema, which namespace and transaction, then run. One
 * observation per call, whatever happens. No dialect reaches a model another way.
 *
 * A refused call costs no PostgreSQL work: everything before `run` happens in this process.
 */
import type { z } from 'zod';
import {
  asFacetError,
  FacetError,
  monotonicMs,
  type Observe,
  type Principal,
  roleAllows,
} from '../base/index.ts';
import type { Database, Store } from '../engine/index.ts';
import type { Operation, OperationContext, ServerFacts } from '../models/index.ts';
import type { AdmissionControl } from './admission.ts';
import type { Authenticate, Session } from './session.ts';

export interface DispatchOptions {
  readonly store: Store;
  readonly authenticate: Authenticate;
  readonly admission: AdmissionControl;
  readonly server: ServerFacts;
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
   * @throws UNAVAILABLE, UNAUTHORIZED, TOO_MANY_ATTEMPTS, FORBIDDEN, RATE_LIMITED, at once or by rejecting
   */
  admit(operation: GuardedOperation, session: Session): Promise<void> | undefined;
  /** Operations under way. */
  readonly inFlight: number;
}

/** What the first steps look at. */
export type GuardedOperation = Pick<Operation, 'name' | 'access' | 'category'>;

const NOBODY: Principal = { name: '', role: 'read' };

export function createDispatch(options: DispatchOptions): Dispatch {
  const { store, admission, server, observe } = options;

  async function call<Input, Output>(
    operation: Operation<Input, Output>,
    input: unknown,
    session: Session,
  ): Promise<Output> {
    const startedAtMs = monotonicMs();
    let leave: (() => void) | undefined;
    let namespace = session.namespace ?? '';
    let failure: FacetError | undefined;
    try {
      const passing = pass(operation, session);
      const principal = passing instanceof Promise ? await passing : passing;
      leave = admission.enter();
      const parsed = validate(operation, input, session);
      const database = await databaseOf(operation, session, principal, store);
      namespace = database.namespace;
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
      };
      const output = await operation.run(context, parsed);
      if (options.checkOutput) checkOutput(operation, output);
      return output;
    } catch (thrown) {
      failure = asFacetError(thrown);
      throw failure;
    } finally {
      leave?.();
      report(operation, session, { namespace, failure, durationMs: monotonicMs() - startedAtMs });
    }
  }

  function admit(operation: GuardedOperation, session: Session): Promise<void> | undefined {
    const startedAtMs = monotonicMs();
    const refused = (thrown: unknown): never => {
      const failure = asFacetError(thrown);
      const namespace = session.namespace ?? '';
      report(operation, session, { namespace, failure, durationMs: monotonicMs() - startedAtMs });
      throw failure;
    };
    try {
      const passing = pass(operation, session);
      return passing instanceof Promise ? passing.then(() => undefined, refused) : undefined;
    } catch (thrown) {
      return refused(thrown);
    }
  }

  function pass(operation: GuardedOperation, session: Session): Principal | Promise<Principal> {
    if (!server.accepting() && operation.access !== 'public') {
      throw new FacetError('UNAVAILABLE', 'The server is stopping', { retryAfterSeconds: 1 });
    }
    const known =
      session.principal ??
      (operation.access === 'public' ? NOBODY : options.authenticate(session.credentials, session.address));
    const proceed = (principal: Principal): Principal => {
      session.principal = principal;
      assertRole(operation, principal);
      if (session.admission === undefined) takeToken(operation, session, principal);
      return principal;
    };
    return known instanceof Promise ? known.then(proceed) : proceed(known);
  }

  function report(
    operation: GuardedOperation,
    session: Session,
    outcome: {
      readonly namespace: string;
      readonly failure: FacetError | undefined;
      readonly durationMs: number;
    },
  ): void {
    const { failure } = outcome;
    observe({
      type: 'operation',
      operation: operation.name,
      dialect: session.dialect,
      principal: session.principal?.name ?? '',
      namespace: outcome.namespace,
      requestId: session.requestId,
      outcome: failure?.code ?? 'ok',
      durationMs: outcome.durationMs,
      ...(failure?.kind === 'internal' ? { cause: failure.cause ?? failure } : {}),
    });
  }

  function takeToken(operation: GuardedOperation, session: Session, principal: Principal): void {
    const caller = principal.name === '' ? session.address : principal.name;
    session.admission = admission.take(caller, operation.category);
    if (session.admission.admitted) return;
    throw new FacetError(
      'RATE_LIMITED',
      `More than ${session.admission.limit} requests per second (${operation.category})`,
      {
        retryAfterSeconds: session.admission.retryAfterSeconds,
      },
    );
  }

  return {
    store,
    call,
    admit,
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
  throw inputError(result.error, session.fieldName ?? String);
}

/** The first complaint of a schema as an error of ours: a missing field has a code of its own. */
function inputError(error: z.ZodError, fieldName: (name: string) => string): FacetError {
  const issue = error.issues[0];
  const path = issue?.path.map((part) => fieldName(String(part))).join('.') ?? '';
  const missing = issue?.code === 'invalid_type' && issue.message.includes('received undefined');
  if (missing) return new FacetError('MISSING_PARAMETER', `'${path}' is required`);
  if (issue?.code === 'unrecognized_keys') {
    const at = path === '' ? '' : ` in '${path}'`;
    return new FacetError(
      'INVALID_PARAMETER',
      `Unknown field${at}: ${issue.keys.map((key) => `'${key}'`).join(', ')}`,
    );
  }
  const subject = path === '' ? 'The input' : `'${path}'`;
  return new FacetError('INVALID_PARAMETER', `${subject}: ${issue?.message ?? 'is not valid'}`);
}

/** Public operations look at the default namespace: what opens a database is not for callers without a name. */
async function databaseOf(
  operation: GuardedOperation,
  session: Session,
  principal: Principal,
  store: Store,
): Promise<Database> {
  if (operation.access === 'public') return await store.namespace(store.defaultNamespace);
  const asked = session.namespace;
  if (principal.namespace !== undefined && asked !== undefined && asked !== principal.namespace) {
    throw new FacetError('FORBIDDEN', `${principal.name} may use namespace '${principal.namespace}' only`);
  }
  // Whoever may only read makes nothing, and a namespace is made by its first use.
  const create = roleAllows(principal.role, 'write');
  return await store.namespace(asked ?? principal.namespace ?? store.defaultNamespace, { create });
}

function checkOutput<Input, Output>(operation: Operation<Input, Output>, output: Output): void {
  const result = operation.output.safeParse(output);
  if (!result.success)
    throw new Error(`${operation.name} answered outside its schema: ${result.error.message}`);
}
