/** neumann.v1.QueryService/ExecuteBatch: statements one after the other, each on its own. */
import { create, toBinary } from '@bufbuild/protobuf';
import { asFacetError, FacetError, LIMITS } from '../../../base/index.ts';
import type { Session } from '../../../dispatch/index.ts';
import { sqlQuery } from '../../../models/index.ts';
import { type GrpcCall, type Procedure, unary, WireWriter } from '../../grpc/index.ts';
import { encodeResponse } from '../encode.ts';
import { errorInfo } from '../errors.ts';
import { runStatement } from '../statements/index.ts';
import { numberOf } from '../wire/index.ts';
import { assertSendable, type Service } from './service.ts';

/** Wire type of fields with a length. */
const WITH_LENGTH = 2;

export function executeBatch(service: Service): Procedure {
  const { method } = service.wire.queryService;
  const tag = (numberOf(method.executeBatch.output, 'results') << 3) | WITH_LENGTH;
  return unary(method.executeBatch, sqlQuery, async ({ queries }, call) => {
    if (queries.length > LIMITS.neumannBatchMax) {
      throw new FacetError(
        'INVALID_PARAMETER',
        `Batch size ${queries.length} exceeds maximum of ${LIMITS.neumannBatchMax}`,
      );
    }
    const answer = new WireWriter();
    let bytes = 0;
    for (const [at, { query }] of queries.entries()) {
      const session = at === 0 ? call.session : notPaidFor(call.session);
      const result = await runOne(service, query, { ...call, session }, bytes);
      answer.bytes(tag, result);
      bytes += result.length;
    }
    return answer.message();
  });
}

/** The rate limit is asked for each query: one batch is not cheaper than its queries. */
function notPaidFor(session: Session): Session {
  const { admission: _paid, ...others } = session;
  return others;
}

/** @param sent bytes of the answers before it: all of them go in one message */
async function runOne(service: Service, query: string, call: GrpcCall, sent: number): Promise<Uint8Array> {
  const { wire, settings, marks } = service;
  const room = { messageBytesMax: Math.max(0, settings.messageBytesMax - sent) };
  try {
    return await marks.watch('query', async () =>
      assertSendable(encodeResponse(wire, await runStatement(query, call)), room),
    );
  } catch (thrown) {
    const error = asFacetError(thrown);
    if (error.code === 'RATE_LIMITED' || call.session.signal.aborted) throw error;
    return toBinary(wire.response, create(wire.response, { error: errorInfo(error, call.session) }));
  }
}
