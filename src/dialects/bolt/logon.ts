/** Who a client of Bolt says it is, as the gate takes it. Whether it is true is for the authenticator in server/ to say. */
import type { Socket } from 'node:net';
import type { Credentials } from '../../dispatch/index.ts';
import { credentialsOf } from '../http/index.ts';
import type { Authentication } from './codec.ts';

const SCHEME_SHOWN = 40;

/** Without credentials of its own a client is whom its certificate names. @param socket absent: that has none */
export function credentialsFor(
  { scheme, principal, credentials }: Authentication,
  socket: Socket | undefined,
): Credentials {
  switch (scheme) {
    case 'none':
      return socket === undefined ? { scheme: 'none' } : credentialsOf({}, socket);
    case 'basic':
      return { scheme: 'basic', name: principal ?? '', secret: credentials ?? '' };
    case 'bearer':
      return { scheme: 'bearer', secret: credentials ?? '' };
    default:
      return {
        scheme: 'unreadable',
        reason: `the scheme '${scheme.slice(0, SCHEME_SHOWN)}' is none of basic, bearer and none`,
      };
  }
}
