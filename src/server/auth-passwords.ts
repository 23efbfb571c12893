/**
 * Checks passwords against scrypt hashes at a bounded cost: a pair of name and password that was right is
 * remembered as a keyed hash (the key lives in this process only), equal checks share one computation, and only a
 * few run at a time. What was wrong is not remembered: the throttle bounds that.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { FacetError, LIMITS } from '../base/index.ts';
import { type ScryptHash, verifyPassword } from './secrets.ts';

export class PasswordChecks {
  readonly #key = randomBytes(32);
  /** In order of last use. */
  readonly #right = new Set<string>();
  readonly #underWay = new Map<string, Promise<boolean>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** @throws UNAVAILABLE when too many checks wait already */
  async check(name: string, password: string, hash: ScryptHash): Promise<boolean> {
    const key = this.#keyOf(name, password, hash);
    if (this.#right.delete(key)) {
      this.#right.add(key);
      return true;
    }
    const shared = this.#underWay.get(key);
    if (shared) return await shared;

    const computed = this.#compute(password, hash).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, computed);
    const right = await computed;
    if (right) this.#remember(key);
    return right;
  }

  #keyOf(name: string, password: string, hash: ScryptHash): string {
    const digest = createHmac('sha256', this.#key);
    digest.update(hash.salt).update(JSON.stringify([name, password]));
    return digest.digest('base64');
  }

  async #compute(password: string, hash: ScryptHash): Promise<boolean> {
    if (this.#running >= LIMITS.authChecksMax) {
      if (this.#waiting.length >= LIMITS.authChecksWaitingMax) {
        throw new FacetError('UNAVAILABLE', 'Too many password checks are waiting (authChecksWaitingMax)', {
          retryAfterSeconds: 1,
        });
      }
      // Whoever wakes us leaves their place to us, so the count stays as it is.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running++;
    }
    try {
      return await verifyPassword(password, hash);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }

  #remember(key: string): void {
    this.#right.add(key);
    const oldest = this.#right.values().next();
    if (this.#right.size > LIMITS.authSuccessesMax && !oldest.done) this.#right.delete(oldest.value);
  }
}
