/** Cursors: what they are bound to, and that nobody makes one up. */
import { expect, it } from 'vitest';
import type { Session } from '../../../dispatch/index.ts';
import { Cursors } from './cursors.ts';

const sessionOf = (name: string, namespace?: string): Session => ({
  ...{ dialect: 'neumann', requestId: 'r', credentials: { scheme: 'none' }, address: '', namespace },
  signal: new AbortController().signal,
  principal: { name, role: 'read' },
});
const QUERY = 'SELECT 1';
const refused = (cursors: Cursors, cursor: string, query = QUERY, session = sessionOf('me')) =>
  expect(() => cursors.read(cursor, query, session)).toThrow(
    expect.objectContaining({ code: 'INVALID_CURSOR' }),
  );

it('come back as they were, to whoever got them, for the same query', () => {
  const cursors = new Cursors();
  const position = { ...cursors.begin(10, 60), offset: 30, total: 7 };
  const text = cursors.text(position, QUERY, sessionOf('me'));
  expect(cursors.read(text, QUERY, sessionOf('me'))).toMatchObject(position);
  refused(cursors, text, 'SELECT 2');
  refused(cursors, text, QUERY, sessionOf('you'));
  refused(cursors, text, QUERY, sessionOf('me', 'elsewhere'));
  refused(new Cursors(), text);
});

it('that were changed, made up or are too old are refused', () => {
  const cursors = new Cursors();
  const me = sessionOf('me');
  const text = cursors.text(cursors.begin(10, 60), QUERY, me);
  const [body = '', signature = ''] = text.split('.');
  const other = Buffer.from(JSON.stringify({ offset: 5 })).toString('base64url');
  for (const wrong of ['', '.', body, `${other}.${signature}`, `${text}.x`, `${body}.`, 'x'.repeat(10_000)]) {
    refused(cursors, wrong);
    expect(cursors.close(wrong, me)).toBe(false);
  }
  refused(cursors, cursors.text(cursors.begin(10, 0), QUERY, me));
});

it('that are closed stay so, with all of their listing, and those of others are not', () => {
  const cursors = new Cursors();
  const me = sessionOf('me');
  const position = cursors.begin(10, 60);
  const [first, second] = [0, 10].map((offset) => cursors.text({ ...position, offset }, QUERY, me));
  expect(cursors.close(first ?? '', sessionOf('you'))).toBe(false);
  expect(cursors.close(first ?? '', me)).toBe(true);
  expect(cursors.close(second ?? '', me)).toBe(false);
  refused(cursors, second ?? '');
});
