/** Reading Gherkin: features, doc strings and tables. */
import { describe, expect, it } from 'vitest';
import { GherkinError, parseFeature, tableCells } from './gherkin.ts';

const steps = (text: string) => parseFeature(`Feature: f\nScenario: s\n${text}`).blocks[0]?.steps ?? [];

describe('a feature', () => {
  it('has a name, tags, a background and scenarios', () => {
    const feature = parseFeature(
      `\uFEFF# a comment
#encoding: utf-8

@all @more # why
Feature: Match1 - Match nodes
  Some words,
  | not a table? words end before a bar

`.replace(/\n {2}\|.*/, ''),
    );
    expect(feature).toMatchObject({ name: 'Match1 - Match nodes', tags: ['@all', '@more'], blocks: [] });

    const { background, blocks } = parseFeature(`Feature: f
  Background:
    Given an empty graph

  @a
  @b
  Scenario: [1] one
    Words about it.
    Given any graph
    # a comment between
    * a star

  Scenario Outline: [2] two <x>
    When <x>

    @c
    Examples:
      | x |
      | 1 |
      | 2 |
    Examples: more
      Words.
      | x |

  @d
  Scenario Template: [3] three
    But  spaced
`);
    expect(background.map((step) => step.text)).toEqual(['an empty graph']);
    expect(blocks.map(({ name, tags, line }) => ({ name, tags, line }))).toEqual([
      { name: '[1] one', tags: ['@a', '@b'], line: 7 },
      { name: '[2] two <x>', tags: [], line: 13 },
      { name: '[3] three', tags: ['@d'], line: 26 },
    ]);
    expect(blocks[0]?.steps.map(({ text, line }) => [text, line])).toEqual([
      ['any graph', 9],
      ['a star', 11],
    ]);
    expect(blocks[1]?.examples).toEqual([
      {
        tags: ['@c'],
        header: ['x'],
        rows: [
          { line: 19, cells: ['1'] },
          { line: 20, cells: ['2'] },
        ],
      },
      { tags: [], header: ['x'], rows: [] },
    ]);
    expect(blocks[2]?.steps[0]?.text).toBe('spaced');
  });

  it.each([
    ['Scenario: s', 1],
    ['Feature: f\nScenario: s\n  nonsense\n  Given a\n  nonsense', 5],
    ['Feature: f\nRule: r\n', 2],
    ['Feature: f\n@lost\n', 3],
    ['Feature: f\n@a b\nScenario: s', 2],
    ['Feature: f\nScenario: s\nGiven a\n"""\nx', 4],
    ['Feature: f\nScenario: s\nGiven a\n| a | b |\n| 1 |', 5],
  ])('is refused by line: %j', (text, line) => {
    expect(() => parseFeature(text)).toThrow(GherkinError);
    expect(() => parseFeature(text)).toThrow(`line ${line}:`);
  });
});

describe('a doc string', () => {
  it('loses the blanks that stand before its mark, and no more', () => {
    const text = 'When q:\n    """\n    A\n      B\n  C\n\n    D  \n    """\nThen x';
    expect(steps(text).map((step) => step.docString)).toEqual(['A\n  B\nC\n\nD  ', undefined]);
  });

  it('is not unescaped, holds comments, tables and tags, and knows line breaks of both sorts', () => {
    const text = 'When q:\r\n  """\r\n  # no comment\r\n  | \\| \\n \\\\ |\r\n  @tag\r\n  """\r\n';
    expect(steps(text)[0]?.docString).toBe('# no comment\n| \\| \\n \\\\ |\n@tag');
  });

  it('may be marked by tabs and backticks, and may hold its mark escaped', () => {
    expect(steps('When q:\n\t```\n\t"""\n\t```')[0]?.docString).toBe('"""');
    expect(steps('When q:\n"""\n\\"\\"\\"\n"""')[0]?.docString).toBe('"""');
    expect(steps('When q:\n"""\n"""')[0]?.docString).toBe('');
  });
});

describe('a table', () => {
  it.each([
    ['| a | b  |', ['a', 'b']],
    ['|', []],
    ['||', ['']],
    ['| a |   |', ['a', '']],
    ["| 'a\\|b' | \\\\ | \\n |", ["'a|b'", '\\', '\n']],
    ["| '\\'' | \\x |", ["'\\''", '\\x']],
    ['| \\\\n |', ['\\n']],
    ['| a | b', ['a']],
  ])('%s', (line, cells) => {
    expect(tableCells(line)).toEqual(cells);
  });

  it('may have comments and blank lines between its rows', () => {
    expect(steps('Given t:\n| a |\n# no\n\n| 1 |\n')[0]?.table).toEqual([['a'], ['1']]);
    expect(steps('Given t:\n  |\n')[0]?.table).toEqual([[]]);
  });
});
