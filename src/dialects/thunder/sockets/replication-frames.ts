/**
 * Entries of a replication stream as frames, in the words of the ThunderDB API reference (WebSocket API, /ws/replication).
 * Updates, deletes, truncates and keepalives are not shown there. Additions: `txn_id`, `commit_lsn` and `sequence` of each
 * change, by which a client that did not ask for boundaries knows what it has had.
 */
import { timestamp } from '../../../base/index.ts';
import { lsnText } from '../../../engine/index.ts';
import type { ReplicationEntry } from '../../../models/index.ts';
import { FrameCache } from '../../http/index.ts';
import { type EventForm, rowMembers, tableMembers } from '../event-text.ts';

const WHOLE: EventForm = { fullRows: true, oldRows: true };

const transactionId = (xid: number): string => `"txn_${xid}"`;

export const replicationFrames = new FrameCache<ReplicationEntry>((entry) => {
  const lsn = lsnText(entry.lsn);
  switch (entry.kind) {
    case 'begin':
    case 'commit':
      return (
        `{"type":"${entry.kind}","txn_id":${transactionId(entry.xid)},"lsn":"${lsn}",` +
        `"timestamp":"${timestamp(entry.committedAtMs)}"}`
      );
    case 'change': {
      const { change } = entry;
      return (
        `{"type":"${change.operation}",${tableMembers(change.table)},"lsn":"${lsn}",${rowMembers(change, WHOLE)},` +
        `"txn_id":${transactionId(change.xid)},"commit_lsn":"${lsnText(change.commitLsn)}","sequence":${change.sequence}}`
      );
    }
    case 'truncate':
      return (
        `{"type":"truncate",${tableMembers(entry.table)},"lsn":"${lsn}",` +
        `"txn_id":${transactionId(entry.xid)}}`
      );
    case 'keepalive':
      return `{"type":"keepalive","lsn":"${lsn}","timestamp":"${timestamp(entry.atMs)}"}`;
  }
});
