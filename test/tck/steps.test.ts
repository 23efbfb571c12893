/** Sentences of the TCK, procedures and side effects among them. */
import { describe, expect, it } from 'vitest';
import { LiteralError } from './literals.ts';
import { callProcedure, parseProcedure, SignatureError } from './procedures.ts';
import {
  parseSideEffects,
  SideEffectsError,
  sideEffectsBetween,
  sideEffectsDifference,
} from './side-effects.ts';
import { readStep, StepError } from './steps.ts';

const read = (text: string, payload: { docString?: string; table?: string[][] } = {}) =>
  readStep({ text, line: 1, docString: payload.docString, table: payload.table });

describe('a sentence', () => {
  it('prepares', () => {
    expect(read('any graph')).toEqual({ kind: 'any graph' });
    expect(read('an empty graph')).toEqual({ kind: 'empty graph' });
    expect(read('the binary-tree-1 graph')).toEqual({ kind: 'named graph', name: 'binary-tree-1' });
    expect(read('having executed:', { docString: 'CREATE ()' })).toEqual({
      kind: 'setup',
      query: 'CREATE ()',
    });
    expect(
      read('parameters are:', {
        table: [
          ['a', '[1]'],
          ['b', 'null'],
        ],
      }),
    ).toEqual({
      kind: 'parameters',
      values: new Map<string, unknown>([
        ['a', [1n]],
        ['b', null],
      ]),
    });
  });

  it('executes', () => {
    expect(read('executing query:', { docString: 'Q' })).toEqual({
      kind: 'query',
      query: 'Q',
      isControl: false,
    });
    expect(read('executing control query:', { docString: 'Q' })).toMatchObject({
      query: 'Q',
      isControl: true,
    });
  });

  it.each([
    ['the result should be, in any order:', false, false],
    ['the result should be, in order:', true, false],
    ['the result should be (ignoring element order for lists):', false, true],
    ['the result should be, in order (ignoring element order for lists):', true, true],
  ])('asks for rows: %s', (text, rowsInOrder, listsInAnyOrder) => {
    const table = [
      ['count(*)', 'x'],
      ['1', "'a'"],
    ];
    expect(read(text, { table })).toEqual({
      kind: 'result',
      expected: {
        columns: ['count(*)', 'x'],
        rows: [
          [
            { kind: 'integer', value: 1n },
            { kind: 'string', value: 'a' },
          ],
        ],
        rowsInOrder,
        listsInAnyOrder,
      },
    });
  });

  it('asks for nothing, for effects, for an error', () => {
    expect(read('the result should be empty')).toEqual({ kind: 'empty result' });
    expect(read('no side effects')).toEqual({ kind: 'side effects', expected: new Map() });
    expect(read('the side effects should be:', { table: [['+nodes', '2']] })).toEqual({
      kind: 'side effects',
      expected: new Map([['+nodes', 2]]),
    });
    expect(read('a SyntaxError should be raised at compile time: UndefinedVariable')).toEqual({
      kind: 'error',
      expected: { type: 'SyntaxError', phase: 'compile time', detail: 'UndefinedVariable' },
    });
    expect(read('an ArgumentError should be raised at any time: *')).toMatchObject({
      expected: { type: 'ArgumentError', phase: 'any time', detail: '*' },
    });
  });

  it.each([
    'the result should be, in some order:',
    'executing a query:',
    'a TypeError should be raised: X',
    '',
  ])('is refused when it is none: %s', (text) => {
    expect(() => read(text, { docString: '', table: [] })).toThrow(StepError);
  });

  it('is refused without what it speaks of', () => {
    expect(() => read('executing query:')).toThrow(StepError);
    expect(() => read('the result should be, in order:')).toThrow(StepError);
    expect(() => read('parameters are:', { table: [['a']] })).toThrow(StepError);
    expect(() => read('the result should be, in order:', { table: [['a'], ['nil']] })).toThrow(LiteralError);
  });
});

