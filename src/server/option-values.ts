/**
 * Text (or a TOML value) to the value of an option, checked against its row. Pure: where the text came from and
 * which one wins is the business of config.ts.
 */
import { isIP } from 'node:net';
import { FacetError } from '../base/index.ts';
import type { OptionRow } from './options.ts';

export type OptionValue = string | number | boolean;

/** Powers of 1,024 under both spellings, as PostgreSQL's own settings have it. */
const BYTE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1_024,
  MB: 1_048_576,
  GB: 1_073_741_824,
  KIB: 1_024,
  MIB: 1_048_576,
  GIB: 1_073_741_824,
};
const DURATION_UNITS: Readonly<Record<string, number>> = {
  MS: 1,
  S: 1_000,
  M: 60_000,
  H: 3_600_000,
  D: 86_400_000,
};

/**
 * The value that `raw` means for this option.
 * @throws CONFIG_INVALID naming `place` (`--listen`, `FACET_LISTEN`, `listen in facet.toml`) and what would do
 */
export function optionValue(row: OptionRow, raw: unknown, place: string): OptionValue {
  if (raw === '') throw invalid(place, 'is empty; leave it out instead');
  switch (row.type) {
    case 'boolean':
      if (raw === true || raw === 'true' || raw === 'yes' || raw === '1') return true;
      if (raw === false || raw === 'false' || raw === 'no' || raw === '0') return false;
      throw invalid(place, `is ${shown(row, raw)}, and must be true or false`);
    case 'integer':
      return withinBounds(row, quantity(raw, {}), raw, place, 'a whole number');
    case 'bytes':
      return withinBounds(row, quantity(raw, BYTE_UNITS), raw, place, 'a size such as 10MB');
    case 'duration':
      return withinBounds(row, quantity(raw, DURATION_UNITS), raw, place, 'a duration such as 30s or 250ms');
    case 'choice':
      if (typeof raw === 'string' && row.choices?.includes(raw)) return raw;
      throw invalid(place, `is ${shown(row, raw)}, and must be one of ${row.choices?.join(', ')}`);
    case 'address':
      if (row.mayBeOff === true && raw === OFF) return OFF;
      return formatAddress(parseAddress(text(row, raw, place), place));
    case 'text':
    case 'path':
      return text(row, raw, place);
  }
}

/** The value of an address that is not to be listened on. */
export const OFF = 'off';

export interface ListenAddress {
  /** Empty: every interface. IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

/** @throws CONFIG_INVALID */
export function parseAddress(address: string, place: string): ListenAddress {
  const match = /^(?:\[(?<v6>[^\]]*)\]|(?<host>[^:[\]]*)):(?<port>\d{1,5})$/.exec(address);
  const port = Number(match?.groups?.port);
  const v6 = match?.groups?.v6;
  const wrongHost = v6 !== undefined && isIP(v6) !== 6;
  if (!match || port > 65_535 || wrongHost) {
    throw invalid(place, `is '${address}', and must be host:port, such as 127.0.0.1:8088 or [::1]:8088`);
  }
  const host = v6 ?? match.groups?.host ?? '';
  return { host: host === '*' ? '' : host, port };
}

export const formatAddress = ({ host, port }: ListenAddress): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/** True for addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** A value as people write it: `10MB` instead of 10485760, `30s` instead of 30000. */
export function readableValue(row: OptionRow, value: OptionValue): string {
  const units = row.type === 'bytes' ? READABLE_BYTES : row.type === 'duration' ? READABLE_DURATIONS : [];
  if (typeof value !== 'number' || value === 0) return String(value);
  const unit = units.find(([, size]) => value % size === 0);
  return unit ? `${value / unit[1]}${unit[0]}` : String(value);
}

const READABLE_BYTES: readonly (readonly [string, number])[] = [
  ['GB', 1_073_741_824],
  ['MB', 1_048_576],
  ['kB', 1_024],
];
const READABLE_DURATIONS: readonly (readonly [string, number])[] = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];

/** `12`, `12MB`, `1.5h`; NaN when it is none of them. */
function quantity(raw: unknown, units: Readonly<Record<string, number>>): number {
  if (typeof raw === 'number') return raw;
  const match = typeof raw === 'string' ? /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(raw) : null;
  if (!match) return Number.NaN;
  const unit = match[2] ?? '';
  return Number(match[1]) * (unit === '' ? 1 : (units[unit.toUpperCase()] ?? Number.NaN));
}

function withinBounds(row: OptionRow, value: number, raw: unknown, place: string, kind: string): number {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = row;
  if (!Number.isInteger(value)) throw invalid(place, `is ${shown(row, raw)}, and must be ${kind}`);
  if (value < min || value > max) {
    throw invalid(place, `is ${shown(row, raw)}, and must be between ${min} and ${max}`);
  }
  return value;
}

function text(row: OptionRow, raw: unknown, place: string): string {
  if (typeof raw !== 'string') throw invalid(place, `is ${shown(row, raw)}, and must be text`);
  if (raw.includes('\0')) throw invalid(place, 'contains a NUL character');
  return raw;
}

function shown(row: OptionRow, raw: unknown): string {
  if (row.secret) return 'hidden';
  return typeof raw === 'string' ? `'${raw}'` : (JSON.stringify(raw) ?? String(raw));
}

function invalid(place: string, complaint: string): FacetError {
  return new FacetError('CONFIG_INVALID', `${place} ${complaint}`);
}
