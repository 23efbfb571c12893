/** Which statements are kept, and which are read anew. */
import { expect, it } from 'vitest';
import { LIMITS } from '../../../base/index.ts';
import { statementOf } from './statement-cache.ts';

it('reads a text once', () => {
  expect(statementOf('NODE GET 1')).toBe(statementOf('NODE GET 1'));
});

it('keeps no secrets, and nothing that is long', () => {
  const secret = "VAULT SET 'key' 'secret'";
  expect(statementOf(secret)).not.toBe(statementOf(secret));
  const long = `SELECT '${'x'.repeat(LIMITS.nqlStatementCachedCharactersMax)}'`;
  expect(statementOf(long)).not.toBe(statementOf(long));
});

it('forgets what was not used for long, and keeps what is used', () => {
  const used = statementOf('NODE GET 2');
  const unused = statementOf('NODE GET 3');
  for (let at = 0; at < 2 * LIMITS.nqlStatementsCachedMax; at++) {
    statementOf(`SELECT ${at}`);
    if (at % 100 === 0) expect(statementOf('NODE GET 2')).toBe(used);
  }
  expect(statementOf('NODE GET 3')).not.toBe(unused);
});

it('throws for a text that is no statement, each time', () => {
  expect(() => statementOf('NOODLE GET 1')).toThrow();
  expect(() => statementOf('NOODLE GET 1')).toThrow();
});
