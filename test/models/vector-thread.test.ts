/** The thread of the graphs when the sources themselves are run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const THREAD = new URL('../../src/models/vector/graph/index.ts', import.meta.url).href;
const LOADER = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

const PROGRAM = `
  import { GraphThread } from ${JSON.stringify(THREAD)};
  const thread = new GraphThread((reason) => console.log(reason));
  const shape = { dimensions: 2, metric: 'l2sq', scalar: 'bf16', connectivity: 8, expansionAdd: 16 };
  await thread.do({ op: 'open', graph: 1, shape });
  const size = await thread.do({ op: 'add', graph: 1, from: 0, vectors: Float32Array.of(1, 0, 0, 1) });
  console.log(size + ' entries');
  await thread.stop();
`;

test('it starts wherever the process was started', async () => {
  const child = spawn(process.execPath, ['--import', LOADER, '--input-type=module', '-e', PROGRAM], {
    cwd: tmpdir(),
  });
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  expect({ output, errors }).toEqual({ output: '2 entries\n', errors: '' });
});
