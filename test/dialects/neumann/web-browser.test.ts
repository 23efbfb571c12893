/** A page in a real Chromium that calls the services of Neumann by gRPC-Web and Connect, from a site that may and one that may not. */
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, chromiumProgram, openPage } from '../../support/chromium.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import type { Report, Setup } from './browser-page.ts';
import { keyOf } from './service-client.ts';

const KEY = 'sk-page-key-12345678';
const PROGRAM = chromiumProgram();
const REPORT_MS_MAX = 50_000;

/** The part of esbuild that is used: it comes with tsx. */
interface Bundler {
  build(options: object): Promise<{ readonly outputFiles: readonly { readonly text: string }[] }>;
}

async function bundle(): Promise<string> {
  const tsx = createRequire(import.meta.url).resolve('tsx/package.json');
  const { build } = createRequire(tsx)('esbuild') as Bundler;
  const entry = fileURLToPath(new URL('./browser-page.ts', import.meta.url));
  const options = { bundle: true, platform: 'browser', format: 'esm', target: 'es2022', write: false };
  const { outputFiles } = await build({ ...options, entryPoints: [entry], logLevel: 'silent' });
  return outputFiles.map(({ text }) => text).join('');
}

interface Site {
  readonly origin: string;
  /** What its page told. */
  readonly report: Promise<Report>;
  setup: Setup | undefined;
  close(): Promise<void>;
}

/** A site whose only page runs `script`. */
async function openSite(script: string, host: string): Promise<Site> {
  let told: (report: Report) => void = () => {};
  let failed: (error: Error) => void = () => {};
  const report = new Promise<Report>((resolve, reject) => {
    told = resolve;
    failed = reject;
  });
  report.catch(() => {});
  const answers: Readonly<Record<string, () => readonly [string, string]>> = {
    '/': () => ['text/html', '<!doctype html><script type="module" src="/page.js"></script>'],
    '/page.js': () => ['text/javascript', script],
    '/setup': () => ['application/json', JSON.stringify(site.setup)],
  };
  const server: Server = createServer((request, response) => {
    if (request.url === '/report') {
      let text = '';
      request.on('data', (piece: Buffer) => {
        text += piece.toString('utf8');
      });
      request.on('end', () => {
        response.end();
        const found = JSON.parse(text) as Report & { readonly failure?: string };
        if (found.failure === undefined) told(found);
        else failed(new Error(found.failure));
      });
      return;
    }
    const [type, body] = answers[request.url ?? '']?.() ?? ['text/plain', ''];
    response.writeHead(body === '' ? 404 : 200, { 'content-type': type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const site: Site = {
    origin: `http://${host}:${(server.address() as AddressInfo).port}`,
    report,
    setup: undefined,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return site;
}

// Not every machine has a browser; `chromiumProgram` says so.
describe.skipIf(PROGRAM === undefined)('in Chromium', () => {
  let allowed: Site;
  let foreign: Site;
  let server: TestServer;
  const browsers: Browser[] = [];

  beforeAll(async () => {
    const script = await bundle();
    allowed = await openSite(script, '127.0.0.1');
    // The same machine by another name is another site.
    foreign = await openSite(script, 'localhost');
    server = await startTestServer({
      flags: { 'neumann-cors-origins': allowed.origin, 'neumann-blob-chunk-size': '4' },
      config: { credentials: [keyOf('page', KEY, 'admin')] },
    });
    const put = await server.post(
      '/neumann.v1.QueryService/Execute',
      { query: "BLOB PUT 'page.txt' 'stored bytes'" },
      { headers: { 'x-api-key': KEY } },
    );
    const artifactId = String(put.json.value.value);
    for (const site of [allowed, foreign]) site.setup = { server: server.url, key: KEY, artifactId };
  });
  afterAll(async () => {
    for (const browser of browsers) await browser.close();
    await allowed?.close();
    await foreign?.close();
    await server?.stop();
  });

  async function visit(site: Site): Promise<Report> {
    const browser = await openPage(PROGRAM ?? '', `${site.origin}/`);
    browsers.push(browser);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`the page told nothing: ${browser.output()}`)),
        REPORT_MS_MAX,
      );
    });
    try {
      return await Promise.race([site.report, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  it('a page of an allowed site queries, streams, leaves, downloads, and reads errors', async () => {
    const { agent, origin, steps } = await visit(allowed);
    expect(server.observations.filter(({ type }) => type === 'warning')).toEqual([]);
    expect(agent).toMatch(/Chrome\/\d+/);
    expect(origin).toBe(allowed.origin);
    for (const kind of ['grpcWeb', 'connect']) {
      const of = (name: string): unknown => steps[`${kind} ${name}`];
      expect(of('query')).toEqual([
        ['n', '42'],
        ['t', 'ü'],
      ]);
      expect(of('stream')).toEqual({ sum: 2_001_000, last: ['nothing', true] });
      expect(of('leaving')).toMatchObject({ code: 'Canceled' });
      expect(of('failing')).toEqual({
        code: 'InvalidArgument',
        text: expect.stringContaining('nowhere'),
      });
      expect(of('failingStream')).toEqual({
        code: 'InvalidArgument',
        text: expect.stringContaining('division by zero'),
      });
      expect(of('keyless')).toEqual({ code: 'Unauthenticated', text: 'API key required' });
      expect(of('wrongKey')).toEqual({ code: 'Unauthenticated', text: 'invalid API key' });
      expect(of('health')).toBe(1);
      expect(of('download')).toEqual({ pieces: [4, 4, 4], text: 'stored bytes' });
    }
    // What the page left has ended in PostgreSQL.
    await expect
      .poll(
        async () => {
          const { json } = await server.sql(
            "SELECT count(*)::int FROM pg_stat_activity WHERE state <> 'idle' AND query LIKE '%left_by_page%' AND pid <> pg_backend_pid()",
            [],
            { headers: { 'x-api-key': KEY } },
          );
          return json.rows;
        },
        { timeout: 10_000 },
      )
      .toEqual([[0]]);
  }, 60_000);

  it('a page of another site gets nothing, and nothing runs for it', async () => {
    const before = server.observations.length;
    const { origin, steps } = await visit(foreign);
    expect(origin).toBe(foreign.origin);
    // The browser tells a page nothing but that.
    for (const step of Object.values(steps)) {
      expect(step).toMatchObject({ text: expect.stringContaining('Failed to fetch') });
    }
    const ran = server.observations
      .slice(before)
      .filter((seen) => seen.type === 'operation' && seen.dialect === 'neumann');
    expect(ran).toEqual([]);
  }, 60_000);
});
