/** What the thread of the graphs is told, and what it answers. Not what it does: that is worker.ts. */

export type GraphMetric = 'cos' | 'l2sq' | 'ip';
/** How the graph keeps its copies of the vectors: as they are rounded to two bytes, or to one. */
export type GraphScalar = 'bf16' | 'i8';

export interface GraphShape {
  readonly dimensions: number;
  readonly metric: GraphMetric;
  readonly scalar: GraphScalar;
  /** Edges of a node. */
  readonly connectivity: number;
  /** Width of the beam that looks for neighbours when a node is added. */
  readonly expansionAdd: number;
}

/** A graph that was saved. */
export interface GraphFile {
  readonly path: string;
  /** As durable-file.ts makes it. */
  readonly digest: string;
}

export type GraphRequest =
  /** Replaces the graph of that number. */
  | {
      readonly op: 'open';
      readonly graph: number;
      readonly shape: GraphShape;
      readonly file?: GraphFile | undefined;
    }
  /** Slots `from`, `from + 1`, … */
  | { readonly op: 'add'; readonly graph: number; readonly from: number; readonly vectors: Float32Array }
  | { readonly op: 'search'; readonly graph: number; readonly query: Float32Array; readonly count: number }
  | { readonly op: 'save'; readonly graph: number; readonly file: string }
  | { readonly op: 'close'; readonly graph: number };

export type GraphCall = GraphRequest & { readonly call: number };

export type GraphReply =
  | { readonly call: number; readonly slots: Uint32Array }
  /** Of `open`: entries in the file; of `add`: entries now. */
  | { readonly call: number; readonly size: number }
  /** Of `save`: entries in the file, which is on the disk now. */
  | { readonly call: number; readonly size: number; readonly digest: string }
  /** `noLibrary`: there never will be a graph on this platform. */
  | { readonly call: number; readonly error: string; readonly noLibrary: boolean };

/** What the thread is started with. */
export interface WorkerData {
  /** Name of the module that makes graphs. */
  readonly library: string;
}
