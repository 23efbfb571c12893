/** Values on their way to Neo4j's driver and back: what it reads is what was sent, what it sends is what it has read. */
import fc from 'fast-check';
import neo4j from 'neo4j-driver';
import { describe, expect, it } from 'vitest';
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  type ListValue,
  LocalDateTimeValue,
  LocalTimeValue,
  Node,
  Path,
  Point,
  Relationship,
  TimeValue,
  type Value,
  zonedAtInstant,
  zoneOf,
} from '../../../src/cypher/index.ts';
import {
  type BoltVersion,
  decodeRequest,
  FrameReader,
  ReplyWriter,
  type Wire,
  wireOf,
} from '../../../src/dialects/bolt/codec.ts';
import { REPLIES, REQUESTS } from '../../../src/dialects/bolt/markers.ts';
import { decodeByDriver, encodeByDriver } from '../../support/bolt-driver.ts';
import { anyPoint, anyScalar, mapOf } from '../../support/cypher-values.ts';

const NEWEST: BoltVersion = { major: 5, minor: 7 };
const OLDEST: BoltVersion = { major: 4, minor: 4 };
const STOCKHOLM = zoneOf('Europe/Stockholm');

const sent = (value: Value, wire: Wire): Buffer => {
  const writer = new ReplyWriter(wire);
  writer.record([value]);
  return writer.take();
};

/** What the driver makes of a value. */
function seenByDriver(value: Value, wire = wireOf(NEWEST)): unknown {
  const [message] = decodeByDriver(sent(value, wire), wire);
  expect(message?.tag).toBe(REPLIES.record);
  const [row] = message?.fields ?? [];
  return (row as readonly unknown[])[0];
}

/** What the server makes of a parameter of the driver. */
function received(value: unknown, wire = wireOf(NEWEST)): Value | undefined {
  const bytes = encodeByDriver(REQUESTS.run, ['RETURN $x', { x: value }, {}], wire);
  const [message = Buffer.alloc(0)] = new FrameReader(1 << 24).push(bytes);
  const request = decodeRequest(message, wire);
  return request.kind === 'run' ? request.parameters.get('x') : undefined;
}

