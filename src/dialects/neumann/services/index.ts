/** Front door of the services: their procedures, and how they are. Statements are run by statements/. */
import type { Procedure } from '../../grpc/index.ts';
import { executeBatch } from './batch.ts';
import { download, getMetadata, remove } from './blobs.ts';
import { collectionsProcedures } from './collections.ts';
import { check } from './health.ts';
import { closeCursor, executePaginated } from './paginated.ts';
import { pointsProcedures } from './points.ts';
import { execute, executeStream } from './query.ts';
import type { Service } from './service.ts';
import { upload } from './upload.ts';

export { Cursors } from './cursors.ts';
export { isWell } from './health.ts';
export type { Service } from './service.ts';

export const proceduresOf = (service: Service): readonly Procedure[] => [
  ...[execute, executeStream, executeBatch, executePaginated, closeCursor].map((make) => make(service)),
  ...[upload, download, remove, getMetadata].map((make) => make(service)),
  check(service),
  ...pointsProcedures(service),
  ...collectionsProcedures(service),
];
