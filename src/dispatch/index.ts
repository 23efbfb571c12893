/** Front door of dispatch: the gate, and what a dialect needs to go through it. */
export { AdmissionControl, DEFAULT_RATE_LIMITS, type RateLimit } from './admission.ts';
export { createDispatch, type Dispatch, type DispatchOptions, type GuardedOperation } from './dispatch.ts';
export { inTransaction } from './in-transaction.ts';
export type { Admission, Authenticate, Credentials, Session } from './session.ts';
