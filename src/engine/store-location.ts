/** What a store URI says once it is parsed, and the rule for namespace names. Not the parser: that is store-uri.ts. */
import { FacetError } from '../base/index.ts';

/** TLS of a connection: a setting, and what is tried when the server does not offer TLS (sslmode=prefer). */
export interface TlsChoice {
  readonly first: TlsSetting;
  readonly fallback?: false;
}

export type TlsSetting =
  | false
  | {
      readonly rejectUnauthorized: boolean;
      readonly ca?: string;
      readonly cert?: string;
      readonly key?: string;
      /** Set for sslmode=verify-ca: the chain is checked, the name is not. */
      readonly checkServerIdentity?: () => undefined;
    };

/** A PostgreSQL to connect to. A host that begins with `/` is a directory of Unix sockets. */
export interface ServerTarget {
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly user: string;
  readonly password?: string | undefined;
  readonly tls: TlsChoice;
}

export type StoreUri =
  | { readonly kind: 'memory'; readonly name: string; readonly namespace: string; readonly masked: string }
  | { readonly kind: 'file'; readonly directory: string; readonly namespace: string; readonly masked: string }
  | {
      readonly kind: 'postgres';
      readonly target: ServerTarget;
      readonly database: string;
      readonly namespace: string;
      readonly masked: string;
    };

export const DEFAULT_NAMESPACE = 'default';
const NAMESPACE = /^[a-z][a-z0-9_]{0,47}$/;

/** @throws NAMESPACE_INVALID */
export function checkNamespace(name: string): string {
  if (NAMESPACE.test(name)) return name;
  throw new FacetError(
    'NAMESPACE_INVALID',
    'A namespace name is a lower-case letter followed by up to 47 lower-case letters, digits or underscores',
  );
}
