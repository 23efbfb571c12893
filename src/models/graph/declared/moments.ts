/** The present day and time of UTC as values: what current_date() and current_timestamp() give. */
import { nowMs } from '../../../base/index.ts';
import { DateValue, LocalDateTimeValue } from '../../../cypher/index.ts';

/** Milliseconds. */
const DAY = 86_400_000;
/** Nanoseconds. */
const MILLISECOND = 1_000_000;

export const dateAt = (epochMs: number = nowMs()): DateValue => new DateValue(Math.floor(epochMs / DAY));

export function timestampAt(epochMs: number = nowMs()): LocalDateTimeValue {
  const day = Math.floor(epochMs / DAY);
  return new LocalDateTimeValue(day, (epochMs - day * DAY) * MILLISECOND);
}
