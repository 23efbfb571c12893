/** `facet serve`: reads the options, starts the server, and stops it on SIGTERM or SIGINT. */
import { type Command, Option } from 'commander';
import { didYouMean, FacetError, monotonicMs } from '../base/index.ts';
import {
  checkConfig,
  createLog,
  type Log,
  OPTION_ROWS,
  type OptionRow,
  printConfig,
  type RunningServer,
  readableValue,
  readConfig,
  startServer,
} from '../server/index.ts';

/** Exit codes of sysexits.h and of shells: an internal fault, and 128 plus the number of the signal. */
const EXIT_FAULT = 70;
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

/** After everything was stopped, the process ends by itself; if something still holds it, after this time. */
const LEAVE_MS = 1_000;

/** A terminal and npm may both deliver one Ctrl-C. Signals closer together than this count as one. */
const SAME_SIGNAL_MS = 300;

/** The text below is broken at this width, so the rest is as well. */
const HELP_COLUMNS = 100;

const AFTER = `
Every option can also stand in the environment (FACET_LISTEN) and in facet.toml; a flag wins over
the environment, which wins over the file. There is more in docs/reference/config.md: rates,
credentials, plans.

Signals: SIGTERM or SIGINT stops cleanly; a second one does not wait for requests, a third ends it.
Exit codes: 0 stopped, 69 store or address not usable, 70 fault, 75 store in use by another server,
78 wrong options.`;

export function register(program: Command): void {
  const flags: Record<string, string> = {};
  const command = program
    .command('serve')
    .summary('run the server')
    .description('Runs the server until a signal stops it.')
    .usage('[options]')
    .allowExcessArguments(false)
    .configureHelp({ helpWidth: HELP_COLUMNS, optionDescription: (option) => option.description })
    .configureOutput({ outputError: () => {} })
    .exitOverride((error) => {
      if (error.exitCode === 0) throw error;
      throw usageError(error.message);
    })
    .addHelpText('after', AFTER);
  for (const [key, row] of OPTION_ROWS) command.addOption(optionOf(key, row, flags));
  command.action(async () => {
    process.exitCode = await serve(flags);
  });
}

async function serve(flags: Readonly<Record<string, string>>): Promise<number> {
  const config = readConfig({ flags });
  if (config.printConfig) {
    checkConfig(config);
    process.stdout.write(`${printConfig(config)}\n`);
    return 0;
  }
  const log = createLog({ level: config.logLevel, format: config.logFormat });
  const signals = listenForSignals();
  process.on('uncaughtException', (error) => {
    log.error('fault: the process ends', { cause: error.stack ?? String(error) });
    process.exit(EXIT_FAULT);
  });
  const server = await startServer(config, { log });
  signals.stopWith(server, log);
  const exitCode = await server.stopped;
  // Whatever might still hold the process has no work to do any more.
  setTimeout(() => process.exit(exitCode), LEAVE_MS).unref();
  return exitCode;
}

/** The first signal stops, the second one hurries, the third one ends the process where it stands. */
function listenForSignals(): { stopWith(server: RunningServer, log: Log): void } {
  let received = 0;
  let lastAtMs = Number.NEGATIVE_INFINITY;
  let server: RunningServer | undefined;
  let firstSignal: keyof typeof SIGNALS | undefined;

  function onSignal(signal: keyof typeof SIGNALS): void {
    const now = monotonicMs();
    if (now - lastAtMs < SAME_SIGNAL_MS) return;
    lastAtMs = now;
    received++;
    firstSignal ??= signal;
    const starting = server === undefined;
    if (received >= (starting ? 2 : 3)) process.exit(SIGNALS[signal]);
    if (server) void server.stop(`received ${signal}`);
  }
  process.on('SIGINT', () => onSignal('SIGINT'));
  process.on('SIGTERM', () => onSignal('SIGTERM'));

  return {
    stopWith(started) {
      server = started;
      if (firstSignal) void started.stop(`received ${firstSignal}`);
    },
  };
}

const PLACEHOLDERS: Readonly<Record<OptionRow['type'], string>> = {
  text: '<text>',
  boolean: '[true|false]',
  integer: '<count>',
  bytes: '<size>',
  duration: '<time>',
  choice: '<word>',
  address: '<host:port>',
  path: '<file>',
};

/** Values stay as they were written; server/config.ts checks them along with those of the other sources. */
function optionOf(key: string, row: OptionRow, flags: Record<string, string>): Option {
  const placeholder = key === 'store' ? '<uri>' : PLACEHOLDERS[row.type];
  const option = new Option(`--${key} ${placeholder}`, describe(row))
    .helpGroup(`${row.group}:`)
    .argParser((value: string) => {
      if (flags[key] !== undefined) {
        throw new FacetError('CONFIG_INVALID', `--${key} is given twice`, { hint: 'Give it once.' });
      }
      flags[key] = value;
      return value;
    });
  if (row.type === 'boolean') option.preset('true');
  return row.quiet ? option.hideHelp() : option;
}

function describe(row: OptionRow): string {
  const choices = row.choices ? ` One of ${row.choices.join(', ')}.` : '';
  const value = row.defaultText ?? (row.default === null || row.default === false ? undefined : row.default);
  const shown = value === undefined ? '' : ` (default: ${readableValue(row, value)})`;
  return `${row.sentence}${choices}${shown}`;
}

/** Commander's complaint as an error of ours, with a better guess at what was meant. */
function usageError(message: string): FacetError {
  const unknown = /unknown option '(--[^'=]*)/.exec(message)?.[1];
  if (unknown !== undefined) {
    const known = [...OPTION_ROWS.keys()].map((key) => `--${key}`);
    return new FacetError('CONFIG_INVALID', `Unknown option ${unknown}`, {
      hint: didYouMean(unknown, known) ?? 'See facet serve --help.',
    });
  }
  const text = message.replace(/^error: /, '').split('\n', 1)[0] ?? '';
  return new FacetError('CONFIG_INVALID', `${text.charAt(0).toUpperCase()}${text.slice(1)}`, {
    hint: 'See facet serve --help.',
  });
}
