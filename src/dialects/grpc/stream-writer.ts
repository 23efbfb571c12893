/** Messages of a stream to its client, at the pace at which the client takes them. */
import type { DescMessage } from '@bufbuild/protobuf';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { offAbort, onAbort } from '../../base/index.ts';
import { encoded } from './codec.ts';
import type { Replies } from './surface.ts';

type Stream = ServerWritableStream<unknown, Uint8Array>;

/**
 * Returns early when the client goes away or the call is over; leaving the loop ends what makes the messages.
 * @param signal of the call: aborted once nobody wants its messages any more, which may be while the client does not read
 * @param ahead messages that may wait for the client to take them; undefined: what the stream buffers by itself
 */
export async function sendAll(
  stream: Stream,
  replies: Replies,
  output: DescMessage,
  signal: AbortSignal,
  ahead: number | undefined,
): Promise<void> {
  if (ahead !== undefined) {
    await sendBounded(stream, replies, output, signal, ahead);
    return;
  }
  for await (const group of replies) {
    for (const reply of group) {
      if (isOver(stream, signal)) return;
      if (!stream.write(encoded(output, reply))) await drained(stream, signal);
    }
    if (isOver(stream, signal)) return;
  }
}

const isOver = (stream: Stream, signal: AbortSignal): boolean => stream.cancelled || signal.aborted;

async function sendBounded(
  stream: Stream,
  replies: Replies,
  output: DescMessage,
  signal: AbortSignal,
  ahead: number,
): Promise<void> {
  let waiting = 0;
  let wake: () => void = () => {};
  // Not for each message: the one that makes half of the room free wakes the writer.
  const taken = (): void => {
    waiting--;
    if (waiting <= ahead / 2) wake();
  };
  const cancelled = (): void => wake();
  stream.on('cancelled', cancelled);
  onAbort(signal, cancelled);
  try {
    for await (const group of replies) {
      for (const reply of group) {
        while (waiting >= ahead && !isOver(stream, signal)) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        if (isOver(stream, signal)) return;
        waiting++;
        stream.write(encoded(output, reply), taken);
      }
      if (isOver(stream, signal)) return;
    }
  } finally {
    stream.off('cancelled', cancelled);
    offAbort(signal, cancelled);
  }
}

function drained(stream: Stream, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      stream.off('cancelled', done);
      offAbort(signal, done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('cancelled', done);
    onAbort(signal, done);
    if (isOver(stream, signal)) done();
  });
}
