/** Commands on rooms of events. Following a room needs a socket: see sockets/. */
import { FacetError } from '../../../base/index.ts';
import * as models from '../../../models/index.ts';
import { type Command, command, composed, json } from '../command.ts';
import type { Fields } from '../fields.ts';
import { bytesOfText } from '../text-value.ts';

type Event = Awaited<ReturnType<typeof models.streamHistory.run>>['events'][number];

const room = (fields: Fields) => ({ room: fields.string('room') });

export const seconds = (ms: number): number => Math.floor(ms / 1_000);

/** Texts by name; other scalars are taken as their text. */
export function metadataOf(fields: Fields): { readonly metadata?: Record<string, string> } {
  const given = fields.optionalObject('metadata');
  if (given === undefined) return {};
  const metadata: Record<string, string> = {};
  for (const [name, value] of given.entries()) {
    if (value === null || typeof value === 'object') {
      throw new FacetError('INVALID_PARAMETER', `'metadata.${name}' must be a string`);
    }
    metadata[name] = String(value);
  }
  return { metadata };
}

const publish = command(models.streamPublish, {
  gathers: true,
  read: (fields) => ({
    ...room(fields),
    eventType: fields.string('event_type', 'event'),
    dataJson: fields.optionalJson('data') ?? 'null',
    createRoom: fields.has('event_type'),
    ...metadataOf(fields),
  }),
  write: (output) =>
    json({
      event_id: output.eventId,
      offset: output.offset,
      room: output.room,
      subscribers_notified: output.subscribersNotified,
      timestamp: seconds(output.publishedAtMs),
    }),
});

/** With the members of the reference, and those that tell rooms and times apart. */
export const eventText = (event: Event): string =>
  `{"offset":${event.offset},"event_type":${json(event.eventType)},"data":${event.dataJson},` +
  `"event_id":${json(event.eventId)},"room":${json(event.room)},"timestamp":${seconds(event.publishedAtMs)},` +
  `"metadata":${json(event.metadata ?? {})}}`;

/** As the published clients read it: the data is the bytes of its JSON text. */
const consumedText = (event: Event): string =>
  `{"id":${json(event.eventId)},"offset":${event.offset},"room":${json(event.room)},"event":${json(event.eventType)},` +
  `"event_type":${json(event.eventType)},"data":${bytesOfText(event.dataJson)},` +
  `"timestamp":${seconds(event.publishedAtMs)},"metadata":${json(event.metadata ?? {})}}`;

export function fromOffset(fields: Fields): { readonly fromOffset?: number } {
  const offset = fields.optionalInteger('from_offset');
  return offset === undefined ? {} : { fromOffset: offset };
}

const limit = (fields: Fields): { readonly limit?: number } => {
  const count = fields.optionalInteger('limit');
  return count === undefined ? {} : { limit: count };
};

const history = command(models.streamHistory, {
  read: (fields) => {
    const toOffset = fields.optionalInteger('to_offset');
    return {
      ...room(fields),
      ...fromOffset(fields),
      ...(toOffset === undefined ? {} : { toOffset }),
      ...limit(fields),
    };
  },
  write: ({ events, oldestOffset, newestOffset, nextOffset }) =>
    `{"events":[${events.map(eventText).join(',')}],"oldest_offset":${oldestOffset},"newest_offset":${newestOffset},` +
    `"next_offset":${nextOffset}}`,
});

const consume = command(models.streamConsume, {
  read: (fields) => ({
    ...room(fields),
    subscriberId: fields.string('subscriber_id', 'subscriber'),
    fromOffset: fields.optionalInteger('from_offset') ?? 0,
    ...limit(fields),
  }),
  write: ({ events, nextOffset }) =>
    `{"events":[${events.map(consumedText).join(',')}],"next_offset":${nextOffset}}`,
});

/** `max_events` as the published clients send it, or the bounds of `retention`. */
function retentionOf(fields: Fields) {
  const given = fields.optionalObject('retention', 'config') ?? fields;
  const eventsMax = given.optionalInteger('max_events');
  const ageMsMax = given.optionalSecondsAsMs(['max_age_secs', 'retention_secs'], 'positive');
  const bytesMax = given.optionalInteger('max_bytes');
  const retention = {
    ...(eventsMax === undefined ? {} : { eventsMax }),
    ...(ageMsMax === undefined ? {} : { ageMsMax }),
    ...(bytesMax === undefined ? {} : { bytesMax }),
  };
  return Object.keys(retention).length === 0 ? {} : { retention };
}

const create = command(models.streamCreate, {
  read: (fields) => ({ ...room(fields), ...retentionOf(fields) }),
  write: (output) => json({ success: true, room: output.room }),
});

const getOrCreate = command(models.streamGetOrCreate, {
  read: (fields) => ({ ...room(fields), ...retentionOf(fields) }),
  write: (output) => json({ success: true, room: output.room, created: output.created }),
});

const remove = command(models.streamDelete, {
  read: room,
  write: ({ deleted }, fields) => {
    const { room: name } = room(fields);
    if (!deleted) throw new FacetError('ROOM_NOT_FOUND', `Room '${name}' not found`);
    return json({ success: true, deleted: name, room: name });
  },
});

const rooms = command(models.streamRooms, {
  aliases: ['stream.list'],
  read: (fields) => {
    const prefix = fields.optionalString('prefix');
    const after = fields.optionalString('after');
    return {
      ...(prefix === undefined ? {} : { prefix }),
      ...(after === undefined ? {} : { after }),
      ...limit(fields),
    };
  },
  write: (output) => json(output),
});

const stats = command(models.streamStats, {
  read: room,
  write: (output) =>
    json({
      room: output.room,
      name: output.room,
      message_count: output.messageCount,
      bytes: output.bytes,
      min_offset: output.oldestOffset ?? output.nextOffset,
      max_offset: output.newestOffset ?? output.nextOffset,
      oldest_offset: output.oldestOffset,
      newest_offset: output.newestOffset,
      next_offset: output.nextOffset,
      subscriber_count: output.subscriberCount + output.consumerCount,
      total_published: output.totalPublished,
      total_consumed: output.totalConsumed,
      dropped: output.totalRemoved,
      created_at: output.createdAtMs,
      generation: Number(output.generation),
      retention: {
        max_events: output.retention.eventsMax,
        max_age_secs: output.retention.ageMsMax === null ? null : seconds(output.retention.ageMsMax),
        max_bytes: output.retention.bytesMax,
      },
    }),
});

const needsSocket = (name: string): Command =>
  composed([name], 'read', async () => {
    throw new FacetError('FEATURE_NOT_SUPPORTED', `${name} needs a WebSocket`, {
      hint: 'Send it over GET /api/v1/ws, or read with stream.history and stream.consume.',
    });
  });

export const STREAM_COMMANDS: readonly Command[] = [
  publish,
  history,
  consume,
  create,
  getOrCreate,
  remove,
  rooms,
  stats,
  needsSocket('stream.subscribe'),
  needsSocket('stream.unsubscribe'),
];
