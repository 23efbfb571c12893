/** The procedures of thunder.ThunderQuery that run or explain SQL. */
import { FacetError, LIMITS } from '../../../base/index.ts';
import type { Session } from '../../../dispatch/index.ts';
import { type ExplainResult, sqlExplain, sqlQuery, sqlStream } from '../../../models/index.ts';
import { type GrpcCall, serverStreaming, unary } from '../../grpc/index.ts';
import { planOf, toWire } from '../field-names.ts';
import { Consistency, type QueryRequest, ThunderQuery } from './gen/thunder_pb.ts';
import { parametersOf } from './parameters.ts';
import { queryResponse, RowMessages } from './query-codec.ts';

const { method } = ThunderQuery;

export const execute = unary(method.execute, sqlQuery, async (request, call) =>
  queryResponse(
    await call.dispatch.call(sqlQuery, inputOf(request, call), inTransaction(request, call.session)),
  ),
);

export const executeStream = serverStreaming(method.executeStream, sqlStream, async (request, call) => {
  const stream = await call.dispatch.call(
    sqlStream,
    inputOf(request, call),
    inTransaction(request, call.session),
  );
  const messages = new RowMessages(await stream.columns);
  return rowMessages(stream.batches, messages);
});

type Batches = AsyncIterable<readonly (readonly (string | null)[])[]>;

/** Not all rows of a batch at once: while a client does not read, only some wait for it as bytes. */
async function* rowMessages(batches: Batches, messages: RowMessages): AsyncGenerator<readonly Uint8Array[]> {
  for await (const batch of batches) {
    for (let at = 0; at < batch.length; at += ROWS_AT_ONCE) {
      yield batch.slice(at, at + ROWS_AT_ONCE).map((row) => messages.of(row));
    }
  }
  const head = messages.headAlone();
  if (head !== undefined) yield [head];
}

/** Some 10 KB of short rows. */
const ROWS_AT_ONCE = 256;

export const explain = unary(method.explain, sqlExplain, async (request, call) => {
  const { sql, analyze, verbose, format } = request;
  const asked = format === '' ? (['text', 'json'] as const) : [formatOf(format)];
  const input = { sql, analyze, verbose, timeoutMs: timeoutOf(0, call) };
  let planText = '';
  let planJson: Uint8Array = new Uint8Array();
  let planningTimeMs = 0;
  let executionTimeMs = 0;
  for (const each of asked) {
    // An analyzed statement runs: once is enough, so that only one of two answers has its times.
    const analyzed = analyze && each === asked.at(-1);
    const found = await call.dispatch.call(
      sqlExplain,
      { ...input, analyze: analyzed, format: each },
      call.session,
    );
    if (typeof found.plan === 'string') planText = found.plan;
    else planJson = treeText(found);
    planningTimeMs = found.planningTimeMs;
    executionTimeMs = found.executionTimeMs ?? executionTimeMs;
  }
  return { planText, planJson, planningTimeMs, executionTimeMs };
});

/** As the answer over REST has it. */
const EXPLAINED = planOf(sqlExplain.output);

const treeText = (found: ExplainResult): Uint8Array =>
  Buffer.from(JSON.stringify((toWire(found, EXPLAINED) as { readonly plan: unknown }).plan));

const FORMATS = ['text', 'json', 'dot'] as const;

function formatOf(given: string): (typeof FORMATS)[number] {
  const found = FORMATS.find((format) => format === given);
  if (found !== undefined) return found;
  throw new FacetError('INVALID_PARAMETER', `'format': expected one of ${FORMATS.join(', ')}, or nothing`);
}

const CONSISTENCIES = new Map<number, string>([
  [Consistency.STRONG, 'strong'],
  [Consistency.EVENTUAL, 'eventual'],
  [Consistency.STALE, 'stale'],
]);

function inputOf(request: QueryRequest, call: GrpcCall): Record<string, unknown> {
  const { sql, params, timeoutMs, consistency } = request;
  const known = CONSISTENCIES.get(consistency);
  if (known === undefined) {
    throw new FacetError('INVALID_PARAMETER', `'consistency': ${consistency} is no value of Consistency`);
  }
  return {
    sql,
    params: params.length === 0 ? undefined : parametersOf(params),
    timeoutMs: timeoutOf(timeoutMs, call),
    consistency: known,
  };
}

/** What the client asks for, 0 for the default, but no longer than its deadline. */
function timeoutOf(asked: number, call: GrpcCall): number | undefined {
  const left = call.timeLeftMs();
  if (left === undefined) return asked === 0 ? undefined : asked;
  const own = asked === 0 ? LIMITS.queryTimeoutMsDefault : asked;
  if (left < own) return left;
  return asked === 0 ? undefined : asked;
}

/** @throws INVALID_PARAMETER when message and metadata name different transactions */
export function inTransaction({ txnId }: { readonly txnId: string }, session: Session): Session {
  if (txnId === '' || txnId === session.transactionId) return session;
  if (session.transactionId !== undefined) {
    throw new FacetError('INVALID_PARAMETER', 'txn_id and the metadata name different transactions');
  }
  return { ...session, transactionId: txnId };
}
