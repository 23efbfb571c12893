/** Datetimes out of seconds or milliseconds since 1970-01-01T00:00Z. */
import { argumentError } from '../cypher-error.ts';
import type { MapValue, Value } from '../values/value.ts';
import { NANOS_OF_SECOND, SECONDS_OF_DAY } from './calendar.ts';
import { nanosOfFraction, notAnInteger, SUBSECOND_FIELDS } from './fields.ts';
import type { DateTimeValue } from './temporal.ts';
import { checkedEpochDay, type Zone, zonedAtInstant } from './zones.ts';

/** Milliseconds of a second, for counts of 64 bits. */
export const MILLIS_OF_SECOND = 1_000n;

const EPOCH_KEYS: ReadonlySet<string> = new Set([
  'epochSeconds',
  'epochMillis',
  'timezone',
  ...SUBSECOND_FIELDS,
]);

/** `{epochSeconds: …}` or `{epochMillis: …}`, with a finer fraction beside it. ArgumentError for other fields. */
export function dateTimeOfEpoch(map: MapValue, zone: Zone): DateTimeValue {
  for (const key of map.keys()) {
    if (!EPOCH_KEYS.has(key) || (key === 'millisecond' && map.has('epochMillis'))) {
      throw argumentError(
        'InvalidArgumentValue',
        `'${key}' cannot stand beside seconds or milliseconds since 1970`,
      );
    }
  }
  const seconds = map.get('epochSeconds');
  const millis = map.get('epochMillis');
  if (seconds !== undefined && millis !== undefined) {
    throw argumentError(
      'InvalidArgumentValue',
      `'epochSeconds' and 'epochMillis' say the same: use one of them`,
    );
  }
  if (millis === undefined) return atEpoch('epochSeconds', seconds ?? 0n, 1n, nanosOfFraction(map, {}), zone);
  return atEpoch('epochMillis', millis, MILLIS_OF_SECOND, nanosOfFraction(map, { millisecond: 0 }), zone);
}

/** The instant of so many units since 1970, each `unitsOfSecond`th of a second, and nanoseconds more. */
export function atEpoch(
  name: string,
  count: Value,
  unitsOfSecond: bigint,
  nanos: number,
  zone: Zone,
): DateTimeValue {
  if (typeof count !== 'bigint') throw notAnInteger(name);
  const unitsOfDay = BigInt(SECONDS_OF_DAY) * unitsOfSecond;
  const rest = ((count % unitsOfDay) + unitsOfDay) % unitsOfDay;
  const nanoOfDay = Number(rest) * (NANOS_OF_SECOND / Number(unitsOfSecond)) + nanos;
  return zonedAtInstant(checkedEpochDay(Number((count - rest) / unitsOfDay)), nanoOfDay, zone);
}
