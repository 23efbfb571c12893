/** What the server tells the Bolt dialect: rules of the listener, and where routing drivers are sent. */
import type { IncomingMessage } from 'node:http';
import type { TlsOptions } from 'node:tls';
import type { FacetError, Observe } from '../../base/index.ts';
import type { Dispatch } from '../../dispatch/index.ts';

/** Addresses as drivers are told them, `host:port`. */
export interface BoltRoutes {
  /** Absent: the address that the client has used. */
  readonly own: string | undefined;
  /** Absent: this server. */
  readonly writers: readonly string[] | undefined;
  readonly readers: readonly string[] | undefined;
}

export interface BoltOptions {
  readonly dispatch: Dispatch;
  /** Of this program. */
  readonly version: string;
  /** Options of `tls.createServer`, those of the HTTP listener; absent: in the clear. */
  readonly tls?: TlsOptions | undefined;
  /** Connections in the clear are taken, too, where TLS is on. */
  readonly tlsOptional: boolean;
  /** What the server has against a page that opens a WebSocket; undefined: nothing. */
  readonly refusal: (request: IncomingMessage) => FacetError | undefined;
  /** One message of a client that has said who it is. */
  readonly messageBytesMax: number;
  /** For a query that names no timeout, and the longest one that it may name. */
  readonly queryTimeoutMsMax: number;
  readonly routes: BoltRoutes;
  readonly observe: Observe;
}

/**
 * What drivers take the server for. They read name and version by patterns, some of which allow nothing but letters,
 * digits, points and hyphens behind it, and refuse a server whose name is not Neo4j's.
 */
export const agentOf = (version: string): string =>
  `Neo4j/${NEO4J_VERSION}-facet-${version.replace(/[^0-9A-Za-z.-]/g, '-')}`;

/** The Neo4j whose features in Bolt 5.7 clients may expect. */
const NEO4J_VERSION = '5.26.0';
