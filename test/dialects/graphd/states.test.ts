/** Every message in every state of a connection: what is answered, and what the state is then. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../support/server.ts';
import {
  batch,
  begin,
  CLOSE,
  COMMIT,
  closeStream,
  connect,
  encode,
  errorOf,
  execute,
  fetchFrom,
  type GraphdClient,
  HELLO,
  hello,
  open,
  ROLLBACK,
} from './client.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const STATES = {
  new: () => connect(server),
  ready: () => open(server),
  'in a transaction': () => inTransaction(),
  'in a transaction that reads': () => inTransaction('read'),
  'in a transaction with a failure behind it': async () => {
    const client = await inTransaction();
    expect(await client.ask(execute('RETURN 1 / 0'))).toMatchObject({ case: 'error' });
    return client;
  },
} satisfies Record<string, () => Promise<GraphdClient>>;
type State = keyof typeof STATES;
const NAMES = Object.keys(STATES) as State[];

async function inTransaction(mode?: string): Promise<GraphdClient> {
  const client = await open(server);
  expect(await client.ask(begin(mode))).toMatchObject({ case: 'beginOk' });
  return client;
}

type Next = State | 'ended';

interface Expected {
  readonly answer: object;
  readonly next: Next;
}
type Expect = (state: State) => Expected;

const isInside = (state: State): boolean => state.startsWith('in a transaction');

/** The answer is the same in all states. */
const always =
  (answer: object, next?: Next): Expect =>
  (state) => ({ answer, next: next ?? state });

/** Before Hello it is refused. */
const later =
  (expected: Expect): Expect =>
  (state) =>
    state === 'new'
      ? { answer: { case: 'helloError', value: { message: 'First message must be hello' } }, next: 'ended' }
      : expected(state);

const stays = (answer: object): Expect => later((state) => ({ answer, next: state }));

const greets: Expect = (state) =>
  state === 'new'
    ? { answer: { case: 'helloOk', value: { version: '0.1.0' } }, next: 'ready' }
    : { answer: errorOf('Already authenticated'), next: state };

const begins = (next: State): Expect =>
  later((state) =>
    isInside(state)
      ? { answer: errorOf('Transaction already active'), next: state }
      : { answer: { case: 'beginOk' }, next },
  );

const refusesMode = (mode: string): Expect =>
  later((state) => ({
    answer: errorOf(isInside(state) ? 'Transaction already active' : `Invalid transaction mode: ${mode}`),
    next: state,
  }));

const ends = (answer: object): Expect =>
  later((state) => ({ answer: isInside(state) ? answer : errorOf('No active transaction'), next: 'ready' }));

const CLOSING = encode(CLOSE);
const NO_MESSAGE = 'Invalid message: Failed to decode protobuf: the message ends too early';
const EMPTY = errorOf('Invalid message: Empty client message');

const MESSAGES: readonly [string, Uint8Array | string, Expect][] = [
  ['Hello', encode(HELLO), greets],
  ['Hello with any token, where nobody needs one', encode(hello('x')), greets],
  [
    'Execute',
    encode(execute('RETURN 1')),
    stays({ case: 'result', value: { columns: ['1'], rows: [{ values: [{ value: { value: 1n } }] }] } }),
  ],
  [
    'Execute of nonsense',
    encode(execute('NONSENSE')),
    stays(errorOf(expect.stringMatching(/^Parser exception: Unexpected 'NONSENSE'/))),
  ],
  [
    'Execute that is to fetch nothing',
    encode(execute('CREATE (:Never)', { fetchSize: 0n })),
    stays(errorOf('fetch_size must be >= 1')),
  ],
  [
    'Execute that writes',
    encode(execute('CREATE (:Written)')),
    later((state) => ({
      answer: state === 'in a transaction that reads' ? { case: 'error' } : { case: 'result' },
      next: state,
    })),
  ],
  ['Begin', encode(begin()), begins('in a transaction')],
  ['Begin to read', encode(begin('read')), begins('in a transaction that reads')],
  ['Begin to write', encode(begin('write')), begins('in a transaction')],
  ['Begin in other letters', encode(begin('READ')), refusesMode('READ')],
  ['Begin with an empty mode', encode(begin('')), refusesMode('')],
  ['Commit', encode(COMMIT), ends({ case: 'commitOk' })],
  ['Rollback', encode(ROLLBACK), ends({ case: 'rollbackOk' })],
  ['Batch', encode(batch(['RETURN 1'])), stays({ case: 'batchResult', value: { results: [{}] } })],
  ['Batch of nothing', encode(batch([])), stays({ case: 'batchResult', value: { results: [] } })],
  ['Fetch', encode(fetchFrom(1n)), stays(errorOf('Unknown stream_id: 1'))],
  [
    'CloseStream',
    encode(closeStream(2n ** 64n - 1n)),
    stays(errorOf('Unknown stream_id: 18446744073709551615')),
  ],
  ['Close', CLOSING, later(always({ case: 'closeOk' }, 'ended'))],
  ['a text frame', 'hello', always(errorOf('Text encoding not supported — use binary protobuf'), 'ended')],
  ['bytes that are no message', Buffer.from('0a05', 'hex'), always(errorOf(NO_MESSAGE), 'ended')],
  ['a message of no kind', Buffer.alloc(0), always(EMPTY, 'ended')],
  ['a message of an unknown kind', Buffer.from('7a00', 'hex'), always(EMPTY, 'ended')],
];

/** What state a connection is in, as a client finds out. */
async function stateOf(client: GraphdClient): Promise<string> {
  const begun = await client.ask(begin()).catch(() => undefined);
  if (begun === undefined) return 'ended';
  if (begun.case === 'helloError') return 'new';
  if (begun.case === 'beginOk') return 'ready';
  const written = await client.ask(execute('CREATE (:Probe)'));
  return written.case === 'error' ? 'in a transaction that reads' : 'in a transaction';
}

describe.each(NAMES)('%s', (state) => {
  test.each(MESSAGES)('%s', async (_, bytes, expected) => {
    const client = await STATES[state]();
    client.sendRaw(bytes);
    const { answer, next } = expected(state);
    expect(await client.next()).toMatchObject(answer);
    // A failure leaves no trace in a transaction.
    expect(await stateOf(client)).toBe(next.replace(' with a failure behind it', ''));
    if (next === 'ended') {
      const isWanted = bytes === CLOSING && state !== 'new';
      expect((await client.closed).code).toBe(isWanted ? 1000 : 1008);
    }
    await client.close();
  });
});

test('nothing was written that should not have been', async () => {
  const client = await open(server);
  expect(await client.run('MATCH (n:Never) RETURN n')).toEqual([]);
  expect(await client.run('MATCH (n:Probe) RETURN n')).toEqual([]);
  await client.close();
});
