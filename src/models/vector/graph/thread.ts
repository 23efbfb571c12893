/**
 * The thread of the graphs as the rest of the process sees it: calls that resolve. It is started by the first call, and
 * one that ends by itself is told to whoever has a graph in it; the next call starts another.
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { FacetError } from '../../../base/index.ts';
import type { GraphCall, GraphReply, GraphRequest, WorkerData } from './messages.ts';

interface Waiting {
  resolve(reply: GraphReply): void;
  reject(error: FacetError): void;
}

/**
 * The program is a file beside this one. When the sources themselves are run it is TypeScript, which a thread of Node 20
 * reads only through the loader that runs them: that of this project, wherever the process was started.
 */
function startThread(options: { readonly workerData: WorkerData }): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./worker.js', import.meta.url), options);
  const program = JSON.stringify(new URL('./worker.ts', import.meta.url).href);
  const loader = createRequire(import.meta.url).resolve('tsx/esm/api');
  // What `require` finds stands beside the module for `import`, which is the one that works in a thread.
  const load = `import(${JSON.stringify(new URL('index.mjs', pathToFileURL(loader)).href)})`;
  return new Worker(`${load}.then((tsx) => tsx.tsImport(${program}, ${program}))`, {
    ...options,
    eval: true,
  });
}

export class GraphThread {
  readonly #onLost: (reason: string) => void;
  readonly #library: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined = undefined;
  #calls = 0;
  #graphs = 0;
  #stopped = false;

  /** `onLost`: every graph in it is gone. `library`: the module that makes graphs; it is not there on every platform. */
  constructor(onLost: (reason: string) => void, library = 'usearch') {
    this.#onLost = onLost;
    this.#library = library;
  }

  /** A number for a new graph. */
  nextGraph(): number {
    return ++this.#graphs;
  }

  /** Slots of the entries that are nearest by the graph, nearest first. @throws UNAVAILABLE */
  async search(graph: number, query: Float32Array, count: number): Promise<Uint32Array> {
    const reply = await this.#ask({ op: 'search', graph, query, count });
    return 'slots' in reply ? reply.slots : new Uint32Array();
  }

  /** Resolves when the file is on the disk. @throws UNAVAILABLE */
  async save(graph: number, file: string): Promise<{ readonly entries: number; readonly digest: string }> {
    const reply = await this.#ask({ op: 'save', graph, file });
    if ('digest' in reply) return { entries: reply.size, digest: reply.digest };
    throw unavailable('the graph was not saved');
  }

  /** @returns entries of the graph. @throws UNAVAILABLE; FEATURE_NOT_SUPPORTED where the library has no binary */
  async do(request: Exclude<GraphRequest, { op: 'search' | 'save' }>): Promise<number> {
    const reply = await this.#ask(request);
    return 'size' in reply ? reply.size : 0;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const worker = this.#worker;
    this.#lose('The store is stopping', false);
    await worker?.terminate();
  }

  #ask(request: GraphRequest): Promise<GraphReply> {
    return new Promise((resolve, reject) => {
      if (this.#stopped) {
        reject(unavailable('The store is stopping'));
        return;
      }
      const call = ++this.#calls;
      this.#waiting.set(call, { resolve, reject });
      const message: GraphCall = { ...request, call };
      const worker = this.#started();
      if ('vectors' in request) worker.postMessage(message, [request.vectors.buffer as ArrayBuffer]);
      else worker.postMessage(message);
    });
  }

  #started(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = startThread({ workerData: { library: this.#library } });
    worker.unref();
    worker.on('message', (reply: GraphReply) => this.#settle(reply));
    worker.on('error', (error) => this.#ended(worker, error.message));
    worker.on('exit', (code) => this.#ended(worker, `the thread ended with ${code}`));
    this.#worker = worker;
    return worker;
  }

  #settle(reply: GraphReply): void {
    const waiting = this.#waiting.get(reply.call);
    if (waiting === undefined) return;
    this.#waiting.delete(reply.call);
    if ('error' in reply) {
      const error = reply.noLibrary
        ? new FacetError('FEATURE_NOT_SUPPORTED', `There are no graphs here: ${reply.error}`)
        : unavailable(reply.error);
      waiting.reject(error);
    } else waiting.resolve(reply);
  }

  #ended(worker: Worker, reason: string): void {
    if (this.#worker === worker && !this.#stopped) this.#lose(reason, true);
  }

  #lose(reason: string, tell: boolean): void {
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(unavailable(reason));
    if (tell) this.#onLost(reason);
  }
}

const unavailable = (reason: string): FacetError =>
  new FacetError('UNAVAILABLE', `The vector index is not available: ${reason}`, { retryAfterSeconds: 1 });
