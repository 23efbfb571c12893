/** neumann.vector.v1.PointsService: points are embeddings by key, and their payload is the metadata. */
import { asFacetError } from '../../../base/index.ts';
import {
  embeddingDelete,
  embeddingGet,
  embeddingList,
  embeddingSearch,
  embeddingStore,
} from '../../../models/index.ts';
import { type GrpcCall, type Procedure, unary } from '../../grpc/index.ts';
import { PointsService, type QueryPointsRequest } from '../gen/neumann/vector/v1/points_pb.ts';
import { metadataOf, payloadOf } from './payload.ts';
import type { Service } from './service.ts';

const { method } = PointsService;

interface Found {
  readonly key: string;
  readonly vector?: readonly number[] | undefined;
  readonly metadata?: Parameters<typeof payloadOf>[0] | undefined;
}

const pointOf = ({ key, vector = [], metadata = {} }: Found) => ({
  id: key,
  vector: [...vector],
  payload: payloadOf(metadata),
});

/** All points or none. What a point had before is replaced. */
const upsert = ({ marks }: Service): Procedure =>
  unary(method.upsert, embeddingStore, async ({ collection, points }, call) =>
    marks.watch('vector', async () => {
      const given = points.map(({ id, vector, payload }) => ({
        key: id,
        vector,
        metadata: metadataOf(id, payload),
      }));
      const input = { collection, points: given };
      const { stored } = await call.dispatch.call(embeddingStore, input, call.session);
      return { upserted: BigInt(stored) };
    }),
  );

const get = ({ marks }: Service): Procedure =>
  unary(method.get, embeddingGet, async ({ collection, ids, withPayload, withVector }, call) =>
    marks.watch('vector', async () => {
      const input = { collection, keys: ids, withVector, withMetadata: withPayload };
      const found = await orWithout(call.dispatch.call(embeddingGet, input, call.session));
      return { points: (found?.embeddings ?? []).map(pointOf) };
    }),
  );

const remove = ({ marks }: Service): Procedure =>
  unary(method.delete, embeddingDelete, async ({ collection, ids }, call) =>
    marks.watch('vector', async () => {
      const input = { collection, keys: ids };
      const found = await orWithout(call.dispatch.call(embeddingDelete, input, call.session));
      return { deleted: BigInt(found?.deleted ?? 0) };
    }),
  );

const query = ({ marks }: Service): Procedure =>
  unary(method.query, embeddingSearch, async (request, call) =>
    marks.watch('vector', async () => ({
      results: (await search(request, call)).map((item) => ({ ...pointOf(item), score: item.score })),
    })),
  );

async function search(request: QueryPointsRequest, call: GrpcCall) {
  const { collection, vector, limit, offset, scoreThreshold, withPayload, withVector } = request;
  const input = {
    collection,
    vector,
    limit: Math.max(1, limit),
    ...(offset === 0 ? {} : { offset }),
    ...(scoreThreshold === undefined ? {} : { scoreMin: scoreThreshold }),
    withVector,
    withMetadata: withPayload,
  };
  try {
    const found = await orWithout(call.dispatch.call(embeddingSearch, input, call.session));
    return found?.items ?? [];
  } catch (thrown) {
    // A vector without a direction is near to nothing.
    const isNull = vector.length > 0 && vector.every((component) => component === 0);
    if (isNull && asFacetError(thrown).code === 'INVALID_VECTOR') return [];
    throw thrown;
  }
}

const scroll = ({ marks }: Service): Procedure =>
  unary(method.scroll, embeddingList, async (request, call) =>
    marks.watch('vector', async () => {
      const { collection, offsetId, limit, withPayload, withVector } = request;
      const input = {
        collection,
        ...(offsetId === undefined ? {} : { after: offsetId }),
        limit: Math.max(1, limit),
        withVector,
        withMetadata: withPayload,
      };
      const found = await orWithout(call.dispatch.call(embeddingList, input, call.session));
      const next = found?.next ?? null;
      return {
        points: (found?.embeddings ?? []).map(pointOf),
        ...(next === null ? {} : { nextOffset: next }),
      };
    }),
  );

/** A collection that is not there has no points, which is no error. */
async function orWithout<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (thrown) {
    if (asFacetError(thrown).code === 'COLLECTION_NOT_FOUND') return undefined;
    throw thrown;
  }
}

export const pointsProcedures = (service: Service): Procedure[] => [
  upsert(service),
  get(service),
  remove(service),
  query(service),
  scroll(service),
];
