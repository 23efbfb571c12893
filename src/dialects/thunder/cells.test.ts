/** Cells of every type as JSON text. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encoderOf, rowToJson } from './cells.ts';

const encode = (typeName: string, text: string): string => encoderOf(typeName)(text);

describe('numbers', () => {
  it.each([
    ['Int64', '9007199254740993'],
    ['Int64', '-9223372036854775808'],
    ['Decimal', '50.10'],
    ['Decimal', '-0.000000000000000000000000000000000001'],
    ['Float64', '1e-07'],
    ['Float64', '1.7976931348623157e+308'],
    ['Float64', '-0'],
    ['Float32', '3.4028235e+38'],
    ['Vector', '[1,2.5,-3e-05]'],
  ])('%s %s keeps its digits', (typeName, text) => {
    expect(encode(typeName, text)).toBe(text);
    expect(() => JSON.parse(text)).not.toThrow();
  });

  it.each([
    ['Float64', 'NaN'],
    ['Float64', 'Infinity'],
    ['Float32', '-Infinity'],
    ['Decimal', 'NaN'],
    ['Decimal', '-Infinity'],
  ])('%s %s is null', (typeName, text) => {
    expect(encode(typeName, text)).toBe('null');
  });
});

describe('dates and times', () => {
  it.each([
    ['TimestampTz', '2025-12-01 14:30:00+00', '"2025-12-01T14:30:00Z"'],
    ['TimestampTz', '2025-12-01 14:30:00.123+00', '"2025-12-01T14:30:00.123Z"'],
    ['TimestampTz', '2025-12-01 00:30:00.000001+05:30', '"2025-11-30T19:00:00.000001Z"'],
    ['TimestampTz', '2025-12-31 23:30:00-01', '"2026-01-01T00:30:00Z"'],
    ['TimestampTz', '12025-12-01 14:30:00+00', '"12025-12-01T14:30:00Z"'],
    ['TimestampTz', '0050-06-01 01:00:00+01', '"0050-06-01T00:00:00Z"'],
    ['TimestampTz', '0001-01-01 00:30:00+01', '"0001-01-01 00:30:00+01"'],
    ['TimestampTz', '0044-03-15 12:00:00+00 BC', '"0044-03-15 12:00:00+00 BC"'],
    ['TimestampTz', 'infinity', '"infinity"'],
    ['TimestampTz', '-infinity', '"-infinity"'],
    ['Timestamp', '2025-12-01 14:30:00', '"2025-12-01T14:30:00"'],
    ['Timestamp', '2025-12-01 14:30:00.5', '"2025-12-01T14:30:00.5"'],
    ['Timestamp', '12025-12-01 14:30:00.5', '"12025-12-01T14:30:00.5"'],
    ['Timestamp', '0044-03-15 12:00:00 BC', '"0044-03-15 12:00:00 BC"'],
    ['Timestamp', 'infinity', '"infinity"'],
    ['Date', '2025-12-01', '"2025-12-01"'],
    ['Date', 'infinity', '"infinity"'],
    ['Time', '14:30:00.25', '"14:30:00.25"'],
    ['Interval', '1 day 02:00:00', '"1 day 02:00:00"'],
  ])('%s %s', (typeName, text, expected) => {
    expect(encode(typeName, text)).toBe(expected);
  });
});

describe('other scalars', () => {
  it.each([
    ['Boolean', 't', 'true'],
    ['Boolean', 'f', 'false'],
    ['Binary', '\\x', '""'],
    ['Binary', '\\x00ff10', '"AP8Q"'],
    ['Binary', '\\000\\377\\\\x', '"AP9ceA=="'],
    ['Text', 'say "hi"\n\u0001', '"say \\"hi\\"\\n\\u0001"'],
    ['Uuid', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"'],
    ['Json', '{"a":\r\n [1.50, "x\\ny"]}', '{"a":  [1.50, "x\\ny"]}'],
    ['Jsonb', '{"n": 9007199254740993}', '{"n": 9007199254740993}'],
    ['SomethingElse', '12', '"12"'],
  ])('%s %s', (typeName, text, expected) => {
    expect(encode(typeName, text)).toBe(expected);
  });
});

describe('arrays', () => {
  it.each([
    ['Array<Int32>', '{}', '[]'],
    ['Array<Int32>', '{1,NULL,-3}', '[1,null,-3]'],
    ['Array<Int32>', '{{1,2},{3,4}}', '[[1,2],[3,4]]'],
    ['Array<Int32>', '[0:1]={1,2}', '[1,2]'],
    ['Array<Int32>', '[1:1][-2:-1]={{1,2}}', '[[1,2]]'],
    ['Array<Float64>', '{1.5,NaN}', '[1.5,null]'],
    ['Array<Boolean>', '{t,f,NULL}', '[true,false,null]'],
    ['Array<Text>', '{a,"b,c","NULL","","\\"q\\"","\\\\"}', '["a","b,c","NULL","","\\"q\\"","\\\\"]'],
    ['Array<Text>', '{"{x}"," "}', '["{x}"," "]'],
    ['Array<Jsonb>', '{"{\\"a\\": 1}",NULL}', '[{"a": 1},null]'],
    ['Array<TimestampTz>', '{"2025-12-01 14:30:00+00"}', '["2025-12-01T14:30:00Z"]'],
    ['Array<Binary>', '{"\\\\x00ff"}', '["AP8="]'],
    ['Array<Vector>', '{"[1,2]"}', '[[1,2]]'],
  ])('%s %s', (typeName, text, expected) => {
    expect(encode(typeName, text)).toBe(expected);
  });

  it('gives back any texts, as PostgreSQL quotes them', () => {
    const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`;
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), (texts) => {
        const arrayText = `{${texts.map(quoted).join(',')}}`;
        expect(JSON.parse(encode('Array<Text>', arrayText))).toEqual(texts);
      }),
    );
  });
});

describe('a row', () => {
  it('is a JSON array in column order', () => {
    const encoders = [encoderOf('Int64'), encoderOf('Text'), encoderOf('Boolean')];
    expect(rowToJson(['1', null, 't'], encoders)).toBe('[1,null,true]');
    expect(rowToJson([], [])).toBe('[]');
  });
});
