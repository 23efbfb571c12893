/** The procedures of neumann.v1.QueryService that run one statement. */
import { FacetError } from '../../../base/index.ts';
import { sqlQuery, sqlStream } from '../../../models/index.ts';
import { type Procedure, serverStreaming, unary } from '../../grpc/index.ts';
import { encodeChunk, encodeFinalChunk, encodeResponse } from '../encode.ts';
import type { Item, Items } from '../result.ts';
import { isStreamed, resultKindOf, runStatement, streamStatement } from '../statements/index.ts';
import { assertSendable, type Service } from './service.ts';

export const execute = ({ wire, settings, marks }: Service): Procedure =>
  unary(wire.queryService.method.execute, sqlQuery, async ({ query }, call) =>
    marks.watch('query', async () =>
      assertSendable(encodeResponse(wire, await runStatement(query, call)), settings),
    ),
  );

/** What cannot be streamed is refused before it has run. */
export const executeStream = (service: Service): Procedure =>
  serverStreaming(
    service.wire.queryService.method.executeStream,
    sqlStream,
    async ({ query }, call) => {
      const items = await service.marks.watchFailure('query', async () => {
        if (!isStreamed(resultKindOf(query))) {
          throw new FacetError('INVALID_PARAMETER', 'Result type not supported for streaming', {
            hint: 'Send the statement by Execute.',
          });
        }
        return await streamStatement(query, call);
      });
      return chunks(service, items);
    },
    { messagesAhead: service.settings.streamCapacity },
  );

async function* chunks(
  { wire, settings, marks }: Service,
  items: Items,
): AsyncGenerator<readonly Uint8Array[]> {
  const { streamCapacity } = settings;
  try {
    for await (const group of items) {
      for (let at = 0; at < group.length; at += streamCapacity) {
        const items = group.slice(at, at + streamCapacity);
        yield items
          .flatMap((item) => cut(item, settings.blobChunkBytes))
          .map((item) => encodeChunk(wire, item));
      }
    }
  } catch (thrown) {
    marks.failed('query', thrown);
    throw thrown;
  }
  marks.succeeded('query');
  yield [encodeFinalChunk(wire)];
}

/** Bytes of a blob come as they were stored; a client gets them in the pieces of a download. */
function cut(item: Item, bytesMax: number): Item | Item[] {
  if (!('case' in item) || item.case !== 'blobData' || item.value.length <= bytesMax) return item;
  const { value } = item;
  return Array.from({ length: Math.ceil(value.length / bytesMax) }, (_, at) => ({
    case: 'blobData',
    value: value.subarray(at * bytesMax, (at + 1) * bytesMax),
  }));
}
