/**
 * What a statement answers: one member of the result of neumann.v1.QueryResponse, by the names of its fields. Numbers of
 * fields come later, from the listener's wire.
 */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { QueryResponseChunkSchema, QueryResponseSchema } from './gen/neumann_pb.ts';

type ResponseInit = Exclude<MessageInitShape<typeof QueryResponseSchema>, { $typeName: string }>;
type ChunkInit = Exclude<MessageInitShape<typeof QueryResponseChunkSchema>, { $typeName: string }>;

/** A result that is made whole. */
export type PlainResult = Exclude<NonNullable<ResponseInit['result']>, { case?: undefined }>;
export type ResultKind = PlainResult['case'];

/** Rows, whose message neumann.v1.RowsResult is written past the general encoder. */
export interface EncodedRows {
  readonly case: 'rows';
  readonly encoded: Uint8Array;
  readonly count: number;
}

export type Result = PlainResult | EncodedRows;

/** Kinds of results that can be streamed, and the member of a chunk that carries one item. */
export const STREAMED = {
  rows: 'row',
  nodes: 'node',
  edges: 'edge',
  similar: 'similarItem',
  blob: 'blobData',
} as const satisfies Partial<Record<ResultKind, NonNullable<NonNullable<ChunkInit['chunk']>['case']>>>;
export type StreamedKind = keyof typeof STREAMED;

/** An item of a stream: a chunk's member, or the bytes of neumann.v1.RowChunk. */
export type Item =
  | Exclude<NonNullable<ChunkInit['chunk']>, { case?: undefined }>
  | { readonly encodedRow: Uint8Array };
/** In groups, as they come from PostgreSQL: many small messages cost one turn of the event loop together. */
export type Items = AsyncIterable<readonly Item[]>;
