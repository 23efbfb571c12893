/**
 * Who asks: credentials of a request to a principal.
 *
 * Without configured credentials everyone is admin and has no name, so that rate limits go by address. With them:
 * tokens (sha256) are accepted as Bearer, as X-API-Key and as the password of Basic; passwords (scrypt) only by
 * Basic, where the user name says which hash to try, so that one request costs one slow check at most; client
 * certificates that TLS has verified go by their subject. An expired credential is as good as a wrong one.
 *
 * Answers do not tell names that exist from names that do not, in words or in time: every token hash is compared
 * each time, and an unknown name pays for a password check as well.
 */
import { timingSafeEqual } from 'node:crypto';
import { FacetError, monotonicMs, nowMs, type Observe, type Principal } from '../base/index.ts';
import type { Authenticate, Credentials } from '../dispatch/index.ts';
import { PasswordChecks } from './auth-passwords.ts';
import { AuthThrottle } from './auth-throttle.ts';
import type { Credential } from './credentials.ts';
import type { Hub } from './hub.ts';
import { type ScryptHash, sha256 } from './secrets.ts';

/** Everyone, where nobody has to say who they are. */
const LOCAL: Principal = { name: '', role: 'admin' };

interface AuthClock {
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
}

export interface AuthOptions {
  readonly credentials: readonly Credential[];
  readonly observe: Observe;
  readonly clock?: AuthClock;
  /** Asked about tokens that no credential has. */
  readonly hub?: Hub | undefined;
}

/** The authenticator of the gate. It rejects with UNAUTHORIZED, TOO_MANY_ATTEMPTS or HUB_UNAVAILABLE, and with nothing more telling. */
export function createAuthenticator(options: AuthOptions): Authenticate {
  const { credentials, observe, hub } = options;
  if (credentials.length === 0 && hub === undefined) return () => LOCAL;

  const clock = options.clock ?? { nowMs, monotonicMs };
  const throttle = new AuthThrottle(clock.monotonicMs);
  const passwords = new PasswordChecks();
  const decoy = decoyFor(credentials);

  return async (presented, address) => {
    if (presented.scheme === 'none') {
      throw new FacetError('UNAUTHORIZED', 'Credentials are required', {
        hint: 'Send Authorization: Bearer with a token, Basic with name and secret, or X-API-Key.',
      });
    }
    throttle.check(address);
    const found = await find(presented);
    // Guesses sent side by side all passed the check above before the first of them had failed.
    if (presented.scheme === 'basic') throttle.check(address);
    if (found && (found.expiresAtMs === undefined || found.expiresAtMs > clock.nowMs())) {
      return found.principal;
    }
    const isToken = presented.scheme === 'bearer' || presented.scheme === 'api-key';
    const guest =
      isToken && found === undefined ? await hub?.principalOf(presented.secret, address) : undefined;
    if (guest !== undefined) return guest;
    const closed = throttle.failed(address);
    const reason = found ? `the credentials of ${found.principal.name} have expired` : reasonOf(presented);
    observe({
      type: 'auth_failure',
      address,
      scheme: presented.scheme,
      reason: closed ? `${reason}; this address has to wait now` : reason,
    });
    throw new FacetError('UNAUTHORIZED', 'The credentials are wrong or expired');
  };

  async function find(presented: Credentials): Promise<Credential | undefined> {
    switch (presented.scheme) {
      case 'none':
      case 'unreadable':
        return undefined;
      case 'mtls':
        return credentials.find((credential) => credential.mtlsSubject === presented.subject);
      case 'bearer':
      case 'api-key':
        return byToken(presented.secret, undefined);
      case 'basic':
        return (
          byToken(presented.secret, presented.name) ?? (await byPassword(presented.name, presented.secret))
        );
    }
  }

  /** Looks at every hash, whatever matched before. Basic may leave the name empty, or must give the right one. */
  function byToken(secret: string, name: string | undefined): Credential | undefined {
    const digest = sha256(secret);
    let found: Credential | undefined;
    for (const credential of credentials) {
      if (credential.secret?.kind !== 'sha256') continue;
      const equal = timingSafeEqual(digest, credential.secret.digest);
      const named = name === undefined || name === '' || name === credential.principal.name;
      if (equal && named && later(credential, found)) found = credential;
    }
    return found;
  }

  async function byPassword(name: string, password: string): Promise<Credential | undefined> {
    let found: Credential | undefined;
    let tried = false;
    for (const credential of credentials) {
      const { secret } = credential;
      if (secret?.kind !== 'scrypt' || credential.principal.name !== name) continue;
      tried = true;
      const right = await passwords.check(name, password, secret);
      if (right && later(credential, found)) found = credential;
    }
    if (!tried && decoy) await passwords.check(name, password, decoy);
    return found;
  }
}

/** Of two credentials with one secret, the one that expires later counts. */
function later(candidate: Credential, found: Credential | undefined): boolean {
  const end = (credential: Credential) => credential.expiresAtMs ?? Number.POSITIVE_INFINITY;
  return found === undefined || end(candidate) > end(found);
}

/** A hash that nothing matches, as costly as the first real one; undefined where there are no passwords. */
function decoyFor(credentials: readonly Credential[]): ScryptHash | undefined {
  for (const { secret } of credentials) {
    if (secret?.kind === 'scrypt') return { ...secret, digest: Buffer.alloc(secret.digest.length) };
  }
  return undefined;
}

function reasonOf(presented: Credentials): string {
  if (presented.scheme === 'unreadable') return presented.reason;
  if (presented.scheme === 'basic') return 'unknown name or wrong secret';
  if (presented.scheme === 'mtls') return `no credential has the subject '${presented.subject}'`;
  return 'unknown token';
}
