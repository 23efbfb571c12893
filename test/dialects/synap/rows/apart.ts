/** Rows of commands that go over sockets, that end the server, that keep a client's transaction, or that are refused by name. */
import type { Payload, Row } from './row.ts';

const client = { client_id: 'c' };
const multi = ['transaction.multi', client] as const;
const kept = ['kv.set', { key: 'k', value: 1, client_id: 'c' }] as const;
const NO_TRANSACTION = 'NO_ACTIVE_TRANSACTION';

/** Refused by name, with a payload that would be right elsewhere. */
const refused = (command: string, payload: Payload = {}): Row => ({
  command,
  payload,
  answers: {},
  refusal: ['FEATURE_NOT_SUPPORTED', 422],
  bad: 'takes nothing',
  missing: 'names nothing',
});

export const SOCKET_ROWS: readonly Row[] = [
  {
    command: 'stream.subscribe',
    over: 'socket',
    payload: { room: 'r', from_offset: null, replay: false },
    answers: { subscribed: true, room: 'r' },
    bad: { room: 'r', from_offset: 'x' },
    missing: [{ room: 'none' }, { subscribed: true }],
  },
  {
    command: 'stream.unsubscribe',
    over: 'socket',
    before: [['stream.subscribe', { room: 'r' }]],
    payload: { room: 'r' },
    answers: { unsubscribed: true },
    bad: {},
    missing: [{ room: 'none' }, { success: false, unsubscribed: false }],
  },
  {
    command: 'pubsub.subscribe',
    over: 'socket',
    payload: { topics: ['notifications.email.*', 'events.user.#'] },
    answers: { subscribed: true, subscription_count: 2 },
    bad: { topics: ['#.a'] },
    missing: [{ topics: ['none'] }, { subscription_count: 1 }],
  },
  {
    command: 'pubsub.unsubscribe',
    over: 'socket',
    before: [['pubsub.subscribe', { topics: ['a', 'b'] }]],
    payload: { topics: ['a'] },
    answers: { unsubscribed: 1 },
    bad: { topics: 'a' },
    missing: [{ topics: ['none'] }, { unsubscribed: 0 }],
  },
];

export const TRANSACTION_ROWS: readonly Row[] = [
  {
    command: 'transaction.multi',
    payload: client,
    answers: { success: true, message: 'Transaction started' },
    bad: { client_id: 5 },
    missing: 'names nothing',
  },
  {
    command: 'transaction.exec',
    before: [multi, kept],
    payload: client,
    answers: { success: true, results: [{ key: 'k', success: true }] },
    bad: { client_id: 5 },
    missing: [{ client_id: 'none' }, NO_TRANSACTION],
  },
  {
    command: 'transaction.discard',
    before: [multi, kept],
    payload: client,
    answers: { success: true, message: 'Transaction discarded' },
    bad: { client_id: 5 },
    missing: [{ client_id: 'none' }, NO_TRANSACTION],
  },
  {
    command: 'transaction.watch',
    payload: { keys: ['k'], client_id: 'c' },
    answers: { success: true, message: 'Keys watched' },
    bad: { keys: 'k', client_id: 'c' },
    missing: [{ keys: ['none'], client_id: 'c' }, { success: true }],
  },
  {
    command: 'transaction.unwatch',
    payload: client,
    answers: { success: true, message: 'Keys unwatched' },
    bad: { client_id: 5 },
    missing: [{ client_id: 'none' }, { success: true }],
  },
];

export const SERVER_ROWS: readonly Row[] = [
  {
    command: 'admin.shutdown',
    endsServer: true,
    answers: { success: true },
    bad: 'takes nothing',
    missing: 'names nothing',
  },
  {
    command: 'replication.promote',
    payload: { force: true },
    answers: {},
    refusal: ['NOT_A_REPLICA', 409],
    bad: { force: 'x' },
    missing: 'names nothing',
  },
  {
    command: 'replication.resync',
    answers: {},
    refusal: ['NOT_A_REPLICA', 409],
    bad: 'takes nothing',
    missing: 'names nothing',
  },
  { ...refused('stream.subscribe', { room: 'r' }), over: 'http' },
  { ...refused('stream.unsubscribe', { room: 'r' }), over: 'http' },
  refused('kv.incrbyfloat', { key: 'k', amount: 0.5 }),
  refused('kv.cas', { key: 'k', expect: 1, value: 2 }),
  ...['eval', 'evalsha', 'load', 'exists', 'flush', 'kill'].map((verb) =>
    refused(`script.${verb}`, { script: 'return 1' }),
  ),
  refused('slowlog.get'),
  refused('slowlog.reset'),
  refused('client.list'),
];
