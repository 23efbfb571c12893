/**
 * Pages of a query: ExecutePaginated and CloseCursor. The statement runs for every page, and only as one that reads, so that
 * asking for a page again changes nothing. Between two pages others may change what the statement finds.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import { asFacetError, FacetError, LIMITS, roleAllows } from '../../../base/index.ts';
import { sqlQuery } from '../../../models/index.ts';
import { type GrpcCall, type Procedure, unary, WireWriter } from '../../grpc/index.ts';
import { encodeResponse } from '../encode.ts';
import type { PaginatedQueryRequest } from '../gen/neumann_pb.ts';
import { resultKindOf } from '../statements/index.ts';
import { numberOf } from '../wire/index.ts';
import type { Position } from './cursors.ts';
import { isPaged, type Page, pageOf } from './page.ts';
import { assertSendable, type Service } from './service.ts';

/** Wire type of fields with a length. */
const WITH_LENGTH = 2;

export const executePaginated = (service: Service): Procedure =>
  unary(service.wire.queryService.method.executePaginated, sqlQuery, async (request, call) =>
    service.marks.watch('query', async () => {
      const position = positionOf(service, request, call);
      const isCounted = request.countTotal === true && position.total === undefined;
      const page = await readingOnly(request.query, call, position, isCounted);
      return assertSendable(answerOf(service, request.query, call, position, page), service.settings);
    }),
  );

export const closeCursor = ({ wire, cursors }: Service): Procedure =>
  unary(wire.queryService.method.closeCursor, sqlQuery, async ({ cursor }, { session }) => ({
    success: cursors.close(cursor, session),
  }));

/** Clients send zeros and empty texts for what they do not say. @throws INVALID_PARAMETER, INVALID_CURSOR */
function positionOf({ cursors }: Service, request: PaginatedQueryRequest, { session }: GrpcCall): Position {
  const { query, cursor = '', pageSize = 0, cursorTtlSecs = 0 } = request;
  if (pageSize > LIMITS.neumannPageMax) {
    throw new FacetError(
      'INVALID_PARAMETER',
      `'page_size': ${pageSize} is more than ${LIMITS.neumannPageMax} (neumannPageMax)`,
    );
  }
  if (cursor !== '') {
    const found = cursors.read(cursor, query, session);
    return pageSize === 0 ? found : { ...found, pageSize };
  }
  const seconds = cursorTtlSecs === 0 ? LIMITS.neumannCursorSecondsDefault : cursorTtlSecs;
  const size = pageSize === 0 ? LIMITS.neumannPageDefault : pageSize;
  return cursors.begin(size, Math.min(seconds, LIMITS.neumannCursorSecondsMax));
}

async function readingOnly(
  query: string,
  call: GrpcCall,
  position: Position,
  isCounted: boolean,
): Promise<Page> {
  const kind = resultKindOf(query);
  if (!isPaged(kind)) {
    throw new FacetError('INVALID_PARAMETER', 'Result type not supported for pagination', {
      hint: 'Send the statement by Execute.',
    });
  }
  const { principal } = call.session;
  const mayWrite = principal !== undefined && roleAllows(principal.role, 'write');
  const session = mayWrite
    ? { ...call.session, principal: { ...principal, role: 'read' as const } }
    : call.session;
  try {
    return await pageOf(kind, query, { ...call, session }, position, isCounted);
  } catch (thrown) {
    const error = asFacetError(thrown);
    const isWrite = error.code === 'FORBIDDEN' || error.code === 'READ_ONLY_TRANSACTION';
    if (!mayWrite || !isWrite) throw error;
    throw new FacetError('INVALID_PARAMETER', 'A statement that writes cannot be paginated', {
      hint: 'Send the statement by Execute.',
      cause: error,
    });
  }
}

function answerOf(
  { wire, cursors }: Service,
  query: string,
  { session }: GrpcCall,
  position: Position,
  page: Page,
): Uint8Array {
  const { output } = wire.queryService.method.executePaginated;
  const { offset, pageSize } = position;
  const total = position.total ?? page.total;
  const at = (place: number): string => cursors.text({ ...position, offset: place, total }, query, session);
  const rest = toBinary(
    output,
    create(output, {
      hasMore: page.hasMore,
      pageSize,
      ...(page.hasMore ? { nextCursor: at(offset + pageSize) } : {}),
      ...(offset > 0 ? { prevCursor: at(Math.max(0, offset - pageSize)) } : {}),
      ...(total === undefined ? {} : { totalCount: BigInt(total) }),
    }),
  );
  const writer = new WireWriter();
  writer.bytes((numberOf(output, 'result') << 3) | WITH_LENGTH, encodeResponse(wire, page.result));
  // Fields may come in any order, so that messages one after the other are one message.
  return Buffer.concat([writer.message(), rest]);
}
