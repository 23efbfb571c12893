/** The program of docs/guides/neo4j-drivers.md, run as it stands there. */
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FacetServer, ROOT, runProgram, startFacet } from '../support/facet-process.ts';

let server: FacetServer;
let directory: string;
beforeAll(async () => {
  server = await startFacet();
  directory = await mkdtemp(join(tmpdir(), 'facet-docs-'));
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
});
afterAll(async () => {
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

test('the program in JavaScript', async () => {
  const page = await readFile(join(ROOT, 'docs', 'guides', 'neo4j-drivers.md'), 'utf8');
  const [, program = ''] = /^```js\n([\s\S]*?)^```$/m.exec(page) ?? [];
  const address = /Bolt bolt:\/\/(127\.0\.0\.1:\d+)/.exec(server.log())?.[1] ?? '';
  await writeFile(join(directory, 'program.mjs'), program.replaceAll('localhost:7687', address));
  const { code, stdout, stderr } = await runProgram(process.execPath, ['program.mjs'], { directory });
  expect([code, stderr, stdout]).toEqual([0, '', 'Ada 10\nstreamed\n']);
});
