/** Who gets in: schemes, roles, expiry, throttling, and what is said about failures. */
import { scryptSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { FacetError, LIMITS, type Observation, type Principal } from '../base/index.ts';
import type { Credentials } from '../dispatch/index.ts';
import { createAuthenticator } from './auth.ts';
import { type Credential, tokenCredential } from './credentials.ts';
import { parseSecretHash, sha256 } from './secrets.ts';

const TOKEN = 'token-of-the-reports';
const PASSWORD = 'correct horse';

/** The least costly setting that is accepted. */
function quickScrypt(password: string) {
  const salt = Buffer.from('saltsaltsaltsalt');
  const digest = scryptSync(password, salt, 32, { N: 1_024, r: 1, p: 1 });
  return parseSecretHash(`scrypt:1024:1:1:${salt.toString('base64')}:${digest.toString('base64')}`, 'test');
}

function credential(principal: Principal, rest: Partial<Credential>): Credential {
  return { principal, secret: undefined, mtlsSubject: undefined, expiresAtMs: undefined, ...rest };
}

const CREDENTIALS: readonly Credential[] = [
  tokenCredential('the-admin-token'),
  credential(
    { name: 'reports', role: 'read', namespace: 'sales' },
    { secret: { kind: 'sha256', digest: sha256(TOKEN) }, expiresAtMs: 1_000 },
  ),
  credential({ name: 'ada', role: 'write' }, { secret: quickScrypt(PASSWORD) }),
  credential({ name: 'device', role: 'write' }, { mtlsSubject: 'device.example' }),
];

function setup(credentials = CREDENTIALS) {
  const seen: Observation[] = [];
  const time = { ms: 0 };
  const clock = { nowMs: () => time.ms, monotonicMs: () => time.ms };
  const authenticate = createAuthenticator({ credentials, observe: (one) => seen.push(one), clock });
  return {
    seen,
    time,
    ask: async (credentials: Credentials, address = '10.0.0.1') => authenticate(credentials, address),
    fails: async (credentials: Credentials, address = '10.0.0.1') => {
      try {
        await authenticate(credentials, address);
      } catch (error) {
        if (error instanceof FacetError) return error;
        throw error;
      }
      throw new Error('it was let in');
    },
  };
}

const bearer = (secret: string): Credentials => ({ scheme: 'bearer', secret });
const basic = (name: string, secret: string): Credentials => ({ scheme: 'basic', name, secret });

test('without credentials everyone is admin, without a name', async () => {
  const { ask } = setup([]);
  expect(await ask({ scheme: 'none' })).toEqual({ name: '', role: 'admin' });
  expect(await ask(bearer('whatever'))).toEqual({ name: '', role: 'admin' });
});

describe('let in', () => {
  test.each([
    ['bearer', bearer('the-admin-token'), 'admin'],
    ['api key', { scheme: 'api-key', secret: 'the-admin-token' }, 'admin'],
    ['basic with a token', basic('admin', 'the-admin-token'), 'admin'],
    ['basic without a name', basic('', 'the-admin-token'), 'admin'],
    ['another token', bearer(TOKEN), 'reports'],
    ['password', basic('ada', PASSWORD), 'ada'],
    ['certificate', { scheme: 'mtls', subject: 'device.example' }, 'device'],
  ] as const)('%s', async (_, presented, name) => {
    const { ask, seen } = setup();
    expect((await ask(presented)).name).toBe(name);
    expect((await ask(presented)).name).toBe(name);
    expect(seen).toEqual([]);
  });

  test('with their role and namespace', async () => {
    expect(await setup().ask(bearer(TOKEN))).toEqual({ name: 'reports', role: 'read', namespace: 'sales' });
  });
});

describe('refused', () => {
  test.each([
    ['wrong token', bearer('nope')],
    ['hash instead of token', bearer(sha256(TOKEN).toString('hex'))],
    ['token under another name', basic('ada', TOKEN)],
    ['password of another name', basic('reports', PASSWORD)],
    ['wrong password', basic('ada', 'incorrect horse')],
    ['unknown name', basic('eve', PASSWORD)],
    ['password as token', bearer(PASSWORD)],
    ['unknown certificate', { scheme: 'mtls', subject: 'other.example' }],
    ['unreadable header', { scheme: 'unreadable', reason: 'no scheme' }],
    ['empty token', bearer('')],
  ] as const)('%s', async (_, presented) => {
    const { fails, seen } = setup();
    const error = await fails(presented);
    expect([error.code, error.message]).toEqual(['UNAUTHORIZED', 'The credentials are wrong or expired']);
    expect(seen).toHaveLength(1);
    expect(JSON.stringify(seen)).not.toMatch(/nope|horse|token-of/);
  });

  test('nothing at all, which is not counted as a guess', async () => {
    const { fails, seen } = setup();
    for (let i = 0; i < 50; i++) expect((await fails({ scheme: 'none' })).code).toBe('UNAUTHORIZED');
    expect(seen).toEqual([]);
  });

  test('what has expired, also when it was let in before', async () => {
    const { ask, fails, time, seen } = setup();
    await ask(bearer(TOKEN));
    time.ms = 1_000;
    expect((await fails(bearer(TOKEN))).message).toBe('The credentials are wrong or expired');
    expect(seen).toMatchObject([
      { type: 'auth_failure', scheme: 'bearer', reason: expect.stringContaining('expired') },
    ]);
  });
});

test('of two tokens of one name, the one that has not expired counts', async () => {
  const secret = { kind: 'sha256', digest: sha256('same') } as const;
  const { ask, time } = setup([
    credential({ name: 'a', role: 'read' }, { secret, expiresAtMs: 9_000 }),
    credential({ name: 'a', role: 'read' }, { secret, expiresAtMs: 1_000 }),
  ]);
  time.ms = 5_000;
  expect((await ask(bearer('same'))).name).toBe('a');
});

describe('throttle', () => {
  test('closes for an address after failures, also to right secrets, and opens again', async () => {
    const { ask, fails, time, seen } = setup();
    for (let i = 0; i < LIMITS.authFailuresMax; i++)
      expect((await fails(bearer('guess'))).code).toBe('UNAUTHORIZED');
    const refusal = await fails(bearer('the-admin-token'));
    expect(refusal.code).toBe('TOO_MANY_ATTEMPTS');
    expect(refusal.retryAfterSeconds).toBe(LIMITS.authFailureWindowMs / 1_000);
    expect(seen).toHaveLength(LIMITS.authFailuresMax);
    expect(seen.at(-1)).toMatchObject({ reason: 'unknown token; this address has to wait now' });

    expect((await ask(bearer('the-admin-token'), '10.0.0.2')).name).toBe('admin');
    time.ms = LIMITS.authFailureWindowMs;
    expect((await ask(bearer('the-admin-token'))).name).toBe('admin');
  });

  test('is not passed by guesses sent side by side', async () => {
    const { fails } = setup();
    const guesses = Array.from({ length: 30 }, (_, index) => fails(basic('ada', `guess ${index}`)));
    const codes = (await Promise.all(guesses)).map((error) => error.code);
    expect(codes.filter((code) => code === 'UNAUTHORIZED')).toHaveLength(LIMITS.authFailuresMax);
    expect(codes.filter((code) => code === 'TOO_MANY_ATTEMPTS')).toHaveLength(30 - LIMITS.authFailuresMax);
  });
});

test('many first requests with one password share the work', async () => {
  const { ask } = setup();
  const names = await Promise.all(Array.from({ length: 500 }, () => ask(basic('ada', PASSWORD))));
  expect(new Set(names.map((principal) => principal.name))).toEqual(new Set(['ada']));
});
