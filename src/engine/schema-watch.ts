/**
 * Keeps what the engine derives from a database's schema in step with it: the version that outdates prepared
 * statements, and the catalog of functions. Changes made by this process are known at once, those of others at the
 * next regular look.
 */
import type { Observe } from '../base/index.ts';
import { readFunctionCatalog } from './function-catalog.ts';
import type { Pool } from './pool.ts';
import type { Router } from './routing.ts';
import type { SchemaVersion } from './statement-names.ts';

/** `tables`: columns may differ. `code`: functions, views, triggers or anything else may be new, too. */
export type SchemaChange = 'tables' | 'code';

/** Between two looks at the catalog, which costs some milliseconds of one connection. */
const REGULAR_MS = 60_000;
/** A burst of DDL is answered by one look behind it. */
const SETTLE_MS = 100;

export class SchemaWatch {
  readonly #version: SchemaVersion;
  readonly #router: Router;
  readonly #pool: Pool;
  readonly #observe: Observe;
  #timer: NodeJS.Timeout | undefined = undefined;
  #reading: Promise<void> | undefined = undefined;
  /** Counts changes of code, to notice one that came while the catalog was read. */
  #changes = 0;
  #stopped = false;

  constructor(version: SchemaVersion, router: Router, pool: Pool, observe: Observe) {
    this.#version = version;
    this.#router = router;
    this.#pool = pool;
    this.#observe = observe;
  }

  /** Reads the catalog for the first time. */
  async start(): Promise<void> {
    await this.#read();
  }

  readonly changed = (what: SchemaChange): void => {
    this.#version.schemaVersion++;
    if (what === 'tables') return;
    this.#changes++;
    this.#router.useCatalog(undefined);
    this.#plan(SETTLE_MS);
  };

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#reading;
  }

  #plan(afterMs: number): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#read(), afterMs);
    this.#timer.unref();
  }

  #read(): Promise<void> {
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readOnce(): Promise<void> {
    const changes = this.#changes;
    try {
      const session = await this.#pool.acquire({ use: 'statement' });
      try {
        const catalog = await readFunctionCatalog(session);
        if (changes === this.#changes) this.#router.useCatalog(catalog);
      } finally {
        this.#pool.release(session, 'statement', false);
      }
    } catch (error) {
      // Without a catalog everything takes the careful way.
      this.#router.useCatalog(undefined);
      if (!this.#stopped) {
        this.#observe({ type: 'warning', message: 'The function catalog could not be read', detail: error });
      }
    }
    this.#plan(changes === this.#changes ? REGULAR_MS : SETTLE_MS);
  }
}
