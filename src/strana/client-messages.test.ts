/** What is read by hand is what generated code reads, and what is not well formed is refused. */
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DateValue, type Value } from '../cypher/index.ts';
import {
  ClientMessageSchema,
  decodeBatch,
  decodeClientMessage,
  decodeExecute,
  exactGraphValueOf,
  MapEntrySchema,
  parametersOf,
} from './index.ts';

const encoded = (msg: NonNullable<MessageInitShape<typeof ClientMessageSchema>['msg']>): Buffer =>
  Buffer.from(toBinary(ClientMessageSchema, create(ClientMessageSchema, { msg })));

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

const execute = (request: object) => ({
  kind: 'execute',
  parameters: new Map(),
  fault: undefined,
  requestId: undefined,
  fetchSize: undefined,
  ...request,
});

describe('messages whose bytes are known', () => {
  it.each([
    ['0a 00', { kind: 'hello', token: undefined }],
    ['0a 08 0a 06 73 65 63 72 65 74', { kind: 'hello', token: 'secret' }],
    [
      '12 1a 0a 09 52 45 54 55 52 4e 20 24 78 12 07 0a 01 78 12 02 18 2a 1a 02 72 31 20 0a',
      execute({
        query: 'RETURN $x',
        parameters: new Map([['x', 42n]]),
        requestId: 'r1',
        fetchSize: 10n,
      }),
    ],
    ['1a 00', { kind: 'begin', mode: undefined, requestId: undefined }],
    ['1a 06 0a 04 72 65 61 64', { kind: 'begin', mode: 'read', requestId: undefined }],
    ['22 00', { kind: 'commit', requestId: undefined }],
    ['2a 00', { kind: 'rollback', requestId: undefined }],
    ['4a 00', { kind: 'close' }],
    [
      '32 10 0a 0a 0a 08 52 45 54 55 52 4e 20 31 12 02 62 31',
      { kind: 'batch', requestId: 'b1', statements: [{ query: 'RETURN 1', fault: undefined }] },
    ],
    ['3a 02 08 01', { kind: 'fetch', streamId: 1n, requestId: undefined }],
    ['42 02 08 01', { kind: 'close-stream', streamId: 1n, requestId: undefined }],
  ])('%s', (hex, expected) => {
    expect(decodeClientMessage(bytes(hex))).toMatchObject(expected);
  });
});

const texts = fc.string({ unit: 'grapheme', maxLength: 40 });
const values: fc.Memo<Value> = fc.memo((depth) => {
  const scalars: fc.Arbitrary<Value> = fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double(),
    texts,
    fc.constant(new DateValue(1)),
  );
  if (depth <= 1) return scalars;
  return fc.oneof(
    scalars,
    fc.array(values(depth - 1), { maxLength: 3 }),
    fc.array(fc.tuple(texts, values(depth - 1)), { maxLength: 3 }).map((entries) => new Map(entries)),
  );
});
const parameters = fc.array(fc.tuple(texts, values(3)), { maxLength: 4 }).map((entries) => new Map(entries));
const entriesOf = (map: ReadonlyMap<string, Value>) =>
  [...map].map(([key, value]) => create(MapEntrySchema, { key, value: exactGraphValueOf(value) }));

