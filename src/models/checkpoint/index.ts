/** Front door of restore points. */
export {
  CHECKPOINT_OPERATIONS,
  checkpointCreate,
  checkpointDelete,
  checkpointList,
  checkpointRollback,
} from './operations.ts';
