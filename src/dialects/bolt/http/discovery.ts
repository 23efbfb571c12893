/** What `GET /` tells programs for Neo4j that ask for JSON: where Bolt and both HTTP APIs are. */
import type { IncomingHttpHeaders } from 'node:http';
import { agentOf } from '../settings.ts';
import { originOf } from './own-address.ts';

interface Discovery {
  readonly headers: IncomingHttpHeaders;
  readonly isSecure: boolean;
  readonly trustProxy: boolean;
  /** Of this program. */
  readonly version: string;
  /** `host:port` under which drivers reach Bolt; undefined while it is off. */
  readonly bolt:
    | { readonly port: number; readonly isSecure: boolean; readonly address?: string | undefined }
    | undefined;
}

const AGENT = 'Neo4j/';

/** The JSON text; undefined for a request that does not ask for JSON by name. */
export function discoveryJson({
  headers,
  isSecure,
  trustProxy,
  version,
  bolt,
}: Discovery): string | undefined {
  if (!/\bapplication\/json\b/i.test(headers.accept ?? '')) return undefined;
  const origin = originOf(headers, isSecure, trustProxy);
  // A client may name a host that is none.
  const host = URL.canParse(origin) ? new URL(origin).hostname : 'localhost';
  const address = bolt && (bolt.address ?? `${host}:${bolt.port}`);
  const mark = bolt?.isSecure === true ? '+s' : '';
  return JSON.stringify({
    ...(address === undefined
      ? {}
      : { bolt_routing: `neo4j${mark}://${address}`, bolt_direct: `bolt${mark}://${address}` }),
    transaction: `${origin}/db/{databaseName}/tx`,
    query: `${origin}/db/{databaseName}/query/v2`,
    neo4j_version: agentOf(version).slice(AGENT.length),
    neo4j_edition: 'community',
  });
}