describe.each([wireOf(NEWEST), wireOf({ major: 5, minor: 0 }), wireOf(OLDEST)])('Bolt %o', (wire) => {
  it.each<[Value, string]>([
    [new DateValue(19_000), '2022-01-08'],
    [new DateValue(-719_529), '-000001-12-31'],
    [new LocalTimeValue(3_723_000_000_005), '01:02:03.000000005'],
    [new TimeValue(3_723_000_000_000, 5_400), '01:02:03+01:30'],
    [new LocalDateTimeValue(-1, 86_399_999_999_999), '1969-12-31T23:59:59.999999999'],
    [new DateTimeValue(19_000, 0, -3_600, undefined), '2022-01-08T00:00:00-01:00'],
    [zonedAtInstant(19_000, 0, STOCKHOLM), '2022-01-08T01:00:00+01:00[Europe/Stockholm]'],
    [zonedAtInstant(19_180, 0, STOCKHOLM), '2022-07-07T02:00:00+02:00[Europe/Stockholm]'],
    [new DurationValue(14n, 3n, 4n, 5), 'P1Y2M3DT4.000000005S'],
    [new DurationValue(-1n, 0n, 0n, -1), 'P-1MT-0.000000001S'],
    [new DurationValue(0n, 0n, -2n, -500_000_000), 'PT-2.500000000S'],
    [new Point(7203, [1, -2.5]), 'Point{srid=7203, x=1.0, y=-2.5}'],
    [new Point(4979, [12.5, 55, 3]), 'Point{srid=4979, x=12.5, y=55.0, z=3.0}'],
  ])('shows %o as %s, and takes it back', (value, text) => {
    const seen = seenByDriver(value, wire);
    // Without the patch `utc` the driver of 4.4 knows the zone, but not the offset.
    expect(String(seen)).toBe(wire.utc ? text : text.replace(/\+0\d:00(?=\[)/, ''));
    expect(received(seen, wire)).toEqual(value);
  });

  it('takes back whatever it has sent', () => {
    fc.assert(
      fc.property(anyParameter, (value) => {
        expect(received(seenByDriver(value, wire), wire)).toEqual(value);
      }),
    );
  });
});

it('sends nodes, relationships and paths with element ids from 5.0 on', () => {
  const big = 2n ** 60n + 1n;
  const node = new Node(big, ['A', 'B'], mapOf({ list: [1n, 2.5, 'x', null] }));
  const other = new Node(2n, [], new Map());
  const step = new Relationship(7n, 'KNOWS', big, 2n, mapOf({ since: new DateValue(0) }));
  const back = new Relationship(8n, 'KNOWS', big, 2n, new Map());
  const seen = seenByDriver([node, step, new Path([node, other, node], [step, back])]) as [
    InstanceType<typeof neo4j.types.Node>,
    InstanceType<typeof neo4j.types.Relationship>,
    InstanceType<typeof neo4j.types.Path>,
  ];
  const [seenNode, seenStep, seenPath] = seen;
  expect(seenNode).toBeInstanceOf(neo4j.types.Node);
  expect([BigInt(String(seenNode.identity)), seenNode.elementId, seenNode.labels]).toEqual([
    big,
    String(big),
    ['A', 'B'],
  ]);
  expect(seenNode.properties).toEqual({ list: [neo4j.int(1), 2.5, 'x', null] });
  expect([seenStep.type, seenStep.elementId, seenStep.startNodeElementId, seenStep.endNodeElementId]).toEqual(
    ['KNOWS', '7', String(big), '2'],
  );
  expect(BigInt(String(seenStep.start))).toBe(big);
  expect(
    seenPath.segments.map(({ start, relationship, end }) => [
      start.elementId,
      relationship.elementId,
      relationship.startNodeElementId,
      relationship.endNodeElementId,
      end.elementId,
    ]),
  ).toEqual([
    [String(big), '7', String(big), '2', '2'],
    ['2', '8', String(big), '2', String(big)],
  ]);
});

it('sends them without element ids in 4.4', () => {
  const wire = wireOf(OLDEST);
  const node = new Node(1n, ['A'], new Map());
  const step = new Relationship(7n, 'T', 1n, 1n, new Map());
  const [seenNode, seenStep, seenPath] = seenByDriver([node, step, new Path([node, node], [step])], wire) as [
    { identity: unknown; elementId: string },
    { start: unknown; elementId: string },
    { length: number; end: { elementId: string } },
  ];
  // The driver makes them of the numbers.
  expect([seenNode.identity, seenNode.elementId]).toEqual([neo4j.int(1), '1']);
  expect([seenStep.start, seenStep.elementId]).toEqual([neo4j.int(1), '7']);
  expect([seenPath.length, seenPath.end.elementId]).toEqual([1, '1']);
});

it('sends a message of several chunks, of any size around their bound', () => {
  for (const length of [65_529, 65_530, 65_531, 131_064, 131_065, 300_000]) {
    const text = 'é'.repeat(3) + 'x'.repeat(length - 6);
    expect(seenByDriver(text)).toBe(text);
  }
});

it('reads messages of the driver, whatever its chunks are', () => {
  const list = Array.from({ length: 70_000 }, (_, index) => neo4j.int(index));
  for (const chunkBytes of [5, 1_400, 65_535]) {
    const bytes = encodeByDriver(REQUESTS.run, ['RETURN $x', { x: list }, {}], NEWEST, chunkBytes);
    const [message = Buffer.alloc(0)] = new FrameReader(1 << 24).push(bytes);
    const request = decodeRequest(message, wireOf(NEWEST));
    expect(request.kind === 'run' && (request.parameters.get('x') as ListValue).length).toBe(70_000);
  }
});

it('refuses by name what a parameter cannot be', () => {
  const node = new neo4j.types.Node(neo4j.int(1), [], {}, '1');
  // The driver itself sends no nodes; other clients might.
  expect(() => received(node)).toThrow(/not allowed to pass nodes/);
  expect(() => received(new Int8Array(3))).toThrow(
    expect.objectContaining({ code: 'INVALID_PARAMETER', message: expect.stringContaining('Byte arrays') }),
  );
  expect(() => received(new neo4j.types.Point(neo4j.int(1), 1, 2))).toThrow(
    expect.objectContaining({ code: 'INVALID_PARAMETER' }),
  );
});

/** Lone surrogates do not survive UTF-8, nor does a sign of no nanoseconds, with any codec. */
function writable(value: Value): Value {
  if (typeof value === 'string') return Buffer.from(value).toString();
  if (!(value instanceof DurationValue)) return value;
  return new DurationValue(value.months, value.days, value.seconds, value.nanos + 0);
}

/** The driver computes with JavaScript's dates, so that zones are for years that these have. */
const anyZoned = fc
  .tuple(
    fc.integer({ min: -700_000, max: 2_000_000 }),
    fc.integer({ min: 0, max: 86_399 }),
    fc.constantFrom('Europe/Stockholm', 'America/New_York', 'Asia/Kolkata', 'UTC'),
  )
  .map(([day, second, zone]) => zonedAtInstant(day, second * 1_000_000_000, zoneOf(zone)));

const isZoned = (value: Value): boolean => value instanceof DateTimeValue && value.zone !== undefined;

const anyPlain = fc.oneof(anyScalar.filter((value) => !isZoned(value)).map(writable), anyPoint);

const anyParameter: fc.Arbitrary<Value> = fc.letrec<{ value: Value; list: Value; map: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    anyPlain,
    anyZoned.filter(({ epochDay }) => epochDay > 0),
    tie('list'),
    tie('map'),
  ),
  list: fc.array(tie('value'), { maxLength: 20 }),
  map: fc
    .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'é', '', 'x'.repeat(70)), tie('value')), {
      maxLength: 4,
      selector: ([key]) => key,
    })
    .map((entries) => new Map(entries)),
})).value;
