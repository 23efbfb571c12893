/** One question to a hub: an access key -> who that is. The contract is in docs/guides/plans.md. Caching is hub.ts. */
import { z } from 'zod';
import { asFacetError, FacetError, LIMITS, type Plan, type Principal, VERSION } from '../base/index.ts';
import { parsePlan, planNamed } from './plans.ts';

export interface HubAddress {
  /** `https://hub.example.com/api`, without a slash at its end. */
  readonly url: string;
  /** By which this server names itself to the hub. */
  readonly token: string | null;
  readonly timeoutMs: number;
  /** Plans that the hub may name. */
  readonly plans: readonly Plan[];
}

const answer = z.object({
  user_id: z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i),
  plan: z.union([z.string(), z.record(z.string(), z.unknown())]),
  role: z.enum(['read', 'write']).default('write'),
  namespace: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,47}$/)
    .optional(),
});

/** What a question led to. */
export type HubAnswer =
  /** Undefined: the hub knows no such key. */
  | { readonly failed: 'nothing'; readonly principal: Principal | undefined }
  /**
   * `hub`: it cannot be reached, takes too long, or has a fault of its own, whatever the key. `key`: it has answered,
   * but not as it should for this one. The error is HUB_UNAVAILABLE; its detail is the reason.
   */
  | { readonly failed: 'hub' | 'key'; readonly error: FacetError };

/** Never rejects. */
export async function askHub(address: HubAddress, key: string): Promise<HubAnswer> {
  let answered: Answered;
  try {
    // The hub may have closed an idle connection just when it was used again: that is no failure.
    answered = await fetchOnce(address, key).catch((thrown: unknown) => {
      if (CUT_OFF.has(networkCode(thrown))) return fetchOnce(address, key);
      throw thrown;
    });
  } catch (thrown) {
    if (thrown instanceof FacetError) return { failed: 'key', error: thrown };
    return { failed: 'hub', error: hubFailure(reasonOf(thrown), thrown) };
  }
  const { status, text } = answered;
  if (status === 404) return { failed: 'nothing', principal: undefined };
  if (status !== 200) {
    return { failed: status >= 500 ? 'hub' : 'key', error: hubFailure(`HTTP status ${status}`) };
  }
  try {
    return { failed: 'nothing', principal: principalIn(text, address.plans) };
  } catch (thrown) {
    return { failed: 'key', error: asFacetError(thrown) };
  }
}

interface Answered {
  readonly status: number;
  readonly text: string;
}

const CUT_OFF: ReadonlySet<unknown> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

async function fetchOnce(address: HubAddress, key: string): Promise<Answered> {
  const response = await fetch(`${address.url}/access-key`, {
    headers: {
      accept: 'application/json',
      'user-agent': `facet/${VERSION}`,
      'x-hub-access-key': key,
      ...(address.token === null ? {} : { authorization: `Bearer ${address.token}` }),
    },
    redirect: 'error',
    signal: AbortSignal.timeout(address.timeoutMs),
  });
  return { status: response.status, text: await boundedText(response) };
}

function principalIn(text: string, plans: readonly Plan[]): Principal {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (thrown) {
    throw hubFailure('The answer is not JSON', thrown);
  }
  const read = answer.safeParse(json);
  if (!read.success) {
    const issue = read.error.issues[0];
    throw hubFailure(`The answer does not fit: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const userId = read.data.user_id.toLowerCase();
  const { plan, role, namespace } = read.data;
  try {
    return {
      // Names of the configuration have no colon.
      name: `hub:${userId}`,
      role,
      namespace: namespace ?? `u_${userId.replaceAll('-', '')}`,
      plan: typeof plan === 'string' ? planNamed(plan, plans, 'plan') : parsePlan(plan, 'plan', plans),
      userId,
    };
  } catch (thrown) {
    throw hubFailure(`The answer does not fit: ${asFacetError(thrown).message}`);
  }
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > LIMITS.hubAnswerBytesMax) {
      throw hubFailure(`The answer is larger than ${LIMITS.hubAnswerBytesMax} bytes (hubAnswerBytesMax)`);
    }
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function hubFailure(reason: string, cause?: unknown): FacetError {
  return new FacetError('HUB_UNAVAILABLE', `The hub did not answer as it should: ${reason}`, {
    detail: reason,
    retryAfterSeconds: Math.ceil(LIMITS.hubRetryMs / 1_000),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What is said to clients: no addresses. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'Connection failed';
  if (thrown.name === 'TimeoutError') return 'Connection timeout';
  return networkCode(thrown) === 'ECONNREFUSED' ? 'Connection refused' : 'Connection failed';
}

/** What the system or the HTTP client calls it. */
function networkCode(thrown: unknown): unknown {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}
