/** What SQL of users may put into the tables of other models: nothing that no command understands. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { failure } from '../support/failure.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let test: TestStore;
beforeAll(async () => {
  test = await openTestStore();
  await test.database.runUser(`INSERT INTO kv.entry (key, kind, value, version) VALUES ('s', 1, '"a"', 1)`);
  await test.database.runUser(`INSERT INTO kv.entry (key, kind, size, version) VALUES ('h', 2, 1, 1)`);
});
afterAll(() => test.close());

const READY = `INSERT INTO queue.ready
  (queue_id, rank, seq, id, retry_count, max_retries, delivery, published_at, body, bytes)`;

it.each([
  [`INSERT INTO kv.entry (key, kind, value, version) VALUES ('k', 99, '1', 1)`],
  [`INSERT INTO kv.entry (key, kind, version) VALUES ('k', 1, 1)`],
  [`INSERT INTO kv.entry (key, kind, value, version) VALUES ('k', 2, '1', 1)`],
  [`INSERT INTO kv.entry (key, kind, value, bytes, version) VALUES ('k', 1, '1', '\\x00', 1)`],
  [`UPDATE kv.entry SET kind = 0`],
  [`UPDATE kv.entry SET value = NULL WHERE key = 's'`],
  [`UPDATE kv.entry SET size = -1 WHERE key = 'h'`],
  [`${READY} VALUES (1, 4, 1, 1, 0, 3, 0, now(), NULL, NULL)`],
  [`${READY} VALUES (1, 4, 1, 1, 0, 3, 0, now(), '1', '\\x00')`],
  [`${READY} VALUES (1, 10, 1, 1, 0, 3, 0, now(), '1', NULL)`],
  [`INSERT INTO stream.topic (name, partitions, replication_factor, segment_bytes) VALUES ('t', 0, 1, 1)`],
])('%s is refused', async (sql) => {
  expect((await failure(test.database.runUser(sql))).code).toBe('CHECK_VIOLATION');
});
