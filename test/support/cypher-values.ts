/**
 * Random Cypher values for property tests, from few enough choices that equal, equivalent and almost equal values meet
 * often: numbers around 2^53 and the ends of INTEGER, strings beyond 0xFFFF, nulls and NaN inside lists and maps.
 */
import * as fc from 'fast-check';
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalDateTimeValue,
  LocalTimeValue,
  TimeValue,
} from '../../src/cypher/temporal/temporal.ts';
import {
  type ListValue,
  type MapValue,
  Node,
  Path,
  Point,
  Relationship,
  type Srid,
  type Value,
} from '../../src/cypher/values/value.ts';

export const INT64_MIN = -(2n ** 63n);
export const INT64_MAX = 2n ** 63n - 1n;

export const anyInteger: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt(-3n, 3n),
  fc.constantFrom(2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n),
  fc.constantFrom(INT64_MIN, INT64_MIN + 1n, INT64_MAX - 1n, INT64_MAX),
  fc.bigInt(INT64_MIN, INT64_MAX),
);

export const anyFloat: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 1.5, 2 ** 53, 2 ** 53 + 2, -(2 ** 63), 2 ** 63, 1e300, 5e-324),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  fc.double(),
);

export const anyNumber: fc.Arbitrary<bigint | number> = fc.oneof(anyInteger, anyFloat);

/** Any UTF-16, lone surrogates included; mostly of few characters from the places where orders differ. */
export const anyString: fc.Arbitrary<string> = fc.oneof(
  fc
    .array(
      fc.constantFrom(
        '',
        'a',
        'b',
        '1',
        ':',
        ';',
        '"',
        '\ud7ff',
        '\ue000',
        '\uffff',
        '\u{1f600}',
        '\u{10ffff}',
      ),
      {
        maxLength: 3,
      },
    )
    .map((parts) => parts.join('')),
  fc
    .array(fc.constantFrom('\ud83d', '\ude00', '\ud83e', '\udfff', '\uffee', 'a'), { maxLength: 4 })
    .map((units) => units.join('')),
  fc.string({ unit: 'binary', maxLength: 5 }),
);

const smallOr = (small: number, large: number): fc.Arbitrary<number> =>
  fc.oneof(fc.integer({ min: 0, max: small }), fc.integer({ min: 0, max: large }));
const anyDay = fc.oneof(
  fc.integer({ min: -1, max: 1 }),
  fc.integer({ min: -365_000_000_000, max: 365_000_000_000 }),
);
const anyNanoOfDay = fc.oneof(
  fc.constantFrom(0, 1, 3_600_000_000_000, 7_200_000_000_000),
  smallOr(3, 86_399_999_999_999),
);
const anyOffset = fc.constantFrom(0, 3_600, -3_600, 7_200, 64_800, -64_800);
const anyCount = fc.oneof(fc.bigInt(-2n, 2n), fc.constantFrom(30n, -30n, 86_400n, 2_629_746n));

const anyDuration = fc
  .tuple(anyCount, anyCount, anyCount, fc.constantFrom(0, 1, 999_999_999))
  .map(
    ([months, days, seconds, nanos]) =>
      new DurationValue(months, days, seconds, seconds < 0n ? -nanos : nanos),
  );

export const anyTemporal = fc.oneof(
  anyDay.map((day) => new DateValue(day)),
  anyNanoOfDay.map((nano) => new LocalTimeValue(nano)),
  fc.tuple(anyNanoOfDay, anyOffset).map(([nano, offset]) => new TimeValue(nano, offset)),
  fc.tuple(anyDay, anyNanoOfDay).map(([day, nano]) => new LocalDateTimeValue(day, nano)),
  fc
    .tuple(anyDay, anyNanoOfDay, anyOffset, fc.constantFrom(undefined, 'Europe/Stockholm', 'Europe/London'))
    .map(([day, nano, offset, zone]) => new DateTimeValue(day, nano, offset, zone)),
  anyDuration,
);

export const anyPoint = fc
  .tuple(
    fc.constantFrom<Srid>(7203, 9157, 4326, 4979),
    fc.array(fc.constantFrom(0, -0, 1, 1.5), { minLength: 3, maxLength: 3 }),
  )
  .map(
    ([srid, [x = 0, y = 0, z = 0]]) => new Point(srid, srid === 7203 || srid === 4326 ? [x, y] : [x, y, z]),
  );

const NO_PROPERTIES: MapValue = new Map();
const anyId = fc.bigInt(0n, 3n);
export const anyNode = anyId.map((id) => new Node(id, ['A'], NO_PROPERTIES));
export const anyRelationship = anyId.map((id) => new Relationship(id, 'T', 0n, 1n, NO_PROPERTIES));
export const anyPath = fc.tuple(anyNode, fc.array(fc.tuple(anyRelationship, anyNode), { maxLength: 2 })).map(
  ([start, steps]) =>
    new Path(
      [start, ...steps.map(([, node]) => node)],
      steps.map(([step]) => step),
    ),
);

export const anyScalar: fc.Arbitrary<Value> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  anyNumber,
  anyString,
  anyTemporal,
);

const anyKey = fc.constantFrom('a', 'b', 'c', '', '"1:a', '\u{1f600}', '\uffff');

/** Every type of value, nested up to four deep. */
export const anyValue: fc.Arbitrary<Value> = fc.letrec<{ value: Value; list: ListValue; map: MapValue }>(
  (tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      anyScalar,
      anyNumber,
      anyPoint,
      anyNode,
      anyRelationship,
      anyPath,
      tie('list'),
      tie('map'),
    ),
    list: fc.array(tie('value'), { maxLength: 3 }),
    map: fc
      .uniqueArray(fc.tuple(anyKey, tie('value')), { maxLength: 3, selector: ([key]) => key })
      .map((entries) => new Map(entries)),
  }),
).value;

/** A map value from an object, for short tests. */
export const mapOf = (entries: Readonly<Record<string, Value>>): MapValue => new Map(Object.entries(entries));
