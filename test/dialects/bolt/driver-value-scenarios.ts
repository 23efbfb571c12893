/** Values of every type that Cypher has, there and back through a driver. */
import type neo4jDriver from 'neo4j-driver';
import type { Driver } from 'neo4j-driver';
import { describe, expect, test } from 'vitest';

/** @param connected the driver, once there is one */
export function valueScenarios(name: string, neo4j: typeof neo4jDriver, connected: () => Driver): void {
  const { int } = neo4j;
  const point = neo4j.types.Point;

  describe(`${name}: values`, () => {
    const zoned = new neo4j.types.DateTime(2024, 7, 1, 12, 30, 15, 123_456_789, 7_200, 'Europe/Stockholm');
    test.each([
      ['null', null],
      ['true', true],
      ['false', false],
      ['an integer', int(42)],
      ['the largest integer', int('9223372036854775807')],
      ['the smallest integer', int('-9223372036854775808')],
      ['an integer that a double cannot hold', int('9007199254740993')],
      ['a float', 1.5],
      ['a whole float', 3],
      ['a small float', 5e-324],
      ['infinity', Number.POSITIVE_INFINITY],
      ['a string', 'naïve ☃ 𝄞 \u0001'],
      ['an empty string', ''],
      ['a long string', 'x'.repeat(100_000)],
      ['a list', [int(1), 'two', 3.5, null, [true]]],
      ['an empty list', []],
      ['a map', { a: int(1), 'b c': [{ deep: null }] }],
      ['an empty map', {}],
      ['a date', new neo4j.types.Date(2024, 2, 29)],
      ['a date before Christ', new neo4j.types.Date(-44, 3, 15)],
      ['a local time', new neo4j.types.LocalTime(23, 59, 59, 999_999_999)],
      ['a time', new neo4j.types.Time(1, 2, 3, 4, -18_000)],
      ['a local datetime', new neo4j.types.LocalDateTime(1969, 12, 31, 23, 59, 59, 1)],
      ['a datetime with an offset', new neo4j.types.DateTime(2024, 1, 2, 3, 4, 5, 6, 3_600)],
      ['a datetime with a zone', zoned],
      ['a duration', new neo4j.types.Duration(14, -3, 5, 7)],
      ['a point', new point(int(7203), 1.5, -2.5)],
      ['a point of three dimensions', new point(int(9157), 1, 2, 3)],
      ['a place', new point(int(4326), 12.99, 55.61)],
      ['a place with a height', new point(int(4979), 12.99, 55.61, 10)],
    ])('%s', async (_, value) => {
      const { records } = await connected().executeQuery('RETURN $value AS value, [$value] AS list', {
        value,
      });
      expect(text(records[0]?.get('value'))).toBe(text(value));
      expect(text(records[0]?.get('list'))).toBe(text([value]));
    });

    test('NaN', async () => {
      const { records } = await connected().executeQuery('RETURN $value AS value', { value: Number.NaN });
      expect(records[0]?.get('value')).toBeNaN();
    });

    test('values that a property can have come back from the graph as they were', async () => {
      const properties = {
        b: true,
        i: int(7),
        f: 2.5,
        s: 'text',
        list: ['a', 'b'],
        date: new neo4j.types.Date(2024, 2, 29),
        when: zoned,
        span: new neo4j.types.Duration(1, 2, 3, 4),
        at: new point(int(4326), 12.99, 55.61),
      };
      const { records } = await connected().executeQuery('CREATE (n:Kept) SET n = $properties RETURN n', {
        properties,
      });
      const read = await connected().executeQuery('MATCH (n:Kept) RETURN n');
      for (const record of [records[0], read.records[0]]) {
        expect(text(record?.get('n').properties)).toBe(text(properties));
      }
    });

    test('nodes, relationships and paths', async () => {
      const { records } = await connected().executeQuery(
        `CREATE (a:Person:Old {name: 'A'})-[r:KNOWS {since: 2001}]->(b:Person {name: 'B'}), (b)-[s:LIKES]->(a)
         WITH a, r, b MATCH p = (b)<-[:KNOWS]-(a)<-[:LIKES]-(b) RETURN a, r, b, p`,
      );
      const [record] = records;
      const [a, r, b, p] = ['a', 'r', 'b', 'p'].map((key) => record?.get(key));
      expect(neo4j.isNode(a)).toBe(true);
      expect([...a.labels].sort()).toEqual(['Old', 'Person']);
      expect(a.properties).toEqual({ name: 'A' });
      expect(neo4j.isRelationship(r)).toBe(true);
      expect([r.type, r.startNodeElementId, r.endNodeElementId]).toEqual(['KNOWS', a.elementId, b.elementId]);
      expect(r.properties).toEqual({ since: int(2001) });
      expect(neo4j.isPath(p)).toBe(true);
      expect(p.length).toBe(2);
      // The driver takes the last of the different nodes for the end.
      expect([p.start.elementId, p.segments[1].end.elementId]).toEqual([b.elementId, b.elementId]);
      expect(p.segments[0].relationship.elementId).toBe(r.elementId);
      expect(p.segments[0].relationship.startNodeElementId).toBe(a.elementId);
      const again = await connected().executeQuery(
        'MATCH (n) WHERE elementId(n) = $id RETURN n.name AS name',
        {
          id: a.elementId,
        },
      );
      expect(again.records.map((found) => found.get('name'))).toEqual(['A']);
    });
  });
}

/** A value as text, with the digits of integers and the parts of temporal ones. */
function text(value: unknown): string {
  if (value === null || typeof value !== 'object') return `${typeof value} ${String(value)}`;
  if (Array.isArray(value)) return `[${value.map(text).join(', ')}]`;
  if (value.constructor !== Object) return `${value.constructor.name} ${String(value)}`;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, held]) => `${key}: ${text(held)}`).join(', ')}}`;
}
