/** A real browser for tests, where there is one: Chromium, or what is made of it, without a window. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** As Debian, other distributions and Google name the program. */
const NAMES = [
  'chromium-headless-shell',
  'chrome-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
];

/** `TEST_CHROMIUM`, or what PATH has. For `describe.skipIf`: says so when there is none. */
export function chromiumProgram(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const named = process.env.TEST_CHROMIUM ?? '';
  const candidates =
    named === '' ? folders.flatMap((folder) => NAMES.map((name) => join(folder, name))) : [named];
  const found = candidates.find((path) => isProgram(path));
  if (found === undefined) {
    console.warn(
      `skipped: no Chromium ${named === '' ? 'on PATH' : `at ${named}`}; TEST_CHROMIUM names one, scripts/fetch-chromium.sh gets one`,
    );
  }
  return found;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface Browser {
  /** What it wrote, for the message when a page does not do what it should. */
  output(): string;
  close(): Promise<void>;
}

/** Opens a page, in a profile of its own. */
export async function openPage(program: string, url: string): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'facet-browser-'));
  const child = spawn(
    program,
    [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
      ...['--disable-background-networking', '--disable-extensions', '--no-proxy-server'],
      // It stays open then.
      ...['--remote-debugging-port=0', `--user-data-dir=${profile}`, url],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  let text = '';
  const note = (piece: Buffer): void => {
    text += piece.toString('utf8');
  };
  child.stdout.on('data', note);
  child.stderr.on('data', note);
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', (error) => {
      text += error.message;
      resolve();
    });
  });
  return {
    output: () => text,
    async close() {
      // With the processes that it has started, which are of its group.
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
      await gone;
      await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}
