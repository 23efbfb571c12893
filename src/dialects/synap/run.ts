/** Finds the command of a request and runs it, or keeps it for the client's open transaction. */
import { asFacetError, FacetError, type Json } from '../../base/index.ts';
import type { Dispatch, Session } from '../../dispatch/index.ts';
import type { Command, SynapSettings } from './command.ts';
import { COMMANDS } from './commands/index.ts';
import { Fields, isObject } from './fields.ts';
import { type Multi, TRANSACTION_COMMANDS } from './multi.ts';
import { clientIdIn } from './multi-clients.ts';

/** What all requests of one dialect share. */
export interface Running {
  readonly dispatch: Dispatch;
  readonly settings: SynapSettings;
  readonly multi: Multi;
  /** See CommandCall. */
  readonly mayWait?: boolean;
}

const NAME_SHOWN_MAX = 100;

/** @throws UNKNOWN_COMMAND */
export function commandNamed(name: string): Command {
  const command = COMMANDS.get(name);
  if (command !== undefined) return command;
  throw new FacetError('UNKNOWN_COMMAND', `Unknown command: ${name.slice(0, NAME_SHOWN_MAX)}`);
}

export interface Asked {
  readonly command: string;
  readonly payload: Json;
  readonly requestId: string;
}

/** JSON text of the payload of the answer. @throws FacetError */
export async function runCommand(running: Running, asked: Asked, session: Session): Promise<string> {
  const clientId = clientIdOf(asked);
  if (TRANSACTION_COMMANDS.has(asked.command)) {
    // As for any other command: what is no object names no client, and would begin a transaction that nobody can end.
    Fields.of(asked.payload);
    return await running.multi.control(asked.command, clientId ?? asked.requestId, asked.payload, session);
  }
  const command = commandNamed(asked.command);
  if (clientId !== undefined) {
    const keeping = running.multi.keep(command, clientId, asked.payload, session);
    if (keeping !== undefined) {
      await keeping;
      return '{"success":true,"queued":true}';
    }
  }
  return await command.run({ ...running, payload: asked.payload, session });
}

const clientIdOf = ({ payload }: Asked): string | undefined =>
  isObject(payload) ? clientIdIn(payload.client_id) : undefined;

/** As `runCommand`, with the failure as a value. */
export async function attempt(
  running: Running,
  asked: Asked,
  session: Session,
): Promise<string | FacetError> {
  try {
    return await runCommand(running, asked, session);
  } catch (thrown) {
    return asFacetError(thrown);
  }
}
