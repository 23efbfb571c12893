/** Results as bytes of protobuf: in parts, so that others get their turn, and with the numbers of names looked up. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AnswerHold, LIMITS } from '../../base/index.ts';
import type { Session } from '../../dispatch/index.ts';
import { type BackwardWriter, type Pieces, type ResultFrame, ResultMessage } from '../../strana/index.ts';
import type { NameNumbers } from './name-numbers.ts';
import type { Row } from './statements.ts';

/** Rows that are written in one go: below a millisecond of plain rows. */
const ROWS_AT_ONCE = 1_000;

export interface Rows {
  readonly rows: readonly Row[];
  /** What they hold in memory, about. */
  readonly heldBytes: number;
}

/** One whole ServerMessage; `isEntry`: one entry of a BatchResult. @throws RESULT_TOO_LARGE, UNAVAILABLE, LIMIT_EXCEEDED */
export async function resultPieces(
  names: NameNumbers,
  session: Session,
  frame: ResultFrame,
  { rows, heldBytes }: Rows,
  isEntry: boolean,
  head?: (writer: BackwardWriter, bytes: number) => void,
): Promise<Pieces> {
  const message = new ResultMessage();
  const last = (from: number): Promise<Pieces> =>
    names.writing(rows, from, rows.length, session, () =>
      isEntry ? message.entry(frame, rows, from, names) : message.message(frame, rows, from, names, head),
    );
  if (rows.length <= ROWS_AT_ONCE && heldBytes <= LIMITS.answerBytesSmall) return await last(0);
  const hold = new AnswerHold();
  try {
    hold.take(heldBytes);
    let from = 0;
    for (; rows.length - from > ROWS_AT_ONCE; from += ROWS_AT_ONCE) {
      const to = from + ROWS_AT_ONCE;
      const start = from;
      await names.writing(rows, start, to, session, () => message.add(rows, start, to, names));
      await nextTurn();
    }
    return await last(from);
  } finally {
    hold.release();
  }
}

/** Payloads of so many bytes have their length in eight bytes, those below 126 in the second byte of the frame. */
const LONG_LENGTH = 65_536;

/** The head of a binary frame as servers send it, unmasked (RFC 6455 section 5.2), in front of a message. */
export function frameHead(writer: BackwardWriter, bytes: number): void {
  if (bytes < 126) writer.byte(bytes);
  else {
    const lengthBytes = bytes < LONG_LENGTH ? 2 : 8;
    let rest = bytes;
    for (let at = 0; at < lengthBytes; at++) {
      writer.byte(rest % 256);
      rest = Math.floor(rest / 256);
    }
    writer.byte(lengthBytes === 2 ? 126 : 127);
  }
  writer.byte(0x82);
}
