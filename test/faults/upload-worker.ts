/**
 * A process that uploads, deletes and collects artifacts in a store without pause, and tells its parent before and after
 * each step, so that whoever kills it knows how far it came. Arguments: URI of the store, a seed. Messages: `go` begins the
 * load, `audit` ends it and looks at all that is there.
 */
import { createHash } from 'node:crypto';
import { type Database, openStore, type Store } from '../../src/engine/index.ts';
import {
  blobCollect,
  blobDelete,
  blobList,
  blobPut,
  blobStats,
  blobUpload,
  blobVerify,
  type Operation,
  type OperationContext,
  sqlQuery,
} from '../../src/models/index.ts';

/** What the parent hears. */
export type Report =
  | { readonly did: 'ready' }
  | { readonly did: 'stored'; readonly id: string; readonly checksum: string }
  | { readonly did: 'deleting' | 'deleted'; readonly id: string }
  | { readonly did: 'failed'; readonly code: string }
  | { readonly did: 'audited'; readonly audit: Audit };

export interface Audit {
  /** Checksums by id, of artifacts whose bytes were verified. */
  readonly whole: Readonly<Record<string, string>>;
  readonly broken: readonly string[];
  readonly stats: unknown;
  /** References of nobody, chunks without a reference, rows of garbage, suspects and uploads. */
  readonly left: readonly number[];
}

const LOOPS = 4;
const PART = 256 * 1024;
const [uri = '', seed = '0'] = process.argv.slice(2);
const say = (report: Report): void => void process.send?.(report);

const store: Store = await openStore(uri, { observe: () => {} });
const database: Database = await store.namespace(store.defaultNamespace);
let stopping = false;
let turn = 0;

function call<Input, Output>(operation: Operation<Input, Output>, input: unknown): Promise<Output> {
  const context: OperationContext = {
    store,
    database,
    transaction: undefined,
    principal: { name: 'load', role: 'admin' },
    requestId: 'req_00000000',
    signal: new AbortController().signal,
    observe: () => {},
    server: {
      version: '',
      clusterId: '',
      nodeId: '',
      region: '',
      address: '',
      startedAtMs: 0,
      metricsText: async () => '',
      accepting: () => true,
    },
  };
  return operation.run(context, operation.input.parse(input));
}

/** One of few chunks that many artifacts share. */
function part(n: number): Buffer {
  const bytes = Buffer.alloc(PART, createHash('sha256').update(`part ${n}`).digest());
  return bytes;
}

async function* pieces(parts: number, own: string): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < parts; n++) {
    yield part((turn + n * 3) % 12);
    await new Promise((resolve) => setTimeout(resolve, n % 4));
  }
  yield Buffer.from(own);
}

async function step(loop: number): Promise<void> {
  const own = `${seed} ${loop} ${turn++}`;
  try {
    const { artifact } =
      turn % 5 === 0
        ? await call(blobPut, { filename: own, bytes: Buffer.from(own) })
        : await call(blobUpload, { filename: own, pieces: pieces((turn % 4) * 5 + 1, own) });
    const id = artifact.artifactId;
    say({ did: 'stored', id, checksum: artifact.checksum });
    if (turn % 3 === 0) {
      say({ did: 'deleting', id });
      await call(blobDelete, { artifactId: id });
      say({ did: 'deleted', id });
    }
    if (turn % 4 === 0) await call(blobCollect, {});
  } catch (error) {
    say({ did: 'failed', code: String((error as { code?: unknown }).code ?? error) });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

let load: Promise<unknown> = Promise.resolve();

function go(): void {
  stopping = false;
  load = Promise.all(
    Array.from({ length: LOOPS }, async (_, loop) => {
      while (!stopping) await step(loop);
    }),
  );
}

async function halt(): Promise<void> {
  stopping = true;
  await load;
}

const LEFT = `SELECT
  (SELECT count(*) FROM blob.artifact_chunk AS r WHERE NOT EXISTS (SELECT FROM blob.artifact AS a WHERE a.id = r.artifact_id)),
  (SELECT count(*) FROM blob.chunk AS c WHERE NOT EXISTS (SELECT FROM blob.artifact_chunk AS r WHERE r.sha256 = c.sha256)),
  (SELECT count(*) FROM blob.garbage), (SELECT count(*) FROM blob.suspect), (SELECT count(*) FROM blob.upload)`;

async function audit(): Promise<void> {
  await halt();
  await call(blobCollect, {});
  const whole: Record<string, string> = {};
  const broken: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await call(blobList, cursor === undefined ? {} : { cursor });
    for (const { artifactId, checksum } of page.artifacts) {
      const { valid } = await call(blobVerify, { artifactId });
      if (valid) whole[artifactId] = checksum;
      else broken.push(artifactId);
    }
    cursor = page.pagination.nextCursor;
  }
  const { rows } = await call(sqlQuery, { sql: LEFT });
  const stats = await call(blobStats, {});
  say({ did: 'audited', audit: { whole, broken, stats, left: (rows[0] ?? []).map(Number) } });
}

process.on('message', (message) => {
  if (message === 'go') go();
  else audit().catch((error: unknown) => say({ did: 'failed', code: String(error) }));
});
process.on('SIGTERM', () => {
  void halt()
    .then(() => store.stop())
    .then(() => process.exit(0));
});
say({ did: 'ready' });
