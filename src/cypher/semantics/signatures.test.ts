/** The table of functions says what its texts say. */
import { describe, expect, it } from 'vitest';
import { FUNCTION_SIGNATURES } from './signatures.ts';
import { describeType } from './static-type.ts';

const written = (key: string): string | undefined => {
  const signature = FUNCTION_SIGNATURES.get(key);
  if (signature === undefined) return undefined;
  const { name, argumentsMin, argumentsMax, parameters, result } = signature;
  const kinds = parameters.map(describeType).join(', ');
  return `${name} ${argumentsMin}-${argumentsMax} (${kinds}) ${typeof result === 'string' ? result : describeType(result)}`;
};

describe('signatures', () => {
  it.each([
    ['substring', 'substring 2-3 (STRING, INTEGER, INTEGER) STRING'],
    ['coalesce', 'coalesce 1-Infinity (ANY) union'],
    ['rand', 'rand 0-0 () FLOAT'],
    ['collect', 'collect 1-1 (ANY) list-of-first'],
    ['nodes', 'nodes 1-1 (PATH) LIST<NODE>'],
    ['nothing', undefined],
  ])('%s', (key, text) => expect(written(key)).toBe(text));

  it('are found by their names in lower case', () => {
    for (const [key, { name }] of FUNCTION_SIGNATURES) expect(key).toBe(name.toLowerCase());
  });

  it('name the aggregates and what is not steady', () => {
    const all = [...FUNCTION_SIGNATURES.values()];
    const names = (wanted: (signature: (typeof all)[number]) => boolean): string[] =>
      all
        .filter(wanted)
        .map(({ name }) => name)
        .sort();
    expect(names(({ aggregate }) => aggregate)).toEqual([
      'avg',
      'collect',
      'count',
      'max',
      'min',
      'percentileCont',
      'percentileDisc',
      'stDev',
      'stDevP',
      'sum',
    ]);
    expect(names(({ deterministic }) => !deterministic)).toContain('rand');
  });
});
