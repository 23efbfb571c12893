/** What time it is for a query: fixed by the caller, so that all rows of a statement see one instant. */
import { SECONDS_OF_DAY } from './calendar.ts';
import type { DateTimeValue } from './temporal.ts';
import { type Zone, zonedAtInstant, zoneOf } from './zones.ts';

export interface StatementClock {
  /** Milliseconds since 1970-01-01T00:00Z. */
  readonly epochMillis: number;
  /** Nanoseconds within that millisecond, 0 to 999,999. */
  readonly nanos: number;
  /** What values without a zone are taken to be in: an IANA name or an offset. UTC (`Z`) if absent. */
  readonly zone?: string;
}

const MILLIS_OF_DAY = SECONDS_OF_DAY * 1_000;

/** The zone of values that name none. */
export const defaultZone = (clock: StatementClock): Zone => zoneOf(clock.zone ?? 'Z');

/** The clock's instant in a zone. */
export function currentDateTime(clock: StatementClock, zone: Zone): DateTimeValue {
  const epochDay = Math.floor(clock.epochMillis / MILLIS_OF_DAY);
  const millisOfDay = clock.epochMillis - epochDay * MILLIS_OF_DAY;
  return zonedAtInstant(epochDay, millisOfDay * 1_000_000 + clock.nanos, zone);
}
