/** Which operations make a namespace larger: those are refused when it is as large as a plan allows. */
import type { Operation } from '../operation.ts';

/**
 * Operations that need role write and take something away, or leave the size about as it is. SQL and Cypher have
 * operations that every role may call; their models ask for room themselves (plan-limits.ts).
 */
export const LEAVE_ROOM: ReadonlySet<string> = new Set(
  [
    'kv.del kv.mdel kv.expire kv.persist key.rename key.renamenx hash.del',
    'list.lpop list.rpop list.ltrim list.lrem list.rpoplpush set.rem set.pop set.move',
    'sortedset.zrem sortedset.zpopmin sortedset.zpopmax sortedset.zremrangebyrank sortedset.zremrangebyscore',
    'queue.delete queue.purge queue.purge_dead_letters queue.redrive queue.consume queue.ack queue.nack queue.release',
    // It asks for room itself when the subscriber is new.
    'stream.consume',
    'stream.delete topic.delete pubsub.publish',
    'consumer_group.delete consumer_group.join consumer_group.leave consumer_group.heartbeat consumer_group.commit',
    'blob.delete blob.untag blob.unlink blob.collect blob.repair',
    'sql.drop_table sql.drop_index graph.flush',
    'collection.delete embedding.delete embedding.build_index',
    'vault.delete vault.rotate vault.revoke',
  ].flatMap((names) => names.split(' ')),
);

export const grows = ({ name, access }: Pick<Operation, 'name' | 'access'>): boolean =>
  access === 'write' && !LEAVE_ROOM.has(name);
