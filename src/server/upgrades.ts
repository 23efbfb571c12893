/**
 * Requests to upgrade a connection. Only WebSockets are upgraded to: what else clients offer (Java's asks for HTTP/2 by
 * `Upgrade: h2c` with every request in the clear) is passed over, as RFC 9110 section 7.8 allows, and the request is
 * answered as any other.
 */
import { IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { FacetError } from '../base/index.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { credentialsIn } from '../dialects/http/index.ts';
import { plainStatus, rawAnswer } from './http-words.ts';
import { foreignOrigin } from './local-origin.ts';
import { withOneSlash } from './slashes.ts';

/**
 * Node asks the request whether it wants to be upgraded after it has read the header lines, so that the answer can
 * depend on them.
 */
export class UpgradableRequest extends IncomingMessage {
  get upgrade(): boolean {
    return this.wanted === true && this.headers.upgrade?.toLowerCase() === 'websocket';
  }

  set upgrade(wanted: boolean | null) {
    this.wanted = wanted;
  }

  /** No initial value here: the constructor of the class above has set it by then. */
  private declare wanted: boolean | null;
}

export interface UpgradeOptions {
  readonly dialects: readonly Dialect[];
  readonly localOnly: boolean;
  readonly requestId: (given: string | string[] | undefined) => string;
}

export function addUpgrades(server: Server, { dialects, localOnly, requestId }: UpgradeOptions): void {
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const id = requestId(request.headers['x-request-id']);
    request.url = withOneSlash(request.url ?? '');
    const refusal = (localOnly ? foreignOrigin(request) : undefined) ?? foreignPage(request);
    if (refusal !== undefined) {
      refuse(refusal, socket, id);
      return;
    }
    for (const dialect of dialects) {
      if (dialect.upgrade?.(request, socket, head, id) === true) return;
    }
    refuse(new FacetError('NOT_FOUND', 'There is no WebSocket at this path'), socket, id);
  });
}

/**
 * Browsers let pages of any site open WebSockets, and send what they know of ours (RFC 6455 section 10.2): a page is
 * taken for one of ours when it comes from the host that it asks.
 */
function foreignPage({ headers, url = '' }: IncomingMessage): FacetError | undefined {
  const { origin, host } = headers;
  if (origin === undefined || host === undefined) return undefined;
  if (origin.replace(/^https?:\/\//i, '').toLowerCase() === host.toLowerCase()) return undefined;
  // A page that names a key was given it; what a browser adds by itself is no key in the path.
  const mark = url.indexOf('?');
  if (mark !== -1 && credentialsIn(new URLSearchParams(url.slice(mark + 1))) !== undefined) return undefined;
  return new FacetError('FORBIDDEN', 'This server takes no WebSockets from pages of other sites', {
    hint: 'Pages of other sites send their key as the parameter api_key or token.',
  });
}

function refuse(error: FacetError, socket: Socket, id: string): void {
  socket.on('error', () => {});
  socket.end(rawAnswer(plainStatus(error.code), error, id));
}
