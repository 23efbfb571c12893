/** Streams whose clients read slowly, leave, or run out of time; and what the server holds for them meanwhile. */
import { type ClientHttp2Stream, connect } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BLOB, failureOf, type Neumann, QUERY, startNeumann } from './service-client.ts';

let neumann: Neumann;
beforeAll(async () => {
  neumann = await startNeumann({ 'neumann-stream-channel-capacity': '4' });
});
afterAll(async () => await neumann?.stop());

const MIB = 1024 * 1024;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** Statements with this mark that PostgreSQL runs now. */
const running = async (mark: string): Promise<string> => {
  const { json } = await neumann.server.sql(
    "SELECT count(*)::int FROM pg_stat_activity WHERE state <> 'idle' AND query LIKE '%' || $1 || '%' AND pid <> pg_backend_pid()",
    [mark],
  );
  return JSON.stringify(json.rows);
};

/** A stream over bare HTTP/2 that reads nothing until it is told. */
function openRaw(
  query: string,
  headers: Readonly<Record<string, string>> = {},
): { readonly stream: ClientHttp2Stream; close(): void } {
  const session = connect(`http://${neumann.server.running.neumannAddress}`);
  session.on('error', () => {});
  const stream = session.request({
    ...{ ':method': 'POST', ':path': `/${QUERY}/ExecuteStream` },
    ...{ 'content-type': 'application/grpc', te: 'trailers', ...headers },
  });
  stream.on('error', () => {});
  const text = Buffer.from(query);
  const head = [
    (text.length % 128) | (text.length > 127 ? 128 : 0),
    ...(text.length > 127 ? [text.length >> 7] : []),
  ];
  const message = Buffer.concat([Buffer.from([0x0a, ...head]), text]);
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([frame, message]));
  return { stream, close: () => session.destroy() };
}

it('a reader that stalls stops the cursor, and costs next to nothing', async () => {
  // Two hundred megabytes, if somebody took them.
  const query = "SELECT n AS stalled_rows, repeat('x', 1000) FROM generate_series(1, 200000) n";
  await neumann.client.collect(`${QUERY}/ExecuteStream`, { query: 'SELECT 1' });
  global.gc?.();
  const before = process.memoryUsage().rss;
  const raw = Array.from({ length: 4 }, () => openRaw(query));
  await pause(1_500);
  expect(process.memoryUsage().rss - before).toBeLessThan(120 * MIB);
  // The statements are not done: each waits for its client.
  await expect.poll(() => running('stalled_rows')).toBe('[[4]]');
  let bytes = 0;
  const [first] = raw;
  first?.stream.on('data', (piece: Buffer) => {
    bytes += piece.length;
  });
  await new Promise((resolve) => first?.stream.once('end', resolve));
  expect(bytes).toBeGreaterThan(200_000 * 1_000);
  for (const each of raw) each.close();
  await expect.poll(() => running('stalled_rows')).toBe('[[0]]');
}, 60_000);

it('a reader that stalls until its deadline is let go, and reads why when it reads on', async () => {
  const query = "SELECT n AS overdue_rows, repeat('x', 1000) FROM generate_series(1, 200000) n";
  const { stream, close } = openRaw(query, { 'grpc-timeout': '1500m' });
  stream.pause();
  await expect.poll(() => running('overdue_rows')).toBe('[[1]]');
  await pause(1_500);
  await expect.poll(() => running('overdue_rows'), { timeout: 3_000 }).toBe('[[0]]');
  const told = new Promise<unknown>((resolve) => {
    stream.once('trailers', (trailers) => resolve(trailers['grpc-status']));
  });
  stream.resume();
  // Behind what was sent before.
  expect(Number(await told)).toBe(status.DEADLINE_EXCEEDED);
  close();
  expect(neumann.server.store.opened.map(({ counts }) => counts.poolInUse)).toEqual([0]);
});

it('a deadline that passes while the server sends ends the stream for a client that sets none itself', async () => {
  const query = "SELECT n AS passing_rows, repeat('x', 1000) FROM generate_series(1, 10000000) n";
  const { stream, close } = openRaw(query, { 'grpc-timeout': '700m' });
  let bytes = 0;
  stream.on('data', (piece: Buffer) => {
    bytes += piece.length;
  });
  const trailers = await new Promise<Record<string, unknown>>((resolve) => stream.once('trailers', resolve));
  expect(Number(trailers['grpc-status'])).toBe(status.DEADLINE_EXCEEDED);
  expect(bytes).toBeGreaterThan(0);
  await expect.poll(() => running('passing_rows')).toBe('[[0]]');
  close();
});

