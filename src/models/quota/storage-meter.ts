/**
 * How large namespaces are. Measured when somebody with a plan uses one, at most once in LIMITS.usageStorageMs and in
 * the background, so that no request waits for it but the first one.
 */
import { LIMITS, type Observe } from '../../base/index.ts';
import type { Database } from '../../engine/index.ts';
import { MEASURE_STORAGE } from './statements.ts';

interface Measurement {
  bytes: number | undefined;
  measuredAtMs: number;
  /** Under way. */
  measuring: Promise<void> | undefined;
}

export class StorageMeter {
  readonly #measurements = new WeakMap<Database, Measurement>();
  readonly #monotonicMs: () => number;
  readonly #observe: Observe;

  constructor(monotonicMs: () => number, observe: Observe) {
    this.#monotonicMs = monotonicMs;
    this.#observe = observe;
  }

  /** Bytes as measured last; undefined before the first measurement. */
  bytes(database: Database): number | undefined {
    return this.#measurements.get(database)?.bytes;
  }

  /** Has old measurements renewed in the background. A promise when there is none yet. @throws what PostgreSQL says */
  ready(database: Database): Promise<void> | undefined {
    const measurement = this.#of(database);
    if (measurement.bytes === undefined) return this.#measure(database, measurement);
    if (this.#isOld(measurement, LIMITS.usageStorageMs) && measurement.measuring === undefined) {
      this.#measure(database, measurement).catch((thrown: unknown) => {
        // The old one stays, and the next request tries again.
        const message = `the size of namespace ${database.namespace} was not measured`;
        this.#observe({ type: 'warning', message, detail: thrown });
      });
    }
    return undefined;
  }

  /** Bytes, of a measurement that is good. @throws what PostgreSQL says */
  async fresh(database: Database): Promise<number> {
    const measurement = this.#of(database);
    if (this.#isOld(measurement, LIMITS.usageStorageMs)) await this.#measure(database, measurement);
    return measurement.bytes ?? 0;
  }

  #of(database: Database): Measurement {
    const known = this.#measurements.get(database);
    if (known !== undefined) return known;
    const made = { bytes: undefined, measuredAtMs: 0, measuring: undefined };
    this.#measurements.set(database, made);
    return made;
  }

  #isOld({ bytes, measuredAtMs }: Measurement, ageMs: number): boolean {
    return bytes === undefined || this.#monotonicMs() - measuredAtMs > ageMs;
  }

  /** One at a time for a namespace. In the pool: where there are very many tables it takes too long for a lane. */
  #measure(database: Database, measurement: Measurement): Promise<void> {
    measurement.measuring ??= database
      .inTransaction((transaction) => database.run(MEASURE_STORAGE, [], { transaction }), { readOnly: true })
      .then(({ rows }) => {
        measurement.bytes = Number(rows[0]?.[0] ?? 0);
        measurement.measuredAtMs = this.#monotonicMs();
      })
      .finally(() => {
        measurement.measuring = undefined;
      });
    return measurement.measuring;
  }
}
