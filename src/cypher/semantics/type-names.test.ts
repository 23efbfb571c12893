/** Types are read as signatures write them, and shown as messages need them. */
import { describe, expect, it } from 'vitest';
import { describeType, KIND } from './static-type.ts';
import { argumentTypeNamed, typeNamed } from './type-names.ts';

const shown = (name: string): string | undefined => {
  const type = typeNamed(name);
  return type && describeType(type);
};

describe('names of types', () => {
  it.each([
    ['INTEGER?', 'INTEGER'],
    ['any?', 'ANY'],
    ['NUMBER', 'INTEGER or FLOAT'],
    ['LIST<STRING>', 'LIST<STRING>'],
    ['LIST? OF INTEGER?', undefined],
    ['LIST OF INTEGER?', 'LIST<INTEGER>'],
    ['List<List<Node?>>?', 'LIST<LIST<NODE>>'],
    ['list', 'LIST'],
    ['node|relationship|map', 'MAP or NODE or RELATIONSHIP'],
    ['Zoned DateTime', 'ZONED DATETIME'],
    ['LIST<WORD>', undefined],
    ['string|word', undefined],
    ['', undefined],
  ])('%s is %s', (name, type) => expect(shown(name)).toBe(type));

  it('take an INTEGER where a FLOAT is wanted', () => {
    expect(argumentTypeNamed('FLOAT?')?.kinds).toBe(KIND.integer | KIND.float);
    expect(argumentTypeNamed('INTEGER')?.kinds).toBe(KIND.integer);
    expect(argumentTypeNamed('STRING')?.kinds).toBe(KIND.string);
  });
});
