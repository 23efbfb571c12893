/** What the engine offers of restore points: copies of a namespace that it can be rolled back to. */

/** A copy of a namespace as it was at one moment. */
export interface RestorePoint {
  /** `rp_` and 12 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  /** Unix time in milliseconds. */
  readonly createdAtMs: number;
  readonly bytes: number;
}

export interface MadeRestorePoint extends RestorePoint {
  /** So long operations on the namespace waited. */
  readonly pausedMs: number;
}

export interface RolledBack {
  readonly point: RestorePoint;
  readonly pausedMs: number;
}

/**
 * Restore points. Creating one and rolling back pause the namespace: its Database is closed, with everything that models
 * keep for it, and opened anew; calls that come meanwhile wait for that. None of it can be done in a transaction.
 */
export interface RestorePoints {
  /**
   * Without a name it is named by its id.
   * @throws RESTORE_POINT_UNSUPPORTED, RESTORE_POINT_BUSY, RESTORE_POINT_EXISTS, LIMIT_EXCEEDED, DATABASE_NOT_FOUND,
   *   RESOURCE_EXHAUSTED when the disk has no room for it
   */
  create(namespace: string, name?: string): Promise<MadeRestorePoint>;
  /** Newest first. */
  list(namespace: string): Promise<readonly RestorePoint[]>;
  /** By id or name. @throws RESTORE_POINT_NOT_FOUND */
  drop(namespace: string, asked: string): Promise<RestorePoint>;
  /**
   * The namespace has the content of that moment again; the restore point stays. Interactive transactions are rolled back,
   * and whoever follows changes has to begin anew.
   * @throws RESTORE_POINT_NOT_FOUND, RESTORE_POINT_UNSUPPORTED, RESTORE_POINT_BUSY, RESOURCE_EXHAUSTED
   */
  rollBack(namespace: string, asked: string): Promise<RolledBack>;
}
