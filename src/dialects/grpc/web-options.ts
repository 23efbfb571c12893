/** What gRPC-Web and Connect need of the server. */
import type { Observe } from '../../base/index.ts';
import type { Dispatch } from '../../dispatch/index.ts';
import type { CorsRules } from './cors.ts';

export interface WebOptions {
  readonly dispatch: Dispatch;
  /** Of one request; the listener bounds what all of them hold together. */
  readonly bodyBytesMax: number;
  readonly trustProxy: boolean;
  readonly observe: Observe;
  /** Pages of other sites that may call. Absent: none. */
  readonly cors?: CorsRules | undefined;
}
