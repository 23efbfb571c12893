/** What one session may spill to disk. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openStore } from '../../../src/engine/index.ts';
import { folder, later, run, start } from './fixture.ts';

it('is bounded, and the error names the bound', async () => {
  const dataDirectory = folder();
  const first = await start({ dataDirectory });
  expect(await run(first, "select current_setting('temp_file_limit')")).toEqual([['4GB']]);
  await first.stop();
  writeFileSync(join(dataDirectory, 'postgres', 'custom.conf'), "temp_file_limit = '1MB'\n");
  const store = await openStore(`file://${dataDirectory}`, { observe: () => {} });
  later(() => store.stop());
  const database = await store.namespace(store.defaultNamespace);
  const spilling = `SELECT count(*) FROM (SELECT md5(i::text) AS m FROM generate_series(1, 500000) AS i ORDER BY m) AS s`;
  await expect(database.runUser(spilling, [], { timeoutMs: 60_000 })).rejects.toMatchObject({
    code: 'LIMIT_EXCEEDED',
    message: expect.stringContaining('temp_file_limit'),
    hint: expect.any(String),
  });
  await expect(database.runUser('SET temp_file_limit = -1', [], {})).rejects.toMatchObject({
    code: 'PERMISSION_DENIED',
  });
});
