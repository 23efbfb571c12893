/** `POST /api/v1/command`: one command or a batch. */
import { asFacetError, type ErrorKind, type Json } from '../../../base/index.ts';
import type { GuardedOperation } from '../../../dispatch/index.ts';
import { type HttpRoute, JSON_TYPE } from '../../http/index.ts';
import { runBatch } from '../batch.ts';
import { failureText, readEnvelope, successText } from '../envelope.ts';
import { messageOf } from '../errors.ts';
import { type Running, runCommand } from '../run.ts';

/** The least that any command needs. */
export const ANY_COMMAND: GuardedOperation = { name: 'synap.command', access: 'read', category: 'default' };

export const commandRoute = (running: Running): HttpRoute => ({
  method: 'POST',
  path: '/api/v1/command',
  operation: ANY_COMMAND,
  answer: async ({ body }, session) => {
    const asked = readEnvelope(body as Json | undefined, session.requestId);
    try {
      const text =
        asked.kind === 'batch'
          ? await runBatch(running, asked, session)
          : successText(asked.requestId, await runCommand(running, asked, session));
      return { status: 200, contentType: JSON_TYPE, body: text };
    } catch (thrown) {
      if (running.settings.wire === 'documented') throw thrown;
      return { status: 200, contentType: JSON_TYPE, body: releasedFailure(asked.requestId, thrown) };
    }
  },
});

/** Kinds of errors that say nothing about the command. */
const OF_THE_SERVER: ReadonlySet<ErrorKind> = new Set(['internal', 'unavailable', 'timeout', 'cancelled']);

/**
 * What the published clients read: status 200 and `error` as text. They look into no body of another status.
 * @throws what is about the server and not the command, so that clients come back later
 */
function releasedFailure(requestId: string, thrown: unknown): string {
  const error = asFacetError(thrown);
  if (OF_THE_SERVER.has(error.kind)) throw thrown;
  return failureText(requestId, JSON.stringify(messageOf(error)));
}
