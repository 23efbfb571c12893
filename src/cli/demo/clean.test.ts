/** The OpenFlights files become rows, and what cannot is counted under its reason. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Cleaned, cleanAirlines, cleanAirports, cleanRoutes } from './clean.ts';
import { readRecords } from './records.ts';

const fields = (text: string) => [...readRecords(text)].map((record) => record.fields);

describe('readRecords', () => {
  test('reads plain and quoted fields, doubled quotes, backslashes and \\N', () => {
    expect(fields('1,"a, b",\\N,"c ""d"" e",\n')).toEqual([['1', 'a, b', null, 'c "d" e', '']]);
    expect(fields('"\\\\\'","\\\\\'\\\\","\\"x\\"","\\N"')).toEqual([["\\'", "\\'\\", '"x"', 'N']]);
  });
  test('ends lines by LF or CRLF, with or without one at the end of the file', () => {
    expect(fields('a,b\r\nc,\r\n\r\nd,e')).toEqual([
      ['a', 'b'],
      ['c', ''],
      ['d', 'e'],
    ]);
  });
  test('knows the line of a record, also after a break inside of quotes', () => {
    expect([...readRecords('a,"x\ny"\nb,c\n')].map((record) => record.line)).toEqual([1, 3]);
  });
  test('names what is wrong with the quotes', () => {
    expect([...readRecords('a,"b\n')][0]?.fault).toBe('a quote is not closed');
    const records = [...readRecords('"b"c,d\ne,f\n')];
    expect(records.map((record) => record.fault)).toEqual(['text after a closing quote', undefined]);
  });
  test('keeps letters that are not ASCII, and drops a byte order mark', () => {
    expect(fields('\ufeffSzczecin-Goleniów,"São Paulo"\n')).toEqual([['Szczecin-Goleniów', 'São Paulo']]);
  });
});

const file = (name: string): string =>
  readFileSync(new URL(`../../../demo/data/${name}.dat`, import.meta.url), 'utf8');
const skippedOf = (cleaned: Cleaned): number => [...cleaned.skipped.values()].reduce((sum, n) => sum + n, 0);

describe('the OpenFlights files', () => {
  const airports = cleanAirports(file('airports'));
  const airlines = cleanAirlines(file('airlines'));
  const routes = cleanRoutes(file('routes'), airports, airlines);

  test('have 7,698 airports, 6,162 airlines and 67,663 routes', () => {
    expect([airports.rows.length, airports.records]).toEqual([7_698, 7_698]);
    expect([airlines.rows.length, airlines.records]).toEqual([6_162, 6_162]);
    expect(routes.records).toBe(67_663);
  });

  test('each record of the routes is a row or is counted under one reason', () => {
    expect(routes.rows.length + skippedOf(routes)).toBe(67_663);
    expect(routes.rows.length).toBe(66_315);
    expect(Object.fromEntries(routes.skipped)).toEqual({
      'the airline has no id': 479,
      'the source airport has no id': 218,
      'the source airport is not in airports.dat': 253,
      'the destination airport has no id': 197,
      'the destination airport is not in airports.dat': 200,
      'it ends where it starts': 1,
    });
  });

  test('keep digits, letters and quotes as written', () => {
    expect(airports.rows[0]).toEqual(
      '1|Goroka Airport|Goroka|Papua New Guinea|GKA|AYGA|-6.081689834590001|145.391998291|5282|10|U|Pacific/Port_Moresby'.split(
        '|',
      ),
    );
    expect(airports.rows.find((row) => row[0] === '332')?.[1]).toBe('Magdeburg "City" Airport');
    expect(airlines.rows.find((row) => row[0] === '13394')?.slice(3, 5)).toEqual(["\\'", "\\'\\"]);
    expect(airlines.rows[0]).toEqual(['-1', 'Unknown', null, null, null, null, null, 'true']);
  });
});

describe('dirty records are counted under their reason', () => {
  const airport = (id: string, rest = '') =>
    `${id},"A","C","X",\\N,\\N,1.5,2.5,0,0,"U",\\N,"airport","S"${rest}\n`;
  test('airports', () => {
    const text = [
      airport('1'),
      airport('1'),
      airport('x'),
      airport('2', ',more'),
      airport('3').replace('1.5', '91'),
      airport('4').replace('"A"', '""'),
      '5,"A\n',
    ].join('');
    const cleaned = cleanAirports(text);
    expect(cleaned.rows.map((row) => row[0])).toEqual(['1']);
    expect(Object.fromEntries(cleaned.skipped)).toEqual({
      'id seen before': 1,
      'no number as id': 1,
      'not 14 fields': 1,
      'no position on Earth': 1,
      'no name or no country': 1,
      'a quote is not closed': 1,
    });
  });
  test('routes', () => {
    const airports = cleanAirports(airport('1') + airport('2'));
    const airlines = cleanAirlines('7,"L",\\N,"","","","","Y"\n');
    const route = (airline: string, from: string, to: string) => `L,${airline},A,${from},B,${to},,0,\r\n`;
    const text = [
      route('7', '1', '2'),
      route('7', '1', '2'),
      route('8', '1', '2'),
      route('7', '2', '2'),
      'L,7\r\n',
    ].join('');
    const cleaned = cleanRoutes(text, airports, airlines);
    expect(cleaned.rows).toEqual([['7', '1', '2', 'false', '0', null]]);
    expect(Object.fromEntries(cleaned.skipped)).toEqual({
      'route seen before': 1,
      'the airline is not in airlines.dat': 1,
      'it ends where it starts': 1,
      'not 9 fields': 1,
    });
  });
});
