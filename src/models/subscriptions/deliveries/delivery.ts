/** What a webhook's receiver gets: headers, and the signature that they carry. Pure. The body is made by the server. */
import { createHmac } from 'node:crypto';
import type { RowChange } from '../row-change.ts';

/** One batch of changes on its way. Tries of it have the same id. */
export interface Delivery {
  readonly id: string;
  readonly subscription: { readonly id: string; readonly name: string; readonly includeOldValues: boolean };
  readonly changes: readonly RowChange[];
}

/** Writes the body of a delivery: JSON text. */
export type EncodeDelivery = (delivery: Delivery) => string;

/**
 * The receiver computes the same from its secret, the X-Thunder-Timestamp header and the bytes of the body, and compares in
 * constant time. The timestamp is signed, too, so that an old delivery cannot be sent again as a new one.
 */
export const signature = (secret: string, timestamp: string, body: string): string =>
  `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;

/** `timestamp`: Unix time in seconds, of this try. `attempt` counts from 1. */
export function deliveryHeaders(
  delivery: Delivery,
  given: {
    readonly secret: string | null;
    readonly attempt: number;
    readonly timestamp: string;
    readonly body: string;
  },
): Record<string, string> {
  const { secret, attempt, timestamp, body } = given;
  return {
    'Content-Type': 'application/json; charset=utf-8',
    'User-Agent': 'Facet',
    'X-Thunder-Subscription-Id': delivery.subscription.id,
    'X-Thunder-Delivery-Id': delivery.id,
    'X-Thunder-Attempt': String(attempt),
    'X-Thunder-Timestamp': timestamp,
    ...(secret === null ? {} : { 'X-Thunder-Signature': signature(secret, timestamp, body) }),
  };
}
