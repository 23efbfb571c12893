/**
 * Access keys that a hub knows, and their plans. What the hub says of a key, also that it knows none, is good for
 * LIMITS.hubCacheMs; while it fails, what it said last is believed for LIMITS.hubStaleMsMax. Keys are kept as their
 * digests only.
 *
 * After a failure nobody asks for LIMITS.hubRetryMs: about that key, when the hub has answered, but not as it should for
 * this one; about any key, when it cannot be reached or is broken, unless it has answered somebody else meanwhile. So
 * one key in trouble is nobody else's trouble.
 */
import { type FacetError, LIMITS, type Observe, type Principal } from '../base/index.ts';
import { askHub, type HubAddress, type HubAnswer, hubFailure } from './hub-answer.ts';
import { sha256 } from './secrets.ts';

export interface HubOptions extends HubAddress {
  readonly observe: Observe;
  readonly monotonicMs: () => number;
}

interface Known {
  readonly principal: Principal | undefined;
  readonly saidAtMs: number;
}

interface Failure {
  readonly error: FacetError;
  readonly untilMs: number;
}

export class Hub {
  readonly #options: HubOptions;
  /** By digest of the key, in order of last use. Apart, lest keys that were tried at random push out good ones. */
  readonly #callers = new Map<string, Known>();
  readonly #strangers = new Map<string, Known>();
  /** By digest of the key, in order of failure. */
  readonly #failures = new Map<string, Failure>();
  /** Of the hub itself. */
  #failure: Failure | undefined;
  readonly #asking = new Map<string, Promise<Principal | undefined>>();
  readonly #askingFrom = new Map<string, number>();
  /** Answers that came, good ones or about a key. */
  #answers = 0;
  #warnedOfKeyAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: HubOptions) {
    this.#options = options;
  }

  /** @param address of the caller. Undefined when the hub knows no such key. @throws HUB_UNAVAILABLE */
  async principalOf(key: string, address: string): Promise<Principal | undefined> {
    // What cannot be a header is nobody's key.
    if (!/^[\x21-\x7e]{1,512}$/.test(key)) return undefined;
    const digest = sha256(key).toString('base64');
    const known = this.#callers.get(digest) ?? this.#strangers.get(digest);
    const now = this.#options.monotonicMs();
    if (known !== undefined && now - known.saidAtMs <= LIMITS.hubCacheMs) {
      this.#keep(digest, known);
      return known.principal;
    }
    try {
      return await this.#ask(digest, key, address);
    } catch (thrown) {
      if (known !== undefined && now - known.saidAtMs <= LIMITS.hubStaleMsMax) return known.principal;
      throw thrown;
    }
  }

  /** Those who ask for the same key at the same time share one question. */
  #ask(digest: string, key: string, address: string): Promise<Principal | undefined> {
    const now = this.#options.monotonicMs();
    for (const failure of [this.#failure, this.#failures.get(digest)]) {
      if (failure !== undefined && now < failure.untilMs) return Promise.reject(failure.error);
    }
    const asking = this.#asking.get(digest);
    if (asking !== undefined) return asking;
    const fromHere = this.#askingFrom.get(address) ?? 0;
    if (this.#asking.size >= LIMITS.hubRequestsMax) {
      return Promise.reject(tooMany(`${LIMITS.hubRequestsMax} questions are open (hubRequestsMax)`));
    }
    if (fromHere >= LIMITS.hubRequestsPerAddressMax) {
      const most = LIMITS.hubRequestsPerAddressMax;
      return Promise.reject(tooMany(`${most} questions of this address are open (hubRequestsPerAddressMax)`));
    }
    this.#askingFrom.set(address, fromHere + 1);
    const asked = this.#askNow(digest, key).finally(() => {
      this.#asking.delete(digest);
      const left = (this.#askingFrom.get(address) ?? 1) - 1;
      if (left === 0) this.#askingFrom.delete(address);
      else this.#askingFrom.set(address, left);
    });
    this.#asking.set(digest, asked);
    return asked;
  }

  async #askNow(digest: string, key: string): Promise<Principal | undefined> {
    const answersBefore = this.#answers;
    const answer = await askHub(this.#options, key);
    const now = this.#options.monotonicMs();
    if (answer.failed === 'nothing') {
      this.#answers++;
      this.#failure = undefined;
      this.#failures.delete(digest);
      this.#keep(digest, { principal: answer.principal, saidAtMs: now });
      return answer.principal;
    }
    const failure = { error: answer.error, untilMs: now + LIMITS.hubRetryMs };
    if (answer.failed === 'hub' && this.#answers === answersBefore) this.#failed(failure);
    else this.#failedFor(digest, failure, answer);
    throw answer.error;
  }

  #failed(failure: Failure): void {
    // Once for a time of failing: the log is not the place to count requests.
    if (this.#failure === undefined) this.#warn(failure.error);
    this.#failure = failure;
  }

  #failedFor(digest: string, failure: Failure, answer: HubAnswer): void {
    if (answer.failed === 'key') {
      this.#answers++;
      this.#failure = undefined;
    }
    this.#failures.delete(digest);
    this.#failures.set(digest, failure);
    dropOldest(this.#failures);
    const now = this.#options.monotonicMs();
    if (now - this.#warnedOfKeyAtMs < LIMITS.hubCacheMs) return;
    this.#warnedOfKeyAtMs = now;
    this.#warn(failure.error);
  }

  #warn({ message, cause }: FacetError): void {
    this.#options.observe({ type: 'warning', message, detail: cause });
  }

  #keep(digest: string, known: Known): void {
    this.#callers.delete(digest);
    this.#strangers.delete(digest);
    const where = known.principal === undefined ? this.#strangers : this.#callers;
    where.set(digest, known);
    dropOldest(where);
  }
}

const tooMany = (what: string): FacetError => hubFailure(`More than ${what}`);

function dropOldest(map: Map<string, unknown>): void {
  if (map.size <= LIMITS.hubKeysMax) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
