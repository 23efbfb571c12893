/** Front door of base: what every layer may use. */
export { offAbort, onAbort } from './abort.ts';
export { AnswerHold } from './answer-hold.ts';
export { assert, unreachable } from './assert.ts';
export { ChurnMap, ChurnSet } from './churn.ts';
export { cpuMs, monotonicMs, nowMs, randomFraction, randomHex, timestamp } from './clock.ts';
export {
  asFacetError,
  ERROR_CODES,
  ERROR_KINDS,
  type ErrorCode,
  type ErrorDetails,
  type ErrorKind,
  FacetError,
  RETIRED_CODES,
} from './errors.ts';
export { ExactNumber, type Json, parseExactJson, stringifyExactJson } from './exact-json.ts';
export { heapBytesMax } from './heap.ts';
export { LIMITS } from './limits.ts';
export { ignoreObservations, type Observation, type Observe } from './observe.ts';
export { PLANS, type Plan } from './plan.ts';
export { type Principal, ROLES, type Role, roleAllows } from './principal.ts';
export { DEFAULT_RATES, type Rate } from './rates.ts';
export { RecentMap } from './recent-map.ts';
export { didYouMean, nearest } from './suggest.ts';
export { NODE_RANGE, VERSION } from './version.ts';
