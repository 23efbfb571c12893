/**
 * Front door of the gRPC part of the thunder dialect: the services ThunderQuery and Cluster of the ThunderDB API, and
 * facet.v1.ChangesService for what that API calls grpc_stream. How they are served is dialects/grpc.
 */
import type { GrpcDialect } from '../../grpc/index.ts';
import { wireName } from '../field-names.ts';
import { changesProcedures } from './changes.ts';
import { getNodes, getRegions, propose, watchEvents } from './cluster.ts';
import { execute, executeStream, explain } from './queries.ts';
import { beginTransaction, commit, rollback } from './transactions.ts';

export const createThunderGrpc = (): GrpcDialect => ({
  name: 'thunder',
  procedures: [
    ...[execute, explain, beginTransaction, commit, rollback, executeStream],
    ...[getNodes, getRegions, propose, watchEvents],
    ...changesProcedures(),
  ],
  fieldName: wireName,
});
