/** What can be done with snapshots of a graph. Loading one is for a store that nobody serves: `facet restore`. */
import { ENGINE_ERRORS } from '../../../engine/index.ts';
import { operation } from '../../operation.ts';
import * as schemas from './schemas.ts';
import { create, list, read } from './snapshots.ts';

const FILE_ERRORS = [...ENGINE_ERRORS, 'STORE_UNUSABLE', 'RESOURCE_EXHAUSTED'] as const;

export const snapshotCreate = operation({
  name: 'snapshot.create',
  summary:
    'Writes the whole graph as it is now to a file of the server, and removes files that are not kept.',
  input: schemas.createInput,
  output: schemas.createResult,
  access: 'admin',
  category: 'admin',
  streams: false,
  errors: [...FILE_ERRORS, 'FEATURE_NOT_SUPPORTED', 'INVALID_TRANSACTION_STATE', 'LIMIT_EXCEEDED'],
  run: create,
});

export const snapshotList = operation({
  name: 'snapshot.list',
  summary: 'Lists the snapshots of the graph that the server keeps, the newest first.',
  input: schemas.listInput,
  output: schemas.listResult,
  access: 'admin',
  category: 'admin',
  streams: false,
  errors: FILE_ERRORS,
  run: list,
});

export const snapshotRead = operation({
  name: 'snapshot.read',
  summary: 'Streams the whole graph as it is now.',
  input: schemas.readInput,
  output: schemas.readResult,
  access: 'admin',
  category: 'admin',
  streams: true,
  errors: [...ENGINE_ERRORS, 'INVALID_TRANSACTION_STATE', 'LIMIT_EXCEEDED'],
  run: read,
});

export const SNAPSHOT_OPERATIONS = [snapshotCreate, snapshotList, snapshotRead] as const;