describe('messages of clients', () => {
  it('are read as generated code reads them', () => {
    const requestIds = fc.option(texts, { nil: undefined });
    const sizes = fc.option(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { nil: undefined });
    fc.assert(
      fc.property(texts, parameters, requestIds, sizes, (query, params, requestId, fetchSize) => {
        const message = encoded({
          case: 'execute',
          value: {
            query,
            params: entriesOf(params),
            ...(requestId === undefined ? {} : { requestId }),
            ...(fetchSize === undefined ? {} : { fetchSize }),
          },
        });
        expect(decodeClientMessage(message)).toStrictEqual(
          execute({ query, parameters: params, requestId, fetchSize }),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('are read or refused, whatever their bytes are, and mean what generated code makes of them', () => {
    const messages = fc
      .tuple(texts, parameters)
      .map(([query, params]) => encoded({ case: 'execute', value: { query, params: entriesOf(params) } }));
    const mutated = fc
      .tuple(messages, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 3 }))
      .map(([message, changes]) => {
        const copy = Buffer.from(message);
        for (const [at, byte] of changes) copy[at % copy.length] = byte;
        return copy;
      });
    let read = 0;
    fc.assert(
      fc.property(mutated, (message) => {
        let request: ReturnType<typeof decodeClientMessage>;
        try {
          request = decodeClientMessage(message);
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'INVALID_PARAMETER' });
          return;
        }
        read++;
        const { msg } = fromBinary(ClientMessageSchema, message);
        expect(msg.case).toBe(request?.kind);
        if (request?.kind !== 'execute' || msg.case !== 'execute' || request.fault !== undefined) return;
        expect(request.query).toBe(msg.value.query);
        expect(request.parameters).toStrictEqual(parametersOf(msg.value.params));
      }),
      { numRuns: 2_000, seed: 7 },
    );
    expect(read).toBeGreaterThan(100);
  });

  it('without a known kind are none', () => {
    expect(decodeClientMessage(Buffer.alloc(0))).toBeUndefined();
    expect(decodeClientMessage(bytes('7a 00'))).toBeUndefined();
    expect(decodeClientMessage(bytes('a0 01 05'))).toBeUndefined();
  });

  it('may have fields that nobody knows', () => {
    const unknown = '78 01 79 0000000000000000 7d 00000000 7b 08 01 7c 7a 02 0000';
    expect(decodeClientMessage(bytes(`0a 18 ${unknown}`))).toEqual({
      kind: 'hello',
      token: undefined,
    });
  });

  it.each([
    ['a text that is not UTF-8', '0a 04 0a 02 c3 28'],
    ['the message ends too early', '0a 05 0a 06 73 65'],
    ['the message ends too early', '0a'],
    ['a field number out of range', '00 00'],
    ['a field number out of range', 'f8 ff ff ff 7f 01'],
    ['more than 10 bytes', '3a 0d 08 ff ff ff ff ff ff ff ff ff ff ff 01'],
    ['more than 5 bytes', '0a ff ff ff ff ff 01'],
    ['wire type 0 of field 1', '08 01'],
    ['wire type 2 of field 1', '3a 03 0a 01 31'],
    ['wire type 2 of the member 3', '12 09 12 07 0a 01 78 12 02 1a 00'],
    ['the end of another group', '7b 84 01'],
    ['wire type 6', '7e 00'],
  ])('are refused: %s', (reason, hex) => {
    expect(() => decodeClientMessage(bytes(hex))).toThrow(reason);
  });

  it('are refused when values or groups are nested too deeply', () => {
    let value = bytes('0a 00');
    const wrap = (tag: number, inner: Buffer): Buffer => {
      const length = [];
      let rest = inner.length;
      for (; rest > 0x7f; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
      return Buffer.concat([Buffer.from([tag, ...length, rest]), inner]);
    };
    for (let depth = 0; depth < 1_002; depth++) value = wrap(0x32, wrap(0x0a, value));
    const entry = Buffer.concat([bytes('0a 01 78'), wrap(0x12, value)]);
    expect(() => decodeClientMessage(wrap(0x12, wrap(0x12, entry)))).toThrow('nested too deeply');
    expect(() => decodeClientMessage(Buffer.alloc(100_000, 0x7b))).toThrow('nested too deeply');
  });

  it('of a wrong parameter say so beside all the rest', () => {
    const message = bytes('12 12 0a 01 78 12 07 0a 01 6e 12 02 42 00 1a 02 72 31 20 05');
    expect(decodeClientMessage(message)).toMatchObject({
      query: 'x',
      requestId: 'r1',
      fetchSize: 5n,
      fault: { message: 'Nodes, relationships and paths cannot be parameters' },
    });
  });

  it('come bare in HTTP', () => {
    expect(decodeExecute(bytes('0a 08 52 45 54 55 52 4e 20 31'))).toMatchObject({ query: 'RETURN 1' });
    expect(decodeBatch(bytes('0a 0a 0a 08 52 45 54 55 52 4e 20 31'))).toMatchObject({
      statements: [{ query: 'RETURN 1' }],
    });
  });
});
