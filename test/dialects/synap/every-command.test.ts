/**
 * Every command of the table, over HTTP and over a WebSocket: a success, a bad input, and what it says when its target
 * is not there. docs/reference/synap-commands.md is the same table, to be read.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../src/dialects/synap/commands/index.ts';
import { TRANSACTION_COMMANDS } from '../../../src/dialects/synap/multi.ts';
import type { Leaves } from '../../support/leaves.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { ok, send } from './client.ts';
import { type Payload, ROWS, type Row, TAKEN } from './rows/index.ts';
import { connect, type SocketClient } from './socket-client.ts';

const FLAGS = { flags: { 'synap-allow-flush': 'true' } };
/** Statuses of what is not there; 404 where nothing else is said. */
const STATUS_OF_MISSING: Readonly<Record<string, number>> = { NO_ACTIVE_TRANSACTION: 409 };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer(FLAGS);
});
afterAll(() => server.stop());

/** The envelope that answers a command; `status` only over HTTP. */
type Ask = (command: string, payload?: unknown) => Promise<Leaves>;

const overHttp: Ask = async (command, payload) => {
  const { status, json } = await send(server, command, payload);
  return { ...json, httpStatus: status };
};

/** Every row begins with nothing. */
async function clear(): Promise<void> {
  await send(server, 'transaction.discard', { client_id: 'c' });
  await ok(server, 'kv.flushdb');
  for (const queue of (await ok(server, 'queue.list')).queues) await ok(server, 'queue.delete', { queue });
  for (const room of (await ok(server, 'stream.rooms')).rooms) await ok(server, 'stream.delete', { room });
  for (const group_id of (await ok(server, 'consumer_group.list')).groups)
    await ok(server, 'consumer_group.delete', { group_id });
  for (const name of (await ok(server, 'topic.list')).topics)
    await ok(server, 'topic.delete', { topic: name });
}

/** Clears, and runs what comes before. The payload of the row, with what was taken from a queue. */
async function prepare({ before = [], payload }: Row, ask: Ask): Promise<Payload | undefined> {
  await clear();
  let taken: unknown;
  for (const [name, first] of before) {
    const answer = await ask(name, first);
    expect(answer, name).toMatchObject({ status: 'success' });
    taken = answer.payload.message_id;
  }
  return payload !== undefined && Object.values(payload).includes(TAKEN)
    ? { ...payload, message_id: taken }
    : payload;
}

async function tryRow(row: Row, ask: Ask): Promise<void> {
  const answer = await ask(row.command, await prepare(row, ask));
  if (row.refusal !== undefined) {
    const [code, status] = row.refusal;
    expect(answer).toMatchObject({ type: 'response', status: 'error', payload: null, error: { code } });
    if (answer.httpStatus !== undefined) expect(answer.httpStatus).toBe(status);
    return;
  }
  expect(answer).toMatchObject({ type: 'response', status: 'success', success: true, error: null });
  if (typeof row.answers === 'object' && row.answers !== null) {
    expect(answer.payload).toMatchObject(row.answers);
  } else expect(answer.payload).toBe(row.answers);
}

async function tryBad(row: Row, ask: Ask): Promise<void> {
  await prepare(row, ask);
  const bad: unknown[] = row.bad === 'takes nothing' ? [5, []] : [row.bad, 5, []];
  for (const payload of bad) {
    const answer = await ask(row.command, payload);
    expect(answer, JSON.stringify(payload)).toMatchObject({
      type: 'response',
      status: 'error',
      success: false,
      payload: null,
      error: { code: 'INVALID_PAYLOAD', message: expect.stringMatching(/./) },
    });
    if (answer.httpStatus !== undefined) expect(answer.httpStatus).toBe(422);
  }
}

async function tryMissing({ command, missing }: Row, ask: Ask): Promise<void> {
  if (missing === 'names nothing') return;
  await clear();
  const [target, expected] = missing;
  const answer = await ask(command, target);
  if (typeof expected === 'string') {
    expect(answer).toMatchObject({ status: 'error', error: { code: expected } });
    const status = STATUS_OF_MISSING[expected] ?? 404;
    if (answer.httpStatus !== undefined) expect(answer.httpStatus).toBe(status);
  } else if (expected === null) expect(answer).toMatchObject({ status: 'success', payload: null });
  else expect(answer).toMatchObject({ status: 'success', payload: expected });
}

const RUN = ROWS.filter(({ endsServer }) => endsServer !== true);

test('every command has a row', () => {
  const rows = new Set(ROWS.map(({ command }) => command));
  const names = [...[...COMMANDS.values()].map((command) => command.names[0]), ...TRANSACTION_COMMANDS];
  expect(names.filter((name) => !rows.has(name))).toStrictEqual([]);
});

describe.each(RUN.filter(({ over }) => over !== 'socket'))('$command over HTTP', (row) => {
  test('success', () => tryRow(row, overHttp));
  test('bad input', () => tryBad(row, overHttp));
});

/** The others name nothing that could be missing. */
const NAMES_SOMETHING = RUN.filter(({ over, missing }) => over !== 'socket' && missing !== 'names nothing');

test.each(NAMES_SOMETHING)('$command over HTTP, a missing target', (row) => tryMissing(row, overHttp));

describe('over a WebSocket', () => {
  test.each(RUN.filter(({ over }) => over !== 'http'))('$command', async (row) => {
    for (const attempt of [tryRow, tryBad, tryMissing]) {
      const client: SocketClient = await connect(server, '/api/v1/ws');
      await attempt(row, client.call);
      // Whatever was refused, the connection goes on.
      expect(await client.call('kv.exists', { key: 'x' })).toMatchObject({ status: 'success' });
      await client.close();
    }
  });
});

test.each(ROWS.filter(({ endsServer }) => endsServer))('$command', async ({ command, answers }) => {
  const ending = await startTestServer(FLAGS);
  const bad = await send(ending, command, 5);
  expect(bad).toMatchObject({ status: 422, json: { error: { code: 'INVALID_PAYLOAD' } } });
  expect([await ok(ending, command)]).toMatchObject([answers]);
  await ending.running.stopped;
  await ending.stop();
});
