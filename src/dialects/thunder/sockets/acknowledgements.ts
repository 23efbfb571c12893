/**
 * Acknowledgements of one feed on their way to the database: one at a time, and of those that come meanwhile only the last,
 * because each stands for all before it. So a client may acknowledge every event.
 */
import { asFacetError, type FacetError } from '../../../base/index.ts';
import { type Lsn, parseLsn } from '../../../engine/index.ts';
import type { AttachResult } from '../../../models/index.ts';
import { type Message, optionalInteger, requiredText } from './messages.ts';

export interface Ack {
  readonly lsn: Lsn;
  readonly sequence: number | undefined;
}

/** @throws MISSING_PARAMETER, INVALID_PARAMETER */
export function readAck(message: Message): Ack {
  return {
    lsn: parseLsn(requiredText(message, 'lsn'), 'lsn'),
    sequence: optionalInteger(message.members, 'sequence'),
  };
}

export class Acknowledgements {
  readonly #acknowledge: AttachResult['ack'];
  readonly #failed: (error: FacetError) => void;
  #next: Ack | undefined = undefined;
  #working: Promise<void> | undefined = undefined;

  /** `failed` is told what is wrong with one, such as a position that was not delivered. */
  constructor(acknowledge: AttachResult['ack'], failed: (error: FacetError) => void) {
    this.#acknowledge = acknowledge;
    this.#failed = failed;
  }

  add(ack: Ack): void {
    this.#next = ack;
    this.#working ??= this.#work();
  }

  /** Resolves when those that came are durable, or have failed. */
  async settled(): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    for (;;) {
      const ack = this.#next;
      if (ack === undefined) break;
      this.#next = undefined;
      try {
        await this.#acknowledge(ack.lsn, ack.sequence);
      } catch (thrown) {
        this.#failed(asFacetError(thrown));
      }
    }
    this.#working = undefined;
  }
}
