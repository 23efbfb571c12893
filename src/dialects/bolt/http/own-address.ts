/** The address under which a client reaches this server, for links in answers: as it has named it itself. */
import { TLSSocket } from 'node:tls';
import type { Session } from '../../../dispatch/index.ts';
import type { HttpRequest } from '../../http/index.ts';

/** `http://localhost:7474/db/neo4j`; without scheme and host for a client that names none. */
export function baseOf(request: HttpRequest, session: Session, trustProxy: boolean): string {
  const path = `/db/${encodeURIComponent(request.params.database ?? '')}`;
  return `${originOf(request.headers, session.connection instanceof TLSSocket, trustProxy)}${path}`;
}

/** `http://localhost:7474`; empty for a client that names no host. */
export function originOf(headers: HttpRequest['headers'], isSecure: boolean, trustProxy: boolean): string {
  const forwarded = trustProxy ? last(headers['x-forwarded-host']) : undefined;
  const host = forwarded ?? headers.host;
  if (host === undefined || !HOST.test(host)) return '';
  const scheme =
    (trustProxy ? last(headers['x-forwarded-proto']) : undefined) ?? (isSecure ? 'https' : 'http');
  return SCHEME.test(scheme) ? `${scheme}://${host}` : '';
}

const HOST = /^[\w.:[\]-]{1,255}$/;
const SCHEME = /^https?$/;

/** What the nearest proxy has said; those before it are the client's claims. */
const last = (header: string | string[] | undefined): string | undefined =>
  header === undefined ? undefined : String(header).split(',').at(-1)?.trim();
