/** Expanding outlines into the scenarios that are run. */
import { describe, expect, it } from 'vitest';
import { parseFeature } from './gherkin.ts';
import { expand } from './outlines.ts';

describe('an outline', () => {
  const scenarios = expand(
    parseFeature(`@feature
Feature: f
  Background:
    Given an <a> graph

  @block
  Scenario Outline: [1] <a> and <b>
    When <a>:
      """
      RETURN <a>, <other>, <<b>>
      """
    Then rows:
      | <a> | x |
      | <(:A)-[:T]->(<b>)> | <other> |

    @first
    Examples:
      | a   | b  |
      | 1   | $& |
      | <b> | 2  |

    Examples:
      | b | a |
      | 5 | 4 |
  Scenario: plain <a>
    Given <a>
`),
  );

  it('becomes one scenario for each row of all its examples', () => {
    expect(scenarios.map(({ name, line, blockLine, example }) => [name, line, blockLine, example])).toEqual([
      ['[1] 1 and $&', 19, 7, 1],
      ['[1] 2 and 2', 20, 7, 2],
      ['[1] 4 and 5', 24, 7, 3],
      ['plain <a>', 25, 25, undefined],
    ]);
  });

  it('carries the tags of the feature, of the block and of the examples', () => {
    expect(scenarios.map(({ tags }) => [...tags])).toEqual([
      ['@feature', '@block', '@first'],
      ['@feature', '@block', '@first'],
      ['@feature', '@block'],
      ['@feature'],
    ]);
  });

  it('replaces placeholders in texts, doc strings, headers and cells, and leaves what the header does not name', () => {
    expect(scenarios[0]?.steps).toMatchObject([
      { text: 'an <a> graph' },
      { text: '1:', docString: 'RETURN 1, <other>, <$&>' },
      {
        text: 'rows:',
        table: [
          ['1', 'x'],
          ['<(:A)-[:T]->($&)>', '<other>'],
        ],
      },
    ]);
  });

  it('puts in the background as it stands, and replaces nothing in a plain scenario', () => {
    expect(scenarios[3]?.steps.map(({ text }) => text)).toEqual(['an <a> graph', '<a>']);
  });
});
