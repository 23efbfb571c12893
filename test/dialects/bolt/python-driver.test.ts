/**
 * Neo4j's driver for Python, where there is one: a python3 that can import `neo4j`, from the folder in TEST_PYTHON_PATH if
 * that is set. What it does is in scenarios.py.
 */
import { execFile, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startTestServer } from '../../support/server.ts';

const SCENARIOS = fileURLToPath(new URL('scenarios.py', import.meta.url));
const environment = {
  ...process.env,
  ...(process.env.TEST_PYTHON_PATH === undefined ? {} : { PYTHONPATH: process.env.TEST_PYTHON_PATH }),
};

function hasDriver(): boolean {
  try {
    execFileSync('python3', ['-c', 'import neo4j'], { env: environment, stdio: 'ignore' });
    return true;
  } catch {
    console.warn('skipped: no python3 with the package neo4j (TEST_PYTHON_PATH names a folder that has it)');
    return false;
  }
}

// Most machines have no driver for Python.
test.skipIf(!hasDriver())('the scenarios of the Python driver', async () => {
  const server = await startTestServer({ flags: { 'bolt-listen': '127.0.0.1:0' } });
  const { failed, output } = await new Promise<{ readonly failed: boolean; readonly output: string }>(
    (resolve) => {
      execFile(
        'python3',
        [SCENARIOS, server.running.boltAddress ?? ''],
        { env: environment, timeout: 50_000 },
        (error, stdout, stderr) => resolve({ failed: error !== null, output: stdout + stderr }),
      );
    },
  );
  expect(failed, output).toBe(false);
  expect(output).toContain('routing: ok');
  await server.stop();
});
