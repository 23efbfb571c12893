/** The program of docs/guides/grpc.md, and the commands of curl of it and of graphql.md, run as they stand there. */
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
  for (const name of ['node_modules', 'proto']) await symlink(join(ROOT, name), join(directory, name));
});
afterAll(async () => {
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** The blocks of one language, at the addresses of the server. */
async function blocks(page: string, language: string): Promise<string[]> {
  const text = await readFile(join(ROOT, 'docs', 'guides', page), 'utf8');
  const grpc = /gRPC (127\.0\.0\.1:\d+)/.exec(server.log())?.[1] ?? '';
  const found = [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))];
  return found.map(([, block = '']) =>
    block.replaceAll('localhost:9090', grpc).replaceAll('localhost:8088', new URL(server.url).host),
  );
}

/** What curl prints for each of its commands in the page, one after the other. */
async function curls(page: string): Promise<unknown[]> {
  const commands = (await blocks(page, 'sh')).filter((block) => block.includes('curl -s'));
  const lines: unknown[] = [];
  for (const command of commands.flatMap((block) => block.split(/\n\n/))) {
    const { code, stdout } = await runProgram('sh', ['-c', command], { directory });
    expect([code, command, stdout]).toEqual([0, command, expect.stringMatching(/^\{.*\}\n?$/)]);
    lines.push(JSON.parse(stdout));
  }
  return lines;
}

test('the program reads its stream', async () => {
  const [program = ''] = await blocks('grpc.md', 'js');
  const enough = "\nrows.on('data', ({ values }) => Number(values[0].intValue) === 3 && process.exit(0));\n";
  await writeFile(join(directory, 'example.mjs'), program + enough);
  const { code, stdout } = await runProgram(process.execPath, ['example.mjs'], { directory });
  expect([code, stdout]).toEqual([0, '1\n2\n3\n']);
});

test('curl calls a procedure', async () => {
  const [answer] = await curls('grpc.md');
  expect(answer).toMatchObject({ columns: ['next'], rows: [{ values: [{ intValue: '42' }] }] });
});

test('curl asks by GraphQL', async () => {
  const answers = await curls('graphql.md');
  expect(answers).toHaveLength(4);
  for (const answer of answers) expect(answer).not.toHaveProperty('errors');
  expect(answers[2]).toMatchObject({ data: { query: { columns: ['id', 'balance'], rows: [[1, 700]] } } });
  expect(answers[3]).toMatchObject({ data: { executeTransaction: { committed: true } } });
});
