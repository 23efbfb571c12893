/**
 * The thread that owns the graphs: approximate nearest neighbours by HNSW, from the library usearch. Searches are done
 * as they come; what is to be added waits in line and is added in slices between them. Runs as a program of its own.
 */
import { createRequire } from 'node:module';
import { availableParallelism, endianness } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { monotonicMs } from '../../../base/index.ts';
import { digestOfFile, finishFile } from './durable-file.ts';
import type { GraphCall, GraphFile, GraphReply, GraphShape, WorkerData } from './messages.ts';

/** The part of the library that is used here. It has no types for what its native half answers. */
interface NativeIndex {
  add(keys: BigUint64Array, vectors: Float32Array, threads: number): void;
  search(query: Float32Array, count: number, threads: number): { readonly keys: BigUint64Array };
  save(file: string): void;
  load(file: string): void;
  size(): number;
  /** Entries that it has room for; an addition that comes up to it makes more. */
  capacity(): number;
}

interface Usearch {
  readonly Index: new (config: Readonly<Record<string, unknown>>) => NativeIndex;
}

/** Vectors that are added between two looks at what else there is to do: at 0.2 ms each, a search waits that long. */
const SLICE = 8;
/** The same when nobody has searched for a while. */
const IDLE_SLICE = 256;
const IDLE_MS = 250;
/** The narrowest beam. A search that asks for more entries has a beam as wide as it asks for. */
const EXPANSION_SEARCH = 16;

/** Which of the two halves of a 64-bit number comes first depends on the machine. */
const LOWER_HALF = endianness() === 'LE' ? 0 : 1;

interface Graph {
  readonly index: NativeIndex;
  readonly dimensions: number;
}

let loaded: Usearch | undefined;
const threads = Math.max(1, Math.min(4, availableParallelism()));
const graphs = new Map<number, Graph>();
/** Everything but searches, in order. */
const line: GraphCall[] = [];
let addedOfFirst = 0;
let searchedAtMs = Number.NEGATIVE_INFINITY;
let working = false;

const answer = (reply: GraphReply): void => parentPort?.postMessage(reply);

/** Thrown where there is no binary of the library for this platform. */
class NoLibrary extends Error {}

function library(): Usearch {
  const { library: name } = workerData as WorkerData;
  try {
    loaded ??= createRequire(import.meta.url)(name) as Usearch;
    return loaded;
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new NoLibrary(`${name} cannot be loaded on this platform: ${reason}`);
  }
}

/** Only a file with the right digest is given to the library, which trusts what it reads. */
async function open(shape: GraphShape, file: GraphFile | undefined): Promise<Graph> {
  const usearch = library();
  if (file !== undefined && (await digestOfFile(file.path)) !== file.digest) {
    throw new Error(`${file.path} is damaged`);
  }
  const index = new usearch.Index({
    dimensions: shape.dimensions,
    metric: shape.metric,
    quantization: shape.scalar,
    connectivity: shape.connectivity,
    expansion_add: shape.expansionAdd,
    expansion_search: EXPANSION_SEARCH,
    multi: false,
  });
  if (file !== undefined) index.load(file.path);
  return { index, dimensions: shape.dimensions };
}

function graphOf(number: number): Graph {
  const graph = graphs.get(number);
  if (graph === undefined) throw new Error(`there is no graph ${number}`);
  return graph;
}

function refuse(call: GraphCall, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  answer({ call: call.call, error: message, noLibrary: error instanceof NoLibrary });
}

/** One step of the line, then whatever has come meanwhile. */
async function work(): Promise<void> {
  const [call] = line;
  if (call === undefined) {
    working = false;
    return;
  }
  let more = false;
  try {
    more = await step(call);
  } catch (error) {
    refuse(call, error);
  }
  if (!more) {
    line.shift();
    addedOfFirst = 0;
  }
  setImmediate(() => void work());
}

/** True when the call needs another step. */
async function step(call: GraphCall): Promise<boolean> {
  switch (call.op) {
    case 'open': {
      const graph = await open(call.shape, call.file);
      graphs.set(call.graph, graph);
      answer({ call: call.call, size: graph.index.size() });
      return false;
    }
    case 'add':
      return addSlice(call.from, call.vectors, graphOf(call.graph), call.call);
    case 'save': {
      const { index } = graphOf(call.graph);
      const size = index.size();
      index.save(call.file);
      // Others need not wait for the disk.
      finishFile(call.file).then(
        (digest) => answer({ call: call.call, size, digest }),
        (error: unknown) => refuse(call, error),
      );
      return false;
    }
    case 'close':
      graphs.delete(call.graph);
      answer({ call: call.call, size: 0 });
      return false;
    case 'search':
      return false;
  }
}

function addSlice(from: number, vectors: Float32Array, { index, dimensions }: Graph, call: number): boolean {
  const idle = monotonicMs() - searchedAtMs > IDLE_MS;
  const total = vectors.length / dimensions;
  const begin = addedOfFirst;
  const end = Math.min(total, begin + (idle ? IDLE_SLICE : SLICE));
  const keys = BigUint64Array.from({ length: end - begin }, (_, at) => BigInt(from + begin + at));
  // Making room, the library prepares for as many threads as that addition has: later ones with more of them would fail.
  const makesRoom = index.size() + keys.length >= index.capacity();
  const slice = vectors.subarray(begin * dimensions, end * dimensions);
  index.add(keys, slice, idle || makesRoom ? threads : 1);
  addedOfFirst = end;
  if (end < total) return true;
  answer({ call, size: index.size() });
  return false;
}

const NONE = new Uint32Array();

/** Lower halves: a slot is a place in an array, and no 64-bit number has to be made of each. */
function slotsOf(keys: BigUint64Array): Uint32Array {
  const halves = new Uint32Array(keys.buffer, keys.byteOffset, keys.length * 2);
  const slots = new Uint32Array(keys.length);
  for (let at = 0; at < slots.length; at++) slots[at] = halves[2 * at + LOWER_HALF] as number;
  return slots;
}

function search(call: GraphCall & { readonly op: 'search' }): void {
  searchedAtMs = monotonicMs();
  const { index } = graphOf(call.graph);
  const count = Math.min(call.count, index.size());
  answer({ call: call.call, slots: count === 0 ? NONE : slotsOf(index.search(call.query, count, 1).keys) });
}

parentPort?.on('message', (call: GraphCall) => {
  if (call.op === 'search') {
    try {
      search(call);
    } catch (error) {
      refuse(call, error);
    }
    return;
  }
  line.push(call);
  if (working) return;
  working = true;
  setImmediate(() => void work());
});
