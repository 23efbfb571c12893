/**
 * Routes for those who look after a graph: snapshots and the journal. Not graphd's own; the command line tools use them.
 * What changes something or hands out a whole graph needs role admin.
 */
import { FacetError } from '../../base/index.ts';
import type { Dispatch, Session } from '../../dispatch/index.ts';
import {
  journalDisable,
  journalEnable,
  journalExport,
  journalPrune,
  journalStatus,
  journalVerify,
  type Operation,
  snapshotList,
  snapshotRead,
} from '../../models/index.ts';
import { type HttpAnswer, type HttpRequest, type HttpRoute, JSON_TYPE, LINES_TYPE } from '../http/index.ts';

const BYTES_TYPE = 'application/octet-stream';

const json = (value: unknown): HttpAnswer => ({
  status: 200,
  contentType: JSON_TYPE,
  body: JSON.stringify(value),
});

/** Bytes as they come; when they are broken off, a trailer says why. */
const bytes = (pieces: AsyncIterable<Uint8Array>, headers: Readonly<Record<string, string>>): HttpAnswer => ({
  status: 200,
  contentType: BYTES_TYPE,
  headers,
  asBytes: true,
  body: async (writer) => {
    for await (const piece of pieces) if (!(await writer.addBytes(piece))) break;
  },
});

/** A route whose answer is the result of an operation. */
const plain = <Input, Output>(
  method: 'GET' | 'POST',
  path: string,
  operation: Operation<Input, Output>,
  inputOf: (request: HttpRequest) => unknown = () => ({}),
): HttpRoute => ({
  method,
  path,
  operation,
  ignoresBody: method === 'GET',
  answer: async (request, session, dispatch) =>
    json(await dispatch.call(operation, inputOf(request), session)),
});

/** The graph as it is now, as a dump. Headers say where in the journal that is. */
const readSnapshot: HttpRoute = {
  method: 'GET',
  path: '/v1/snapshot',
  operation: snapshotRead,
  ignoresBody: true,
  answer: async (_request, session, dispatch) => {
    const { sequence, chainHash, pieces } = await dispatch.call(snapshotRead, {}, session);
    return bytes(pieces, { 'x-facet-sequence': String(sequence), 'x-facet-chain-hash': chainHash });
  },
};

/** `?from=1&to=100&format=segments`. Headers say what the first entry stands behind, and which is the last. */
const exportEntries: HttpRoute = {
  method: 'GET',
  path: '/v1/journal/export',
  operation: journalExport,
  ignoresBody: true,
  answer: async ({ query }, session, dispatch) => {
    const { from, to, format, namespace: _, ...others } = query;
    const [unknown] = Object.keys(others);
    if (unknown !== undefined) {
      throw new FacetError(
        'INVALID_PARAMETER',
        `There is no parameter '${unknown}'; there are from, to, format`,
      );
    }
    const input = {
      ...(from === undefined ? {} : { from: numberOf('from', from) }),
      ...(to === undefined ? {} : { to: numberOf('to', to) }),
      ...(format === undefined ? {} : { format }),
    };
    const { after, head, chunks } = await dispatch.call(journalExport, input, session);
    return bytes(chunks, {
      'x-facet-after-sequence': String(after.sequence),
      'x-facet-after-hash': after.hash,
      'x-facet-sequence': String(head.sequence),
      'x-facet-chain-hash': head.hash,
    });
  },
};

function numberOf(name: string, text: string | readonly string[]): number {
  if (typeof text === 'string' && /^\d{1,15}$/.test(text)) return Number(text);
  throw new FacetError('INVALID_PARAMETER', `${name} is the number of an entry`);
}

/** One line for each step, the last with the result. */
const verify: HttpRoute = {
  method: 'POST',
  path: '/v1/journal/verify',
  operation: journalVerify,
  answer: async (_request, session, dispatch) => {
    const steps = await stepsOf(session, dispatch);
    return {
      status: 200,
      contentType: LINES_TYPE,
      body: async (writer) => {
        for await (const step of steps) {
          if (writer.closed) break;
          await writer.add(`${JSON.stringify(step)}\n`);
        }
      },
    };
  },
};

const stepsOf = async (session: Session, dispatch: Dispatch): Promise<AsyncIterable<unknown>> =>
  (await dispatch.call(journalVerify, {}, session)).steps;

export const MAINTENANCE_ROUTES: readonly HttpRoute[] = [
  readSnapshot,
  plain('GET', '/v1/snapshots', snapshotList),
  plain('GET', '/v1/journal', journalStatus),
  plain('POST', '/v1/journal/enable', journalEnable),
  plain('POST', '/v1/journal/disable', journalDisable),
  plain('POST', '/v1/journal/prune', journalPrune, ({ body }) => body ?? {}),
  exportEntries,
  verify,
];
