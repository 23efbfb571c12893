/** Errors as a terminal shows them: the caret, the parts, the exit code. */
import { expect, test } from 'vitest';
import { caretLines, failureOf } from './error-text.ts';
import { NoServerError } from './http.ts';
import { ServerError } from './server-error.ts';

test('the caret stands under the character, counted in code points and columns', () => {
  expect(caretLines('SELECT * FORM users', 10)).toEqual([
    'line 1: SELECT * FORM users',
    '                 ^',
  ]);
  expect(caretLines("SELECT '東京🙂',\n\tx FORM y", 18)).toEqual(['line 2: \\tx FORM y', '            ^']);
  expect(caretLines("SELECT '東京' FORM", 13)).toEqual(["line 1: SELECT '東京' FORM", `${' '.repeat(22)}^`]);
});

test('a position at the end points behind the text, one outside of it is left out', () => {
  expect(caretLines('SELECT', 7)).toEqual(['line 1: SELECT', `${' '.repeat(14)}^`]);
  expect(caretLines('SELECT', 8)).toEqual([]);
  expect(caretLines('SELECT', 0)).toEqual([]);
});

test('a position on the break between lines stays on the line before it', () => {
  expect(caretLines('a\nb\nc', 4)[0]).toBe('line 2: b');
  expect(caretLines('a\nb\nc', 5)[0]).toBe('line 3: c');
});

test('a long line is cut around the place', () => {
  const [line, caret] = caretLines(`${'a'.repeat(500)}X${'b'.repeat(500)}`, 501);
  expect(line?.length).toBeLessThan(150);
  expect(line?.[caret?.indexOf('^') ?? 0]).toBe('X');
});

test('a server error names code, message, place, detail, hint and request', () => {
  const error = new ServerError(400, {
    code: 'INVALID_SQL',
    message: 'syntax error at or near "FORM"',
    detail: 'why',
    hint: 'Did you mean FROM?',
    position: 10,
    request_id: 'req_1',
  });
  expect(failureOf(error, 'SELECT * FORM users')).toEqual({
    exitCode: 1,
    text: [
      'error INVALID_SQL: syntax error at or near "FORM"',
      'line 1: SELECT * FORM users',
      '                 ^',
      'detail: why',
      'hint: Did you mean FROM?',
      'request: req_1',
      '',
    ].join('\n'),
  });
});

test('what a server sends cannot drive the terminal', () => {
  expect(failureOf(new ServerError(400, { code: 'X', message: '\u001b[2J a\\nb\nc' })).text).toBe(
    'error X: \\x1b[2J a\\nb\nc\n',
  );
});

test('nobody at the address is exit code 2 and says how to start a server', () => {
  expect(failureOf(new NoServerError('http://127.0.0.1:8088', undefined))).toEqual({
    exitCode: 2,
    text: 'no server at http://127.0.0.1:8088, start one with npm start\n',
  });
});
