/**
 * The codec of Bolt on bytes that nobody meant: each is read or refused with one of the errors that stand for it, in
 * whichever pieces it comes. The seed is fixed, so that what runs by itself says the same of the same code.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FacetError } from '../../src/base/index.ts';
import {
  type BoltVersion,
  decodeRequest,
  FrameReader,
  Handshake,
  type HandshakeStep,
  ReplyWriter,
  type Wire,
  wireOf,
} from '../../src/dialects/bolt/codec.ts';
import { REQUESTS } from '../../src/dialects/bolt/markers.ts';
import { decodeByDriver, encodeByDriver } from '../support/bolt-driver.ts';
import { anyValue } from '../support/cypher-values.ts';
import { RUNS } from './seed.ts';

const SEED = 20_260_607;
fc.configureGlobal({
  seed: Number(process.env.FACET_FUZZ_SEED ?? SEED),
  // A run takes some microseconds.
  numRuns: RUNS * 100,
});

const VERSIONS: readonly BoltVersion[] = [
  { major: 4, minor: 4 },
  { major: 5, minor: 0 },
  { major: 5, minor: 1 },
  { major: 5, minor: 7 },
];
const anyWire: fc.Arbitrary<Wire> = fc
  .tuple(fc.constantFrom(...VERSIONS), fc.boolean())
  .map(([version, patched]) => wireOf(version, patched));

const anyTag = fc.oneof(fc.constantFrom(...Object.values(REQUESTS)), fc.nat(255));
/** Bytes that mean something in PackStream, mostly. */
const anyByte = fc.oneof(
  fc.constantFrom(0x00, 0x01, 0x7f, 0x80, 0x81, 0x90, 0x91, 0xa0, 0xa1, 0xb0, 0xb1, 0xb3, 0xb4),
  fc.integer({ min: 0xc0, max: 0xe0 }),
  fc.constantFrom(0x44, 0x45, 0x46, 0x49, 0x4e, 0x50, 0x54, 0x58, 0x59, 0x64, 0x66, 0x69, 0x74),
  fc.nat(255),
);
const anyBytes = fc.array(anyByte, { maxLength: 60 }).map((bytes) => Buffer.from(bytes));

/** Messages of the driver, without chunks, and what random hands make of them. */
const anyMessage = fc
  .tuple(
    fc.constantFrom(
      () =>
        encodeByDriver(
          REQUESTS.run,
          ['RETURN $x', { x: [1, 'a', null, { k: true }] }, { mode: 'r' }],
          NEWEST,
        ),
      () =>
        encodeByDriver(REQUESTS.begin, [{ bookmarks: ['a', 'b'], tx_metadata: { a: 1 }, db: 'x' }], NEWEST),
      () => encodeByDriver(REQUESTS.logon, [{ scheme: 'basic', principal: 'é', credentials: 'x' }], NEWEST),
      () => encodeByDriver(REQUESTS.route, [{ address: 'h:1' }, ['a'], { db: 'x' }], NEWEST),
    ),
    fc.array(fc.tuple(fc.nat(100), anyByte, fc.constantFrom('set', 'insert', 'delete', 'cut')), {
      maxLength: 4,
    }),
  )
  .map(([make, changes]) => {
    let bytes = [...make().subarray(2, -2)];
    for (const [place, byte, change] of changes) {
      const at = place % Math.max(bytes.length, 1);
      if (change === 'cut') bytes = bytes.slice(0, at);
      else bytes.splice(at, change === 'insert' ? 0 : 1, ...(change === 'delete' ? [] : [byte]));
    }
    return Buffer.from(bytes);
  });
const NEWEST: BoltVersion = { major: 5, minor: 7 };

function readOrRefuse(bytes: Buffer, wire: Wire): void {
  try {
    expect(decodeRequest(bytes, wire).kind).toBeTypeOf('string');
  } catch (error) {
    if (!(error instanceof FacetError)) throw error;
    expect(['INVALID_MESSAGE', 'INVALID_PARAMETER']).toContain(error.code);
  }
}

it('reads or refuses any bytes', () => {
  fc.assert(fc.property(anyBytes, anyWire, readOrRefuse));
  fc.assert(
    fc.property(anyTag, fc.nat(4), anyBytes, anyWire, (tag, fields, bytes, wire) => {
      readOrRefuse(Buffer.concat([Buffer.from([0xb0 + fields, tag]), bytes]), wire);
    }),
  );
});

it('reads or refuses messages that were changed on their way', () => {
  fc.assert(fc.property(anyMessage, anyWire, readOrRefuse));
});

const BYTES_MAX = 64;