describe('a procedure', () => {
  it('has a name, inputs, outputs and rows', () => {
    const text =
      'there exists a procedure test.my.proc(in :: INTEGER?) :: (a :: NUMBER, b :: LIST OF STRING?) :';
    expect(
      read(text, {
        table: [
          ['in', 'a', 'b'],
          ['null', '1', "['x']"],
        ],
      }),
    ).toEqual({
      kind: 'procedure',
      procedure: {
        name: 'test.my.proc',
        inputs: [{ name: 'in', type: 'INTEGER?' }],
        outputs: [
          { name: 'a', type: 'NUMBER' },
          { name: 'b', type: 'LIST OF STRING?' },
        ],
        rows: [[null, 1n, ['x']]],
      },
    });
    expect(parseProcedure('test.doNothing() :: ()', [[]])).toMatchObject({
      inputs: [],
      outputs: [],
      rows: [],
    });
  });

  it.each(['p', 'p()', 'p() :: (a)', 'p(a) :: ()'])('is refused with a broken signature: %s', (signature) => {
    expect(() => parseProcedure(signature, [[]])).toThrow(SignatureError);
  });

  it('is refused with a table of other columns', () => {
    expect(() => parseProcedure('p(a :: STRING?) :: (b :: STRING?)', [['b', 'a']])).toThrow(SignatureError);
  });

  it('yields the outputs of rows whose inputs are the arguments', () => {
    const procedure = parseProcedure('p(a :: FLOAT?, b :: STRING?) :: (c :: INTEGER?)', [
      ['a', 'b', 'c'],
      ['1.0', 'null', '1'],
      ['1.0', 'null', '2'],
      ['1.5', 'null', '3'],
      ['1.0', "'x'", '4'],
    ]);
    expect(callProcedure(procedure, [1n, null])).toEqual([[1n], [2n]]);
    expect(callProcedure(procedure, [1, 'x'])).toEqual([[4n]]);
    expect(callProcedure(procedure, [null, null])).toEqual([]);
  });
});

describe('side effects', () => {
  const snapshot = (nodes: bigint[], relationships: bigint[], labels: string[], properties: string[]) => ({
    nodes: new Set(nodes),
    relationships: new Set(relationships),
    labels: new Set(labels),
    properties: new Set(properties),
  });

  it('are the net difference', () => {
    const before = snapshot([1n, 2n], [5n], ['A'], ['1.x=1', '2.x=1']);
    const after = snapshot([2n, 3n, 4n], [], ['A', 'B'], ['2.x=2']);
    expect(Object.fromEntries(sideEffectsBetween(before, after))).toEqual({
      '+nodes': 2,
      '-nodes': 1,
      '-relationships': 1,
      '+labels': 1,
      '+properties': 1,
      '-properties': 2,
    });
    expect(sideEffectsBetween(before, before).size).toBe(0);
  });

  it('must be all that happened, where zero may be said', () => {
    const wanted = parseSideEffects([
      ['+nodes', '1'],
      ['-labels', '0'],
    ]);
    expect(sideEffectsDifference(wanted, new Map([['+nodes', 1]]))).toBeUndefined();
    expect(
      sideEffectsDifference(
        wanted,
        new Map([
          ['+nodes', 2],
          ['+labels', 1],
        ]),
      ),
    ).toBe('side effects: +nodes is 2, expected 1; +labels is 1, expected 0');
    expect(sideEffectsDifference(wanted, new Map())).toBe('side effects: +nodes is 0, expected 1');
  });

  it.each([
    [['nodes', '1']],
    [['+edges', '1']],
    [['+nodes', 'one']],
    [['+nodes']],
    [['+nodes', '1', '2']],
  ])('are refused when they are none: %j', (row) => {
    expect(() => parseSideEffects([row])).toThrow(SideEffectsError);
  });

  it('are refused when one is told twice', () => {
    expect(() =>
      parseSideEffects([
        ['+nodes', '1'],
        ['+nodes', '1'],
      ]),
    ).toThrow(SideEffectsError);
  });
});
