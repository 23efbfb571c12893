/** neumann.v1.Health: how the services are, for everyone who asks. */
import { adminReady } from '../../../models/index.ts';
import { type Procedure, unary } from '../../grpc/index.ts';
import { ServingStatus } from '../gen/neumann_pb.ts';
import { MARKED, type Marked } from '../marks.ts';
import type { Service } from './service.ts';

/** Services that can be asked about, and what is watched of each. The empty name is all of them. */
const WATCHED: ReadonlyMap<string, readonly Marked[]> = new Map<string, readonly Marked[]>([
  ['', MARKED],
  ['neumann.v1.QueryService', ['query']],
  ['neumann.v1.BlobService', []],
  ['neumann.vector.v1.PointsService', ['vector']],
  ['neumann.vector.v1.CollectionsService', ['vector']],
]);

/** A service that nobody knows is UNSPECIFIED, which is no error. */
export const check = ({ wire, marks }: Service): Procedure =>
  unary(wire.health.method.check, adminReady, async ({ service = '' }, call) => {
    const watched = WATCHED.get(service);
    if (watched === undefined) return { status: ServingStatus.UNSPECIFIED };
    if (!watched.every((each) => marks.isWell(each))) return { status: ServingStatus.NOT_SERVING };
    const { ready } = await call.dispatch.call(adminReady, {}, call.session);
    return { status: ready ? ServingStatus.SERVING : ServingStatus.NOT_SERVING };
  });

/**
 * For the standard health service, which is asked about each service: the server as a whole is not taken down by queries
 * that fail.
 */
export const isWell =
  ({ marks }: Service) =>
  (service: string): boolean =>
    service === '' || (WATCHED.get(service) ?? []).every((each) => marks.isWell(each));
