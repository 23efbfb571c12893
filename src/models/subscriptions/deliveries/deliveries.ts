/** Delivery by webhook, for all namespaces of a store that are open in this process. Made and stopped by the server. */
import { LIMITS, type Observe, randomHex } from '../../../base/index.ts';
import type { Database, Store } from '../../../engine/index.ts';
import type { WebhookRules } from '../../operation.ts';
import { Turns } from '../../turns.ts';
import { Poster } from '../endpoints/index.ts';
import type { EncodeDelivery } from './delivery.ts';
import { LEASE_TIMES, type LeaseTimes } from './lease.ts';
import { NamespaceDeliveries } from './namespace-deliveries.ts';

export interface DeliveriesOptions {
  readonly store: Store;
  readonly encode: EncodeDelivery;
  readonly rules: WebhookRules;
  readonly observe: Observe;
  /** Default: those of LIMITS. */
  readonly times?: LeaseTimes | undefined;
  /** How long an answer is awaited, milliseconds. Default: LIMITS.webhookAnswerMsMax. */
  readonly answerMsMax?: number | undefined;
}

export class Deliveries {
  readonly #options: DeliveriesOptions;
  readonly #poster: Poster;
  readonly #turns = new Turns(LIMITS.webhookRequestsMax);
  readonly #holder = randomHex(8);
  readonly #namespaces = new Map<Database, NamespaceDeliveries>();
  #timer: NodeJS.Timeout | undefined = undefined;
  #openTimer: NodeJS.Timeout | undefined = undefined;
  #warned = false;
  #stopped = false;

  constructor(options: DeliveriesOptions) {
    this.#options = options;
    this.#poster = new Poster(options.rules, options.answerMsMax);
    // What was delivered is written down, which a standby cannot.
    if (options.store.facts.standby === true) return;
    this.#look();
    void this.#openFollowed();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#openTimer);
    await Promise.all([...this.#namespaces.values()].map((namespace) => namespace.stop()));
    this.#namespaces.clear();
    this.#poster.close();
  }

  /** Subscriptions of namespaces that nobody uses yet wait for their deliveries, too. */
  async #openFollowed(): Promise<void> {
    const { store, observe } = this.#options;
    try {
      for (const name of await store.followed()) {
        if (!this.#stopped) await store.namespace(name, { create: false });
      }
    } catch (thrown) {
      if (this.#stopped) return;
      this.#openTimer = setTimeout(() => void this.#openFollowed(), LIMITS.subscriptionLookMs).unref();
      if (this.#warned) return;
      this.#warned = true;
      const message =
        'Subscriptions of some namespaces are not delivered until those are used or can be opened';
      observe({ type: 'warning', message, detail: thrown });
    }
  }

  /** Namespaces come and go. */
  #look(): void {
    if (this.#stopped) return;
    const { store, encode, observe, times = LEASE_TIMES } = this.#options;
    const opened = new Set(store.opened);
    for (const [database, namespace] of this.#namespaces) {
      if (opened.has(database)) continue;
      this.#namespaces.delete(database);
      void namespace.stop();
    }
    for (const database of opened) {
      if (this.#namespaces.has(database)) continue;
      const own = { holder: this.#holder, alone: store.facts.embedded, times };
      const parts = { ...own, poster: this.#poster, turns: this.#turns, encode, observe };
      this.#namespaces.set(database, new NamespaceDeliveries(database, parts));
    }
    this.#timer = setTimeout(() => this.#look(), LIMITS.namespaceLookMs).unref();
  }
}
