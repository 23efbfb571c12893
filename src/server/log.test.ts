/** What is written to the log, at which level, and that a client cannot forge lines. */
import { expect, test } from 'vitest';
import { FacetError, type Observation } from '../base/index.ts';
import { createLog, type LogLevel, logObservations } from './log.ts';

function capture(level: LogLevel, format: 'json' | 'text' = 'json') {
  const lines: string[] = [];
  const log = createLog({ level, format, sink: { write: (line) => lines.push(line) } });
  return { lines, log, entries: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

const OPERATION: Observation = {
  type: 'operation',
  operation: 'sql.query',
  dialect: 'thunder',
  principal: 'ada',
  namespace: 'default',
  requestId: 'req_1',
  outcome: 'ok',
  durationMs: 12.34567,
  asked: 'sql.query',
  askedCount: 1,
};

test('operations are for debug only, unless they are slow', () => {
  const quiet = capture('info');
  const observe = logObservations(quiet.log, { slowQueryMs: 100 });
  observe(OPERATION);
  expect(quiet.lines).toEqual([]);
  observe({ ...OPERATION, durationMs: 100.1 });
  expect(quiet.entries()).toMatchObject([
    { level: 'warn', message: 'slow operation', operation: 'sql.query' },
  ]);

  const talkative = capture('debug');
  logObservations(talkative.log, { slowQueryMs: 0 })({ ...OPERATION, durationMs: 9e9 });
  expect(talkative.entries()).toMatchObject([{ level: 'debug', message: 'operation', principal: 'ada' }]);
});

test('an internal error is logged with its request id and the chain of its causes', () => {
  const { log, entries } = capture('info');
  const cause = new FacetError('INTERNAL_ERROR', 'outer', { cause: new TypeError('inner') });
  logObservations(log, { slowQueryMs: 0 })({ ...OPERATION, outcome: 'INTERNAL_ERROR', cause });
  expect(entries()).toMatchObject([
    {
      level: 'error',
      requestId: 'req_1',
      cause: { message: 'outer', stack: expect.any(String), cause: { name: 'TypeError', message: 'inner' } },
    },
  ]);
});

test.each([
  [{ type: 'statement', statement: 'sql.user', durationMs: 150, ok: true }, 'warn'],
  [{ type: 'statement', statement: 'sql.user', durationMs: 50, ok: true }, undefined],
  [{ type: 'query', verb: 'SELECT', durationMs: 500, ok: true }, undefined],
  [{ type: 'postgres', event: 'exited', detail: 'signal 9' }, 'warn'],
  [{ type: 'postgres', event: 'ready', detail: '' }, 'debug'],
  [{ type: 'transaction', event: 'begun', transactionId: 'txn_1' }, 'debug'],
  [{ type: 'migration', namespace: 'a', name: '001', durationMs: 1 }, 'debug'],
  [{ type: 'auth_failure', address: '::1', scheme: 'basic', reason: 'x' }, 'warn'],
  [{ type: 'warning', message: 'mind this', detail: new Error('why') }, 'warn'],
] as const)('%j is a line at %s', (seen, level) => {
  const { log, entries } = capture('debug');
  logObservations(log, { slowQueryMs: 100 })(seen);
  expect(entries().map((entry) => entry.level)).toEqual(level === undefined ? [] : [level]);
});

test('text is one short line, whatever a client sends', () => {
  const { log, lines } = capture('info', 'text');
  log.info('facet ready', { endpoints: [1], facts: {} });
  log.warn('two\nlines', { reason: 'a "b"\nc', empty: '', count: 3, path: '/a' });
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} facet ready\n$/);
  expect(lines[1]).toMatch(/ warn two lines reason="a \\"b\\"\\nc" count=3 path=\/a\n$/);
});

test('silent is silent', () => {
  const { log, lines } = capture('silent');
  log.error('x');
  expect(lines).toEqual([]);
});
