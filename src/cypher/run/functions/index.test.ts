/** The declarations of functions and their code name the same functions, with the same numbers of arguments. */
import { describe, expect, it } from 'vitest';
import { FUNCTION_SIGNATURES } from '../../semantics/signatures.ts';
import { AGGREGATES, FUNCTIONS } from './index.ts';

const declared = [...FUNCTION_SIGNATURES];

describe('functions', () => {
  it('are those that are declared, with the same arguments', () => {
    const scalars = declared.filter(([, { aggregate }]) => !aggregate);
    const told = (name: string, least: number, most: number): string => `${name} takes ${least} to ${most}`;
    expect([...FUNCTIONS.values()].map((f) => told(f.name, f.argumentsMin, f.argumentsMax)).sort()).toEqual(
      scalars.map(([, s]) => told(s.name, s.argumentsMin, s.argumentsMax)).sort(),
    );
    for (const [key, { name }] of FUNCTIONS) expect(key).toBe(name.toLowerCase());
  });

  it('are as steady as declared', () => {
    const volatile = [...FUNCTIONS.values()].filter((f) => f.stability === 'volatile').map((f) => f.name);
    const unsteady = declared.filter(([, { deterministic }]) => !deterministic).map(([, { name }]) => name);
    expect(volatile.sort()).toEqual(unsteady.sort());
  });

  it('have code for the number of arguments they take', () => {
    for (const { name, one, two, many, argumentsMin, argumentsMax } of FUNCTIONS.values()) {
      expect([name, [one, two, many].filter((code) => code !== undefined).length]).toEqual([name, 1]);
      if (one !== undefined) expect([argumentsMin, argumentsMax]).toEqual([1, 1]);
      if (two !== undefined) expect([argumentsMin, argumentsMax]).toEqual([2, 2]);
    }
  });

  it('that aggregate are those that are declared', () => {
    const aggregates = declared.filter(([, { aggregate }]) => aggregate).map(([key]) => key);
    expect([...AGGREGATES.keys()].sort()).toEqual(aggregates.sort());
  });
});
