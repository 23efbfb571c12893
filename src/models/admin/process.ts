/** What an administrator may ask of this process: its settings, and to stop. */
import { FacetError } from '../../base/index.ts';
import type { OperationContext } from '../operation.ts';
import type { ConfigResult, NoInput, ShutdownResult } from './schemas.ts';

export async function config({ server }: OperationContext, _input: NoInput): Promise<ConfigResult> {
  return { settings: { ...server.settings } };
}

/** The answer goes out before the listener closes: it is a request under way, and those are waited for. */
export async function shutdown(
  { server, principal }: OperationContext,
  _input: NoInput,
): Promise<ShutdownResult> {
  if (server.shutDown === undefined) {
    throw new FacetError('FEATURE_NOT_SUPPORTED', 'This server is stopped by whoever started it');
  }
  server.shutDown(`asked for by ${principal.name === '' ? 'a client' : principal.name}`);
  return { stopping: true };
}