it('a stalled download is let go at its deadline, too, and says so', async () => {
  const messages = [{ metadata: { filename: 'stalled' } }];
  const chunks = Array.from({ length: 8 }, (_, n) => ({ chunk: Buffer.alloc(MIB, `piece ${n} `) }));
  const { artifact_id } = await neumann.client.send(`${BLOB}/Upload`, [...messages, ...chunks]);
  const { stream, close } = openRaw(`BLOB GET '${artifact_id}'`, { 'grpc-timeout': '600m' });
  stream.pause();
  const { observations } = neumann.server;
  const seen = observations.length;
  await pause(1_200);
  stream.resume();
  const trailers = await new Promise<Record<string, unknown>>((resolve) => stream.once('trailers', resolve));
  expect(Number(trailers['grpc-status'])).toBe(status.DEADLINE_EXCEEDED);
  expect(observations.slice(seen).filter(({ type }) => type === 'warning')).toEqual([]);
  close();
});

it('clients that are cut off in the middle hold nothing', async () => {
  const query = "SELECT n AS cut_rows, repeat('x', 1000) FROM generate_series(1, 200000) n";
  const raw = Array.from({ length: 6 }, () => openRaw(query));
  await expect.poll(() => running('cut_rows'), { timeout: 5_000 }).toBe('[[6]]');
  for (const each of raw) each.close();
  await expect.poll(() => running('cut_rows'), { timeout: 5_000 }).toBe('[[0]]');
  expect(neumann.server.store.opened.map(({ counts }) => counts.poolInUse)).toEqual([0]);
});

it('more readers stall than there are connections: the next one waits, and others are not disturbed', async () => {
  const query = "SELECT n AS many_rows, repeat('x', 1000) FROM generate_series(1, 200000) n";
  const raw = Array.from({ length: 24 }, () => openRaw(query));
  await expect.poll(async () => Number(JSON.parse(await running('many_rows'))[0][0])).toBeGreaterThan(5);
  expect((await neumann.run('SELECT 1')).result).toBe('rows');
  const { stream, answer } = neumann.client.openSend(`${BLOB}/Upload`);
  stream.write({ metadata: { filename: 'beside' } });
  stream.write({ chunk: Buffer.alloc(1_000) });
  stream.end();
  expect((await answer).size).toBe('1000');
  for (const each of raw) each.close();
  await expect.poll(() => running('many_rows'), { timeout: 5_000 }).toBe('[[0]]');
});

it('a client that leaves ends the statement', async () => {
  const stream = neumann.client.open(`${QUERY}/ExecuteStream`, {
    query: 'SELECT n AS left_rows, pg_sleep(0.05) FROM generate_series(1, 100000) n',
  });
  stream.on('error', () => {});
  await expect.poll(() => running('left_rows')).toBe('[[1]]');
  stream.cancel();
  await expect.poll(() => running('left_rows')).toBe('[[0]]');
});

it('a deadline ends the statement', async () => {
  const call = neumann.run("SELECT pg_sleep(30) AS late_rows, 'late'", { deadlineMs: 300 });
  expect((await failureOf(call))[0]).toBe(status.DEADLINE_EXCEEDED);
  await expect.poll(() => running('late_rows')).toBe('[[0]]');
});

it('an upload is read as fast as it is stored, and no faster', async () => {
  const { stream, answer } = neumann.client.openSend(`${BLOB}/Upload`);
  stream.write({ metadata: { filename: 'large' } });
  const piece = Buffer.alloc(MIB);
  const before = process.memoryUsage().rss;
  let most = 0;
  for (let count = 0; count < 100; count++) {
    piece.writeUInt32BE(count, 0);
    if (!stream.write({ chunk: Buffer.from(piece) })) {
      await new Promise((resolve) => stream.once('drain', resolve));
    }
    most = Math.max(most, process.memoryUsage().rss);
  }
  stream.end();
  expect(await answer).toMatchObject({ size: String(100 * MIB) });
  // Client and server are in this process.
  expect(most - before).toBeLessThan(150 * MIB);
}, 60_000);
