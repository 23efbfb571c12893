/** Messages of a stream to its client, at the pace at which the client takes them. */
import type { DescMessage } from '@bufbuild/protobuf';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { encoded } from './codec.ts';
import type { Replies } from './surface.ts';

type Stream = ServerWritableStream<unknown, Uint8Array>;

/** Returns early when the client goes away; leaving the loop ends what makes the messages. */
export async function sendAll(stream: Stream, replies: Replies, output: DescMessage): Promise<void> {
  for await (const group of replies) {
    for (const reply of group) {
      if (stream.cancelled) return;
      if (!stream.write(encoded(output, reply))) await drained(stream);
    }
    if (stream.cancelled) return;
  }
}

function drained(stream: Stream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      stream.off('cancelled', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('cancelled', done);
    if (stream.cancelled) done();
  });
}
