/**
 * How the Synap API calls the fields of operations, for messages about a wrong one: the check is the operation's, the
 * name is what the client wrote. Where a member has several spellings it is the one of the reference.
 */

/** Fields with names of their own. The others are written with underscores, without the ending that says how they cross. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['ackDeadlineMs', 'ack_deadline'],
  ['ageMsMax', 'max_age_secs'],
  ['bytesMax', 'max_bytes'],
  ['countMax', 'count'],
  ['eventsMax', 'max_events'],
  ['group', 'group_id'],
  ['keepTtl', 'keepttl'],
  ['partition', 'partition_id'],
  ['previous', 'get'],
  ['sessionMs', 'session_timeout_secs'],
  ['timeoutMs', 'timeout'],
  ['ttlMs', 'ttl'],
]);

/** By operation and field, where commands differ. */
const OF_OPERATIONS: ReadonlyMap<string, string> = new Map([
  ['bitmap.bitop keys', 'source_keys'],
  ['consumer_group.create partitions', 'partition_count'],
  ['geospatial.geodist from', 'member1'],
  ['geospatial.geodist to', 'member2'],
  ['geospatial.geosearch box', 'by_box'],
  ['geospatial.geosearch center', 'from_lonlat'],
  ['geospatial.geosearch radius', 'by_radius'],
  ['hash.incrby amount', 'increment'],
  ['hash.incrbyfloat amount', 'increment'],
  ['hyperloglog.pfadd ttlMs', 'ttl_secs'],
  ['kv.append text', 'value'],
  ['kv.setrange text', 'value'],
  ['queue.create ackDeadlineMs', 'ack_deadline_secs'],
  ['queue.create maxRetries', 'default_max_retries'],
  ['sortedset.zincrby amount', 'increment'],
  ['topic.create ageMsMax', 'retention_secs'],
  ['topic.create eventsMax', 'max_messages'],
  ['topic.create partitions', 'num_partitions'],
  ['topic.create retention', 'retention_policy'],
]);

export const wireName = (field: string, operation: string): string =>
  OF_OPERATIONS.get(`${operation} ${field}`) ??
  NAMES.get(field) ??
  field.replace(/(?:Json|Base64)$/, '').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
