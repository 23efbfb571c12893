/** The progress of the demo, as a terminal and as a log get it. */
import { expect, test } from 'vitest';
import { barLine, Progress } from './progress.ts';

test('the bar shows share and counts', () => {
  expect(barLine('airports', 2_566, 7_698)).toBe(
    'airports  [##########....................]  33%  2,566 / 7,698',
  );
  expect(barLine('routes', 0, 0)).toBe('routes    [##############################] 100%  0 / 0');
});

test('a terminal gets a bar drawn over itself, a log one line per table', () => {
  const written = (isTTY: boolean): string => {
    let text = '';
    const progress = new Progress({ isTTY, write: (part: string) => (text += part) });
    progress.rows('airlines', 0, 4);
    progress.rows('airlines', 2, 4);
    progress.breakOff();
    progress.rows('airlines', 4, 4);
    return text;
  };
  expect(written(false)).toBe('loaded airlines: 4 rows\n');
  expect(written(true).split('\r\u001b[K')).toHaveLength(4);
  expect(written(true).endsWith('100%  4 / 4\n')).toBe(true);
});

test('what is no row is counted without the word', () => {
  let text = '';
  const progress = new Progress({ write: (part: string) => (text += part) });
  progress.steps('queued', 1_000, 2_000);
  progress.steps('queued', 2_000, 2_000);
  expect(text).toBe('queued: 2,000\n');
});
