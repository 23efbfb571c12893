/** The text form of composite values. */
import { describe, expect, it } from 'vitest';
import { readRowText } from './row-text.ts';

describe('readRowText', () => {
  it('reads plain, quoted, empty and absent fields', () => {
    expect(readRowText('(1,"a ""b"" \\\\ ,()",,"",2.50)')).toEqual(['1', 'a "b" \\ ,()', null, '', '2.50']);
    expect(readRowText('(,)')).toEqual([null, null]);
    expect(readRowText('()')).toEqual([null]);
    expect(readRowText('("{""a"": ""\\\\""x""}")')).toEqual(['{"a": "\\"x"}']);
    expect(readRowText('("\n")')).toEqual(['\n']);
  });

  it('refuses what is cut off or goes on', () => {
    for (const text of ['', '1', '(', '(1', '(1,', '("a)', '("a"', '("a"b)', '(1)2', '("a\\b")']) {
      expect(() => readRowText(text), text).toThrow('does not parse');
    }
  });
});
