/** What all services of the dialect share. */
import { FacetError } from '../../../base/index.ts';
import type { Marks } from '../marks.ts';
import type { NeumannSettings } from '../settings.ts';
import type { Wire } from '../wire/index.ts';
import type { Cursors } from './cursors.ts';

export interface Service {
  readonly wire: Wire;
  readonly settings: NeumannSettings;
  readonly marks: Marks;
  readonly cursors: Cursors;
}

/** @throws RESULT_TOO_LARGE */
export function assertSendable(
  message: Uint8Array,
  { messageBytesMax }: Pick<NeumannSettings, 'messageBytesMax'>,
): Uint8Array {
  if (message.length <= messageBytesMax) return message;
  throw new FacetError(
    'RESULT_TOO_LARGE',
    `The answer is larger than ${messageBytesMax} bytes (neumann-max-message-size)`,
    { hint: 'Use ExecuteStream, or ask for less.' },
  );
}
