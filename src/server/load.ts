/**
 * The server, loaded when it is started: it is most of the program, and commands that only talk to one shall not wait for
 * it.
 */
import type { VaultKey } from '../models/index.ts';
import type { Config } from './config.ts';
import type { RunningServer, StartOptions } from './start.ts';

/** As `startServer` of start.ts. */
export async function startServer(config: Config, options: StartOptions = {}): Promise<RunningServer> {
  const loaded = await import('./start.ts');
  return loaded.startServer(config, options);
}

/** As `loadKeyFile` of vault-keys.ts. */
export async function loadKeyFile(path: string, option: string): Promise<readonly VaultKey[]> {
  const loaded = await import('./vault-keys.ts');
  return loaded.loadKeyFile(path, option);
}
