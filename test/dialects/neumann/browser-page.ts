/**
 * What a page does with the services of Neumann, in a browser: a program for the page of web-browser.test.ts, which bundles it.
 * It asks its own site where the server is, and tells it everything that it saw.
 */
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web';
import { BlobService, Health, QueryService } from '../../../src/dialects/neumann/gen/neumann_pb.ts';

/** What the page asks for at `/setup`. */
export interface Setup {
  readonly server: string;
  readonly key: string;
  readonly artifactId: string;
}

/** What it sends to `/report`. */
export interface Report {
  readonly agent: string;
  readonly origin: string;
  /** By the name of the step: what came of it. */
  readonly steps: Readonly<Record<string, unknown>>;
}

/** The types of this project are those of Node.js, which has no page. */
interface Page {
  readonly location: { readonly origin: string };
  readonly navigator: { readonly userAgent: string };
}

type Step = (setup: Setup) => Promise<unknown>;

const TRANSPORTS = { grpcWeb: createGrpcWebTransport, connect: createConnectTransport };

function stepsBy(make: (options: { baseUrl: string }) => ReturnType<typeof createGrpcWebTransport>) {
  const queries = ({ server }: Setup) => createClient(QueryService, make({ baseUrl: server }));
  const headersOf = ({ key }: Setup) => ({ headers: { 'x-api-key': key } });
  const steps: Record<string, Step> = {
    query: async (setup) => {
      const answer = await queries(setup).execute({ query: "SELECT 6 * 7 AS n, 'ü' AS t" }, headersOf(setup));
      const { result } = answer;
      if (result.case !== 'rows') return result.case;
      return result.value.rows[0]?.values.map(({ name, value }) => [name, String(value?.kind.value)]);
    },
    stream: async (setup) => {
      let sum = 0;
      let last: unknown;
      const query = 'SELECT n FROM generate_series(1, 2000) n';
      for await (const { chunk, isFinal } of queries(setup).executeStream({ query }, headersOf(setup))) {
        if (chunk.case === 'row') sum += Number(chunk.value.row?.values[0]?.value?.kind.value);
        last = [chunk.case ?? 'nothing', isFinal];
      }
      return { sum, last };
    },
    leaving: async (setup) => {
      const query = "SELECT n AS left_by_page, repeat('x', 1000) FROM generate_series(1, 10000000) n";
      const leaving = new AbortController();
      const options = { ...headersOf(setup), signal: leaving.signal };
      let rows = 0;
      for await (const _chunk of queries(setup).executeStream({ query }, options)) {
        rows++;
        if (rows === 10) leaving.abort();
      }
      return rows;
    },
    failing: async (setup) => {
      await queries(setup).execute({ query: 'SELECT * FROM nowhere' }, headersOf(setup));
    },
    failingStream: async (setup) => {
      const query = 'SELECT 10 / (5 - n) FROM generate_series(1, 9) n';
      for await (const _chunk of queries(setup).executeStream({ query }, headersOf(setup)));
    },
    keyless: async (setup) => {
      await queries(setup).execute({ query: 'SELECT 1' });
    },
    wrongKey: async (setup) => {
      await queries(setup).execute({ query: 'SELECT 1' }, { headers: { 'x-api-key': 'wrong' } });
    },
    health: async ({ server }) => (await createClient(Health, make({ baseUrl: server })).check({})).status,
    download: async (setup) => {
      const blobs = createClient(BlobService, make({ baseUrl: setup.server }));
      const pieces: number[] = [];
      let text = '';
      for await (const { data, isFinal } of blobs.download(
        { artifactId: setup.artifactId },
        headersOf(setup),
      )) {
        pieces.push(data.length);
        text += new TextDecoder().decode(data);
        if (isFinal) break;
      }
      return { pieces, text };
    },
  };
  return steps;
}

async function run(): Promise<void> {
  const setup = (await (await fetch('/setup')).json()) as Setup;
  const steps: Record<string, unknown> = {};
  for (const [kind, make] of Object.entries(TRANSPORTS)) {
    for (const [name, step] of Object.entries(stepsBy(make))) {
      steps[`${kind} ${name}`] = await step(setup).catch((thrown: unknown) => {
        const { code, rawMessage } = ConnectError.from(thrown);
        return { code: Code[code], text: rawMessage };
      });
    }
  }
  const { location, navigator } = globalThis as unknown as Page;
  const report: Report = { agent: navigator.userAgent, origin: location.origin, steps };
  await fetch('/report', { method: 'POST', body: JSON.stringify(report) });
}

run().catch((error: unknown) => {
  void fetch('/report', { method: 'POST', body: JSON.stringify({ failure: String(error) }) });
});
