/**
 * Frames of graphd's clients with bytes changed, cut, doubled and put in, and bytes that never were a message: whatever
 * comes, it is answered by one message that decodes, or the connection is closed, and the next connection is as good as
 * the first. Parsing alone is asked many more of them.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FacetError } from '../../src/base/index.ts';
import {
  ClientMessageSchema,
  decodeBatch,
  decodeClientMessage,
  decodeExecute,
  type GraphValue,
  GraphValueSchema,
  ServerMessageSchema,
} from '../../src/strana/index.ts';
import { connect, encode, HELLO } from '../dialects/graphd/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { RUNS, SEED } from './seed.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const texts = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.constantFrom(
    'RETURN 1',
    'RETURN $x',
    'MATCH (n) RETURN n LIMIT 3',
    'CREATE (:Fuzz {n: $x})',
    'read',
    'write',
  ),
);

const values: fc.Memo<GraphValue> = fc.memo((depth) => {
  const make = (value: GraphValue['value']): GraphValue => create(GraphValueSchema, { value });
  const scalars = fc.oneof(
    fc.constant(make({ case: undefined })),
    fc.boolean().map((value) => make({ case: 'boolValue', value })),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => make({ case: 'intValue', value })),
    fc.double().map((value) => make({ case: 'floatValue', value })),
    texts.map((value) => make({ case: 'stringValue', value })),
  );
  if (depth <= 1) return scalars;
  const inner = values(depth - 1);
  return fc.oneof(
    scalars,
    fc
      .array(inner, { maxLength: 3 })
      .map((items) => make({ case: 'listValue', value: { $typeName: 'strana.ListValue', values: items } })),
    fc
      .tuple(fc.constantFrom('date', 'datetime', 'duration', 'point', 'x'), inner)
      .map(([tag, value]) =>
        make({ case: 'unionValue', value: { $typeName: 'strana.UnionValue', tag, value } }),
      ),
    fc.constant(
      make({ case: 'nodeValue', value: { $typeName: 'strana.NodeValue', label: 'A', properties: [] } }),
    ),
  );
});

const params = fc.array(
  fc.tuple(fc.constantFrom('x', 'y'), values(3)).map(([key, value]) => ({ key, value })),
  { maxLength: 2 },
);
const small = fc.bigInt({ min: 0n, max: 3n });

const messages: fc.Arbitrary<Buffer> = fc
  .oneof(
    texts.map((token) => ({ case: 'hello', value: { token } }) as const),
    fc
      .tuple(texts, params)
      .map(([query, given]) => ({ case: 'execute', value: { query, params: given } }) as const),
    fc
      .tuple(texts, small)
      .map(
        ([query, fetchSize]) => ({ case: 'execute', value: { query, fetchSize, requestId: query } }) as const,
      ),
    texts.map((mode) => ({ case: 'begin', value: { mode } }) as const),
    fc.constantFrom(
      { case: 'begin', value: {} } as const,
      { case: 'commit', value: {} } as const,
      { case: 'rollback', value: {} } as const,
      { case: 'close', value: {} } as const,
    ),
    fc
      .array(texts, { maxLength: 3 })
      .map(
        (queries) => ({ case: 'batch', value: { statements: queries.map((query) => ({ query })) } }) as const,
      ),
    small.map((streamId) => ({ case: 'fetch', value: { streamId } }) as const),
    small.map((streamId) => ({ case: 'closeStream', value: { streamId } }) as const),
  )
  .map((msg) => Buffer.from(toBinary(ClientMessageSchema, create(ClientMessageSchema, { msg }))));

const changed: fc.Arbitrary<Buffer> = fc
  .tuple(
    messages,
    fc.array(
      fc.record({
        at: fc.nat(),
        byte: fc.nat({ max: 255 }),
        how: fc.constantFrom('set', 'cut', 'put', 'double'),
      }),
      { maxLength: 4 },
    ),
  )
  .map(([message, changes]) => {
    let bytes = message;
    for (const { at, byte, how } of changes) {
      const place = bytes.length === 0 ? 0 : at % bytes.length;
      if (how === 'set' && bytes.length > 0) {
        bytes = Buffer.from(bytes);
        bytes[place] = byte;
      } else if (how === 'cut') bytes = bytes.subarray(0, place);
      else if (how === 'put')
        bytes = Buffer.concat([bytes.subarray(0, place), Buffer.of(byte), bytes.subarray(place)]);
      else bytes = Buffer.concat([bytes, bytes.subarray(place)]);
    }
    return bytes;
  });

const frames = fc.oneof(
  { weight: 4, arbitrary: changed },
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
);

it('reading them ends, with a message or with an error that names the reason', () => {
  fc.assert(
    fc.property(frames, (bytes) => {
      for (const read of [decodeClientMessage, decodeExecute, decodeBatch]) {
        try {
          read(bytes);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(FacetError);
          expect(thrown).toHaveProperty('code', 'INVALID_PARAMETER');
        }
      }
    }),
    { numRuns: RUNS * 60, seed: SEED },
  );
});

it('a connection answers each with one message, or closes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(frames, { minLength: 1, maxLength: 12 }), async (sent) => {
      const client = await connect(server);
      client.sendRaw(encode(HELLO));
      expect(fromBinary(ServerMessageSchema, await client.nextRaw()).msg.case).toBe('helloOk');
      let ended = false;
      for (const bytes of sent) {
        client.sendRaw(bytes);
        const answer = await client.nextRaw().catch(() => undefined);
        if (answer === undefined) {
          ended = true;
          break;
        }
        expect(fromBinary(ServerMessageSchema, answer).msg.case).toBeDefined();
      }
      if (ended) expect([1000, 1008]).toContain((await client.closed).code);
      else await client.close();
    }),
    { numRuns: RUNS, seed: SEED },
  );
  const after = await connect(server);
  expect((await after.ask(HELLO)).case).toBe('helloOk');
  expect(await after.run('RETURN 1')).toEqual([[1n]]);
  await after.close();
});
