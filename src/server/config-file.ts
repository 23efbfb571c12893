/** facet.toml: text to raw option values by key, the credentials and the plans. Unknown places are errors. */
import { parse, TomlDate, TomlError } from 'smol-toml';
import { didYouMean, FacetError, PLANS, type Plan } from '../base/index.ts';
import { type Credential, parseCredentials } from './credentials.ts';
import { OPTION_ROWS, type OptionKey } from './options.ts';
import { parsePlans } from './plans.ts';

export interface ConfigFile {
  readonly values: ReadonlyMap<OptionKey, unknown>;
  readonly credentials: readonly Credential[];
  /** Those of the file, then those that everyone knows. */
  readonly plans: readonly Plan[];
}

/** @throws CONFIG_INVALID with line and column, or naming the unknown place and the nearest known one */
export function readConfigFile(text: string, file: string): ConfigFile {
  const { credentials, plans: written, ...rest } = parseToml(text, file);
  const values = new Map<OptionKey, unknown>();
  for (const [place, value] of flatten(rest, '')) values.set(keyAt(place, file), value);
  const plans = written === undefined ? PLANS : parsePlans(written, file);
  return {
    values,
    plans,
    credentials: credentials === undefined ? [] : parseCredentials(credentials, file, plans),
  };
}

function parseToml(text: string, file: string): Readonly<Record<string, unknown>> {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = error.message.split('\n')[0]?.replace('Invalid TOML document: ', '');
    throw new FacetError('CONFIG_INVALID', `${file}, line ${error.line}, column ${error.column}: ${reason}`);
  }
}

function* flatten(table: Readonly<Record<string, unknown>>, prefix: string): Generator<[string, unknown]> {
  for (const [name, value] of Object.entries(table)) {
    const isTable = value !== null && typeof value === 'object' && !Array.isArray(value);
    if (isTable && !(value instanceof TomlDate)) {
      yield* flatten(value as Readonly<Record<string, unknown>>, `${prefix}${name}.`);
    } else {
      yield [`${prefix}${name}`, value];
    }
  }
}

const KEY_AT: ReadonlyMap<string, OptionKey> = new Map(
  [...OPTION_ROWS].flatMap(([key, row]) => (row.file === null ? [] : [[row.file, key] as const])),
);

function keyAt(place: string, file: string): OptionKey {
  const key = KEY_AT.get(place);
  if (key !== undefined) return key;
  throw new FacetError('CONFIG_INVALID', `Unknown key '${place}' in ${file}`, { hint: hintFor(place) });
}

/** Someone may know the option but not its table: `tls_cert` at the top, or `[log] slow_query_ms` in another one. */
function hintFor(place: string): string | undefined {
  const last = place.slice(place.lastIndexOf('.') + 1);
  for (const [known, key] of KEY_AT) {
    const sameName =
      known.slice(known.lastIndexOf('.') + 1) === last && !known.startsWith('http.rate_limit.');
    if (sameName || key === last.replaceAll('_', '-')) return `Did you mean ${known}?`;
  }
  return didYouMean(place, [...KEY_AT.keys(), 'credentials', 'plans']);
}
