/** What scenarios over HTTP begin with: a server on a folder of its own, durable, on the core of servers. */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { childrenOf, SERVER_CORE } from '../pin.ts';
import { type FacetProcess, startFacet } from '../processes.ts';
import type { Surroundings } from '../scenario.ts';

export async function ownFacet(
  { scratch, defer }: Surroundings,
  options: readonly string[] = [],
): Promise<FacetProcess> {
  const store = pathToFileURL(join(mkdtempSync(join(scratch, 'facet-')), 'data')).href;
  const facet = await startFacet(store, options, SERVER_CORE);
  defer(facet.stop);
  return facet;
}

/** The PostgreSQL that a server runs, for its share of the server's cost. */
export function postgresOf(pid: number): { readonly postgres?: number } {
  const [postgres] = process.platform === 'linux' ? childrenOf(pid) : [];
  return postgres === undefined ? {} : { postgres };
}

/** Asks once. @throws Error when the answer is not 2xx */
export async function ask(port: number, method: string, path: string, body?: unknown): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text;
}

/** Sets `key-0` to `key-<count - 1>`. */
export async function fillKeys(port: number, count: number, value: string): Promise<void> {
  const step = 1_000;
  for (let at = 0; at < count; at += step) {
    const commands = Array.from({ length: Math.min(step, count - at) }, (_, n) => ({
      command: 'kv.set',
      payload: { key: `key-${at + n}`, value },
    }));
    const answer = await ask(port, 'POST', '/api/v1/command', { type: 'batch', request_id: 'r', commands });
    if (answer.includes('"success":false')) throw new Error(`filling: ${answer.slice(0, 500)}`);
  }
}
