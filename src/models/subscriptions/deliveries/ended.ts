/** Why a delivery does not go on, as words for the owner of the subscription. */
import { FacetError } from '../../../base/index.ts';
import type { Answer } from '../endpoints/index.ts';

/** Why the subscription itself cannot go on. */
export class Ended extends Error {
  readonly status: 'failed' | 'lost';

  constructor(status: 'failed' | 'lost', reason: string) {
    super(reason);
    this.status = status;
  }
}

/** No fault of the subscription. This worker is stopped soon. */
export const notHeld = (): FacetError => new FacetError('UNAVAILABLE', 'Another process delivers it');

export const failureOf = (answer: Answer): string =>
  answer.kind === 'failed' ? answer.why : 'It was broken off';

export function endOf(reason: FacetError): Error {
  return reason.code === 'LSN_NOT_AVAILABLE' ? new Ended('lost', reason.message) : reason;
}