/** What a reader makes of pieces: messages, and whether it gave up. */
function framed(pieces: readonly Buffer[]): string[] {
  const reader = new FrameReader(BYTES_MAX);
  const found: string[] = [];
  try {
    for (const piece of pieces) {
      for (const message of reader.push(Buffer.from(piece))) found.push(message.toString('hex'));
    }
  } catch (error) {
    expect(error).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    found.push('too large');
  }
  return found;
}

/** The bytes in pieces that end at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  return [...ends, bytes.length].map((end) => {
    const piece = bytes.subarray(from, end);
    from = end;
    return piece;
  });
}

const anyPlaces = fc.array(fc.nat(10_000), { maxLength: 8 });

it('finds messages in chunks of any size and in any pieces', () => {
  const anyChunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(fc.tuple(anyChunks, fc.nat(2)), { maxLength: 6 }), anyPlaces, (messages, places) => {
      const bytes = messages.flatMap(([chunks, signs]) => [
        ...chunks.flatMap((chunk) => [0, chunk.length, ...chunk]),
        ...Array.from({ length: 2 + 2 * signs }, () => 0),
      ]);
      const whole = messages.map(([chunks]) => Buffer.concat(chunks).toString('hex'));
      expect(framed(cut(Buffer.from(bytes), places))).toEqual(whole);
    }),
  );
});

it('reads any bytes as the same messages in any pieces, and none beyond the bound', () => {
  const anyStream = fc
    .array(fc.oneof(fc.constantFrom(0, 0, 0, 1, 2, 3), fc.nat(255)), { maxLength: 120 })
    .map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(anyStream, anyPlaces, (bytes, places) => {
      const found = framed([bytes]);
      // A refusal comes with the piece that brings it, and takes along what came before in the same piece.
      const inPieces = framed(cut(bytes, places));
      if (found.includes('too large')) expect(inPieces).toContain('too large');
      else expect(inPieces).toEqual(found);
      expect(inPieces.every((hex) => hex.length <= BYTES_MAX * 2)).toBe(true);
    }),
  );
});

it('shakes hands the same way in any pieces, on versions that were proposed', () => {
  const anyProposal = fc.oneof(
    fc.constantFrom('000001ff', '00000705', '00080805', '00020404', '00000000'),
    fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  );
  const anyHandshake = fc
    .tuple(
      fc.oneof({ weight: 9, arbitrary: fc.constant('6060b017') }, { weight: 1, arbitrary: anyProposal }),
      fc.array(anyProposal, { minLength: 4, maxLength: 4 }),
      fc.oneof(fc.constantFrom('', '0000070500', '0000040480', '000004048000'), anyProposal),
    )
    .map(([magic, proposals, rest]) => Buffer.from([magic, ...proposals, rest].join(''), 'hex'));
  fc.assert(
    fc.property(anyHandshake, anyPlaces, (bytes, places) => {
      const whole = shaken([bytes]);
      expect(shaken(cut(bytes, places))).toEqual(whole);
      if (whole.version === undefined) return;
      expect([4, 5]).toContain(whole.version.major);
      expect(whole.version.minor).toBeLessThanOrEqual(7);
    }),
  );
});

/** All that was answered, and what it came to, with the bytes that are left for messages. */
function shaken(pieces: readonly Buffer[]): {
  state: string;
  answered: string;
  version: BoltVersion | undefined;
  rest: string;
} {
  const handshake = new Handshake();
  const answers: Buffer[] = [];
  for (const [index, piece] of pieces.entries()) {
    if (piece.length === 0) continue;
    const step: HandshakeStep = handshake.push(Buffer.from(piece));
    if (step.reply !== undefined) answers.push(step.reply);
    if (step.state === 'more') continue;
    const left = step.state === 'agreed' ? [step.rest, ...pieces.slice(index + 1)] : [];
    return {
      state: step.state,
      answered: Buffer.concat(answers).toString('hex'),
      version: step.state === 'agreed' ? step.version : undefined,
      rest: Buffer.concat(left).toString('hex'),
    };
  }
  return { state: 'more', answered: Buffer.concat(answers).toString('hex'), version: undefined, rest: '' };
}

it('writes any row so that the driver reads it to its end', () => {
  fc.assert(
    fc.property(fc.array(anyValue, { maxLength: 4 }), fc.constantFrom(...VERSIONS), (row, version) => {
      const writer = new ReplyWriter(wireOf(version));
      writer.record(row);
      writer.success({ has_more: true });
      const [record, success, ...more] = decodeByDriver(writer.take(), version);
      expect(record?.fields[0]).toHaveLength(row.length);
      expect([success?.fields, more]).toEqual([[{ has_more: true }], []]);
    }),
    { numRuns: RUNS * 20 },
  );
});
