/**
 * Makes rows for the demo's tables of the records of the OpenFlights files. Those have gaps: a record that cannot
 * be a row is skipped, and counted under the reason. Each record is either a row or counted once. Pure.
 */
import { type DatRecord, readRecords } from './records.ts';

export type Row = readonly (string | null)[];

export interface Cleaned {
  /** Records in the file: rows and skipped ones together. */
  readonly records: number;
  /** Values in the order of the table's columns, in PostgreSQL's text form. */
  readonly rows: readonly Row[];
  /** Reason -> records skipped for it; for a record with several reasons, the first one counts. */
  readonly skipped: ReadonlyMap<string, number>;
}

/** Gives a row, or says why the record cannot be one. */
type Clean = (fields: readonly (string | null)[]) => Row | string;

/** id, name, city, country, iata, icao, latitude, longitude, altitude_ft, utc_offset, dst, time_zone */
export function cleanAirports(text: string): Cleaned {
  const ids = new Set<string>();
  return clean(text, 14, (fields) => {
    const [id, name, city, country, iata, icao, latitude, longitude, altitude, offset, dst, zone] =
      fields.map(blank);
    if (!isInteger(id)) return 'no number as id';
    if (ids.has(id)) return 'id seen before';
    if (!name || !country) return 'no name or no country';
    if (!isDegrees(latitude, 90) || !isDegrees(longitude, 180)) return 'no position on Earth';
    ids.add(id);
    const row = [id, name, city, country, iata, icao, latitude, longitude, altitude, offset, dst, zone];
    return row.map((value) => value ?? null);
  });
}

/** id, name, alias, iata, icao, callsign, country, active */
export function cleanAirlines(text: string): Cleaned {
  const ids = new Set<string>();
  return clean(text, 8, (fields) => {
    const [id, name, alias, iata, icao, callsign, country, active] = fields.map(blank);
    if (!isInteger(id)) return 'no number as id';
    if (ids.has(id)) return 'id seen before';
    if (!name) return 'no name';
    ids.add(id);
    const isActive = active?.toUpperCase() === 'Y' ? 'true' : 'false';
    return [id, name, alias ?? null, code(iata), code(icao), callsign ?? null, country ?? null, isActive];
  });
}

/** airline_id, source_id, destination_id, codeshare, stops, equipment */
export function cleanRoutes(text: string, airports: Cleaned, airlines: Cleaned): Cleaned {
  const airportIds = new Set(airports.rows.map((row) => row[0]));
  const airlineIds = new Set(airlines.rows.map((row) => row[0]));
  const seen = new Set<string>();
  return clean(text, 9, (fields) => {
    const [, airline, , source, , destination, codeshare, stops, equipment] = fields.map(blank);
    if (airline == null) return 'the airline has no id';
    if (!airlineIds.has(airline)) return 'the airline is not in airlines.dat';
    if (source == null) return 'the source airport has no id';
    if (!airportIds.has(source)) return 'the source airport is not in airports.dat';
    if (destination == null) return 'the destination airport has no id';
    if (!airportIds.has(destination)) return 'the destination airport is not in airports.dat';
    if (source === destination) return 'it ends where it starts';
    const key = `${airline} ${source} ${destination}`;
    if (seen.has(key)) return 'route seen before';
    seen.add(key);
    return [
      airline,
      source,
      destination,
      codeshare === 'Y' ? 'true' : 'false',
      stops ?? '0',
      equipment ?? null,
    ];
  });
}

function clean(text: string, fieldCount: number, toRow: Clean): Cleaned {
  const rows: Row[] = [];
  const skipped = new Map<string, number>();
  let records = 0;
  for (const record of readRecords(text)) {
    records++;
    const row = faultOf(record, fieldCount) ?? toRow(record.fields);
    if (typeof row === 'string') skipped.set(row, (skipped.get(row) ?? 0) + 1);
    else rows.push(row);
  }
  return { records, rows, skipped };
}

function faultOf(record: DatRecord, fieldCount: number): string | undefined {
  if (record.fault !== undefined) return record.fault;
  return record.fields.length === fieldCount ? undefined : `not ${fieldCount} fields`;
}

/** Blanks around a value mean nothing in these files, and an empty field means "not known", like `\N`. */
function blank(field: string | null): string | null {
  const trimmed = field?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
}

/** A code of an airline; the files also write `-` and `N/A` for "none". */
const code = (value: string | null | undefined): string | null =>
  value == null || value === '-' || value === 'N/A' ? null : value;

const isInteger = (value: string | null | undefined): value is string =>
  value != null && /^-?\d{1,9}$/.test(value);

function isDegrees(value: string | null | undefined, max: number): value is string {
  return value != null && /^-?\d+(\.\d+)?$/.test(value) && Math.abs(Number(value)) <= max;
}
