/** Bounds of size and time stand where they are explained, and the heuristic that looks for others works. */
import { describe, expect, it } from 'vitest';
import { checkNumbers, NUMBER_WAIVERS } from './numbers.ts';
import { productFiles, sample, written } from './repository.ts';

describe('numbers of size and time', () => {
  it('stand in base/limits.ts and among the options', () => {
    expect(productFiles().length).toBeGreaterThan(60);
    expect(written(checkNumbers(productFiles(), NUMBER_WAIVERS))).toEqual([]);
    for (const reason of NUMBER_WAIVERS.values()) expect(reason.length).toBeGreaterThan(20);
  });
});

describe('the rule of numbers', () => {
  const weigh = (text: string): number => checkNumbers([sample('src/engine/x.ts', text)], new Map()).length;

  it.each([
    'const size = 4096;',
    'wait(5_000);',
    'const a = 5 * 1_000;',
    'const a = 1e6;',
    'const a = 10_000n;',
    'const options = { timeoutMs: 250 };',
    'const waitMs = 50;',
    'const rowsMax = limit ?? 1; const bytesMax = 100;',
    'options.idleSeconds ?? 30; const x = { idleSeconds ?? 30 };',
    'setTimeout(() => stop(), 200);',
    'setInterval(check, 50);',
    'const WAIT_MS = 5_000;',
    '/** Why. */\n\nconst WAIT_MS = 5_000;',
    '/** Why. */\nconst wait = 5_000;',
  ])('finds %s', (text) => {
    expect(weigh(text)).toBeGreaterThan(0);
  });

  it.each([
    'const seconds = ms / 1_000;',
    'const ms = 1000 * seconds;',
    'const kib = (bytes) / 1024;',
    'const a = 0xffff_ffff;',
    'const a = 999;',
    'const text = "5000";',
    '// 5000 of them',
    'let waitedMs = 0;',
    'setTimeout(resolve, LIMITS.retryMs);',
    'const a = x1000;',
    'const a = Math.round(ms * 1_000) / 1_000;',
    'throw new FacetError(a, b, { retryAfterSeconds: 5 });',
    'port <= 65_535',
    'const all = hours * 3_600;',
    '/** Four missed renewals. */\nconst WATCH_MS = 12_000;',
    '/**\n * Four missed renewals.\n */\nexport const WATCH_MS = 12_000;',
  ])('lets pass: %s', (text) => {
    expect(weigh(text)).toBe(0);
  });

  it('wants waivers that are needed', () => {
    const waivers = new Map([['src/engine/x.ts', 'numbers of types, given by PostgreSQL']]);
    expect(checkNumbers([sample('src/engine/x.ts', 'const oid = 1043;')], waivers)).toEqual([]);
    expect(checkNumbers([sample('src/engine/x.ts', 'const oid = 23;')], waivers)).toHaveLength(1);
  });
});
