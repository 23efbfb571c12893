/** neumann.vector.v1.CollectionsService: making, describing, listing and deleting collections of points. */
import { asFacetError, type ErrorCode, FacetError } from '../../../base/index.ts';
import { collectionCreate, collectionDelete, collectionGet, collectionList } from '../../../models/index.ts';
import { type Procedure, unary } from '../../grpc/index.ts';
import { CollectionsService } from '../gen/neumann/vector/v1/points_pb.ts';
import type { Service } from './service.ts';

const { method } = CollectionsService;

type Distance = 'cosine' | 'l2' | 'inner_product';

/** As clients write them, in lower case. */
const DISTANCES: ReadonlyMap<string, Distance> = new Map<string, Distance>([
  ['', 'cosine'],
  ['cosine', 'cosine'],
  ['euclidean', 'l2'],
  ['l2', 'l2'],
  ['dot', 'inner_product'],
  ['dot_product', 'inner_product'],
  ['inner_product', 'inner_product'],
]);
const SPOKEN: Readonly<Record<Distance, string>> = {
  cosine: 'cosine',
  l2: 'euclidean',
  inner_product: 'dot',
};

/** A dimension of 0 leaves it to the first vector. */
const createCollection = ({ marks }: Service): Procedure =>
  unary(method.create, collectionCreate, async ({ name, dimension, distance }, call) =>
    marks.watch('vector', async () => {
      const known = DISTANCES.get(distance.toLowerCase());
      if (known === undefined) {
        throw new FacetError('INVALID_PARAMETER', `unknown distance metric: ${distance}`);
      }
      const input = { name, distance: known, ...(dimension === 0 ? {} : { dimension }) };
      await inWords(
        call.dispatch.call(collectionCreate, input, call.session),
        'COLLECTION_EXISTS',
        `Collection already exists: ${name}`,
      );
      return { created: true };
    }),
  );

const get = ({ marks }: Service): Procedure =>
  unary(method.get, collectionGet, async ({ name }, call) =>
    marks.watch('vector', async () => {
      const { points, dimension, distance } = await inWords(
        call.dispatch.call(collectionGet, { name }, call.session),
        ...notFound(name),
      );
      return {
        name,
        pointsCount: BigInt(points),
        dimension: dimension ?? 0,
        distance: SPOKEN[distance],
      };
    }),
  );

const remove = ({ marks }: Service): Procedure =>
  unary(method.delete, collectionDelete, async ({ name }, call) =>
    marks.watch('vector', async () => {
      await inWords(call.dispatch.call(collectionDelete, { name }, call.session), ...notFound(name));
      return { deleted: true };
    }),
  );

/** All of them, also those that the first point made. */
const list = ({ marks }: Service): Procedure =>
  unary(method.list, collectionList, async (_request, call) =>
    marks.watch('vector', async () => {
      const collections: string[] = [];
      let after: string | null | undefined;
      do {
        const input = after == null ? {} : { after };
        const page = await call.dispatch.call(collectionList, input, call.session);
        collections.push(...page.collections.map(({ name }) => name));
        after = page.next;
      } while (after !== null);
      return { collections };
    }),
  );

const notFound = (name: string): [ErrorCode, string] => [
  'COLLECTION_NOT_FOUND',
  `collection not found: ${name}`,
];

/** The error with this code, in the words that clients of Neumann know. */
async function inWords<T>(work: Promise<T>, code: ErrorCode, message: string): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    const error = asFacetError(thrown);
    throw error.code === code ? new FacetError(code, message, { cause: error }) : error;
  }
}

export const collectionsProcedures = (service: Service): Procedure[] => [
  createCollection(service),
  get(service),
  remove(service),
  list(service),
];
