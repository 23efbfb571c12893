/** The messages of a client's stream, one after the other: the next one is read when the one before was done with. */
import type { DescMessage, Message } from '@bufbuild/protobuf';
import type { ServerReadableStream } from '@grpc/grpc-js';
import { FacetError, offAbort, onAbort } from '../../base/index.ts';
import { decoded } from './codec.ts';

/**
 * @param taken told of the bytes of each message when its consumer asks for the next, or leaves
 * @throws INVALID_PARAMETER for bytes that are no such message, QUERY_CANCELLED when `signal` is aborted
 */
export async function* clientMessages(
  stream: ServerReadableStream<Buffer, unknown>,
  input: DescMessage,
  signal: AbortSignal,
  taken: (bytes: number) => void,
): AsyncGenerator<Message> {
  let wake: () => void = () => {};
  const woken = (): void => wake();
  stream.on('readable', woken);
  stream.on('end', woken);
  onAbort(signal, woken);
  try {
    for (;;) {
      if (signal.aborted) throw new FacetError('QUERY_CANCELLED', 'The client went away');
      const bytes = stream.read() as Buffer | null;
      if (bytes !== null) {
        try {
          yield decoded(input, bytes);
        } finally {
          taken(bytes.length);
        }
      } else if (stream.readableEnded) return;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    stream.off('readable', woken);
    stream.off('end', woken);
    offAbort(signal, woken);
  }
}
