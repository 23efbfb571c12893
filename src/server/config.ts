/**
 * Reads the options: flag, else environment, else facet.toml, else default. The only file of Facet that looks at
 * the environment of the process. What the options are is options.ts, which of them contradict each other is
 * config-checks.ts, how they are printed is config-reference.ts.
 */
import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { didYouMean, FacetError, PLANS, type Plan } from '../base/index.ts';
import { type ConfigFile, readConfigFile } from './config-file.ts';
import { type Credential, checkNames, tokenCredential } from './credentials.ts';
import { type OptionValue, optionValue } from './option-values.ts';
import { environmentName, fieldName, OPTION_ROWS, type OptionKey, type OptionValues } from './options.ts';
import { loadTokenFile } from './token-file.ts';

/** Everything the server is told. `store` always has a value here, unlike in the table. */
export type Config = Omit<OptionValues, 'store'> & {
  readonly store: string;
  /** Those of the file, of `token-file`, and the one of `auth-token`. Empty, and no hub: no authentication. */
  readonly credentials: readonly Credential[];
  /** Plans that credentials and the hub may name: those of the file, then those that everyone knows. */
  readonly plans: readonly Plan[];
  /** Where each value came from: `flag --listen`, `environment FACET_LISTEN`, a file name, or `default`. */
  readonly origins: ReadonlyMap<OptionKey, string>;
};

export interface ConfigSources {
  /** By option key, as written: `{ listen: '127.0.0.1:0' }`. */
  readonly flags: Readonly<Record<string, string>>;
  /** Default: the environment of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Default: the working directory. */
  readonly directory?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables of the client commands, which the server leaves alone. */
const CLIENT_VARIABLES = ['FACET_URL', 'FACET_TOKEN'] as const;

/** A variable of the client commands (`facet query`), or undefined when it is unset or empty. */
export const clientVariable = (name: (typeof CLIENT_VARIABLES)[number]): string | undefined =>
  process.env[name] || undefined;

/** @throws CONFIG_INVALID: unknown keys, wrong values, unreadable file */
export function readConfig(sources: ConfigSources): Config {
  const environment = sources.environment ?? process.env;
  const directory = sources.directory ?? process.cwd();
  refuseUnknown(sources.flags, environment);

  const { file, name, path } = openConfigFile(sources.flags, environment, directory);
  const values: Record<string, unknown> = {};
  const origins = new Map<OptionKey, string>();
  for (const [key, row] of OPTION_ROWS) {
    const found =
      fromFlag(key, sources.flags) ??
      fromEnvironment(key, environment) ??
      fromFile(key, row.file, file, name);
    origins.set(key, found?.origin ?? 'default');
    let value: OptionValue | null = row.default;
    if (found) value = optionValue(row, found.raw, found.place);
    if (found && row.type === 'path') {
      value = resolve(found.origin === name ? dirname(path) : directory, String(value));
    }
    values[fieldName(key)] = value;
  }
  values.config = file ? path : null;
  values.store ??= pathToFileURL(join(directory, 'facet-data')).href;

  const token = values.authToken;
  const named = [
    ...(file?.credentials ?? []),
    ...(typeof values.tokenFile === 'string' ? loadTokenFile(values.tokenFile) : []),
  ];
  checkNames(named, 'the configuration and its token-file');
  values.credentials = [...named, ...(typeof token === 'string' ? [tokenCredential(token)] : [])];
  values.plans = file?.plans ?? PLANS;
  // The loop above gave every field of the table a value of its row's type, which TypeScript cannot follow.
  return { ...values, origins } as unknown as Config;
}

interface Found {
  readonly raw: unknown;
  /** How the value is named in an error. */
  readonly place: string;
  readonly origin: string;
}

function fromFlag(key: OptionKey, flags: Readonly<Record<string, string>>): Found | undefined {
  const raw = flags[key];
  return raw === undefined ? undefined : { raw, place: `--${key}`, origin: `flag --${key}` };
}

function fromEnvironment(key: OptionKey, environment: Environment): Found | undefined {
  const variable = environmentName(key);
  const raw = environment[variable];
  return raw === undefined ? undefined : { raw, place: variable, origin: `environment ${variable}` };
}

function fromFile(
  key: OptionKey,
  place: string | null,
  file: ConfigFile | undefined,
  name: string,
): Found | undefined {
  const raw = file?.values.get(key);
  return raw === undefined ? undefined : { raw, place: `${place} in ${name}`, origin: name };
}

/** Kubernetes tells every container of a service named `facet` in this way. */
const KUBERNETES_LINK = /^FACET_(?:SERVICE_(?:HOST|PORT)|PORT)(?:_|$)/;

function refuseUnknown(flags: Readonly<Record<string, string>>, environment: Environment): void {
  const keys = [...OPTION_ROWS.keys()];
  for (const key of Object.keys(flags)) {
    if (OPTION_ROWS.has(key as OptionKey)) continue;
    throw new FacetError('CONFIG_INVALID', `Unknown option --${key}`, {
      hint: didYouMean(
        `--${key}`,
        keys.map((known) => `--${known}`),
      ),
    });
  }
  // print-config only makes sense once, on a command line.
  const variables = [
    ...keys.filter((key) => key !== 'print-config').map(environmentName),
    ...CLIENT_VARIABLES,
  ];
  for (const variable of Object.keys(environment)) {
    if (!variable.startsWith('FACET_') || variables.includes(variable)) continue;
    if (KUBERNETES_LINK.test(variable)) continue;
    throw new FacetError('CONFIG_INVALID', `Unknown environment variable ${variable}`, {
      hint: didYouMean(variable, variables),
    });
  }
}

/** The file that `config` names, which must exist, else ./facet.toml, which may. */
function openConfigFile(
  flags: Readonly<Record<string, string>>,
  environment: Environment,
  directory: string,
): { readonly file: ConfigFile | undefined; readonly name: string; readonly path: string } {
  const named = flags.config ?? environment[environmentName('config')];
  if (named === '') throw new FacetError('CONFIG_INVALID', 'The name of the config file is empty');
  const name = named ?? 'facet.toml';
  const path = isAbsolute(name) ? name : join(directory, name);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if (named === undefined && reason === 'ENOENT') return { file: undefined, name, path };
    throw new FacetError('CONFIG_INVALID', `The config file ${path} cannot be read (${reason})`);
  }
  return { file: readConfigFile(text, name), name, path };
}
