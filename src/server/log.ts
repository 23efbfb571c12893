/**
 * The log: JSON lines by pino, or short lines for people. Quiet by design: one line at start, ready and stop, and
 * whatever needs attention; every operation only at debug. Neither SQL texts nor parameters nor secrets reach it,
 * because no observation carries them. What a client of Bolt attaches to its transaction for the log does.
 */
import pino from 'pino';
import { FacetError, type Observation, type Observe } from '../base/index.ts';
import { textLine } from './log-text.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

type Fields = Readonly<Record<string, unknown>>;

export interface Log {
  /** Whether debug lines are written: nobody need make them otherwise. */
  readonly debugs: boolean;
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

export interface LogSink {
  write(line: string): unknown;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: 'auto' | 'json' | 'text';
  /** Default: standard output, written synchronously, so that the last line before an exit is not lost. */
  readonly sink?: LogSink;
}

/** Lines as they are written, one call each. */
export function createLog(options: LogOptions): Log {
  const sink: LogSink = options.sink ?? standardOutput();
  const asText = options.format === 'text' || (options.format === 'auto' && process.stdout.isTTY === true);
  const destination: LogSink = asText ? { write: (line) => sink.write(textLine(line)) } : sink;
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      messageKey: 'message',
    },
    { write: (line: string) => void destination.write(line) },
  );
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: Fields = {}) =>
      logger[level](fields, message);
  return {
    debugs: options.level === 'debug',
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  };
}

function standardOutput(): LogSink {
  const output = pino.destination({ fd: 1, sync: true });
  // A reader of the log that goes away must not take the server with it.
  output.on('error', () => {});
  return output;
}

export interface ObservationLogOptions {
  /** Slower operations and statements are warnings; 0: none are. */
  readonly slowQueryMs: number;
}

/** Listens to what happens and writes down what an operator should know. */
export function logObservations(log: Log, { slowQueryMs }: ObservationLogOptions): Observe {
  const isSlow = (durationMs: number) => slowQueryMs > 0 && durationMs > slowQueryMs;

  return (seen: Observation) => {
    switch (seen.type) {
      case 'operation': {
        // Nearly always, and once per request.
        if (!log.debugs && seen.cause === undefined && !isSlow(seen.durationMs)) return;
        const { type: _, cause, durationMs, ...facts } = seen;
        const fields = { ...facts, durationMs: rounded(durationMs) };
        if (cause !== undefined) log.error('internal error', { ...fields, cause: causeFields(cause) });
        else if (isSlow(durationMs)) log.warn('slow operation', fields);
        else log.debug('operation', fields);
        return;
      }
      case 'statement':
        if (!isSlow(seen.durationMs)) return;
        log.warn('slow statement', {
          statement: seen.statement,
          durationMs: rounded(seen.durationMs),
          ok: seen.ok,
        });
        return;
      case 'query':
        return;
      case 'transaction':
        log.debug(`transaction ${seen.event}`, { transactionId: seen.transactionId });
        return;
      case 'auth_failure':
        log.warn('authentication failed', {
          address: seen.address,
          scheme: seen.scheme,
          reason: seen.reason,
        });
        return;
      case 'postgres': {
        const bad =
          seen.event === 'exited' || seen.event === 'connection_lost' || seen.event === 'recovering';
        log[bad ? 'warn' : 'debug'](`postgres ${seen.event}`, { detail: seen.detail });
        return;
      }
      case 'migration':
        log.debug('migration', {
          namespace: seen.namespace,
          migration: seen.name,
          durationMs: rounded(seen.durationMs),
        });
        return;
      case 'warning':
        log.warn(seen.message, seen.detail === undefined ? {} : { detail: causeFields(seen.detail) });
        return;
    }
  };
}

/** An error as plain data, with its chain of causes; other values as they are. */
export function causeFields(cause: unknown, depth = 0): unknown {
  if (!(cause instanceof Error)) return cause;
  return {
    name: cause.name,
    message: cause.message,
    ...(cause instanceof FacetError ? { code: cause.code, detail: cause.detail } : {}),
    stack: cause.stack?.split('\n').slice(1, 12).join('\n'),
    ...(cause.cause === undefined || depth > 4 ? {} : { cause: causeFields(cause.cause, depth + 1) }),
  };
}

const rounded = (durationMs: number): number => Number(durationMs.toFixed(3));
