/** What the stream model can do with rooms. */
import { ENGINE_ERRORS } from '../../engine/index.ts';
import { operation } from '../operation.ts';
import { NAME_ERRORS, READ_ERRORS } from './error-lists.ts';
import * as history from './history.ts';
import * as publish from './publish.ts';
import * as rooms from './rooms.ts';
import * as schemas from './schemas.ts';
import * as subscribe from './subscribe.ts';

export const streamPublish = operation({
  name: 'stream.publish',
  summary: 'Appends one event to a room.',
  input: schemas.publishInput,
  output: schemas.publishResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: [...NAME_ERRORS, 'VALUE_TOO_LARGE', 'ROOM_NOT_FOUND', 'LIMIT_EXCEEDED'],
  run: publish.publish,
});

export const streamHistory = operation({
  name: 'stream.history',
  summary: 'Returns one page of the events that a room keeps.',
  input: schemas.historyInput,
  output: schemas.historyResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: READ_ERRORS,
  run: history.history,
});

export const streamConsume = operation({
  name: 'stream.consume',
  summary: 'Returns the next events for a subscriber with a name, and remembers where it is.',
  input: schemas.consumeInput,
  output: schemas.consumeResult,
  // It writes where the subscriber is, under a name that anybody can say.
  access: 'write',
  category: 'default',
  streams: false,
  errors: [...READ_ERRORS, 'READ_ONLY_TRANSACTION', 'QUOTA_EXCEEDED'],
  run: history.consume,
});

export const streamSubscribe = operation({
  name: 'stream.subscribe',
  summary: 'Follows a room: what it keeps from an offset on, then what comes.',
  input: schemas.subscribeInput,
  output: schemas.subscribeResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: [...READ_ERRORS, 'LIMIT_EXCEEDED', 'SUBSCRIBER_TOO_SLOW'],
  run: subscribe.subscribe,
});

export const streamCreate = operation({
  name: 'stream.create',
  summary: 'Makes a room.',
  input: schemas.createInput,
  output: schemas.createResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: [...NAME_ERRORS, 'ROOM_EXISTS'],
  run: rooms.create,
});

export const streamGetOrCreate = operation({
  name: 'stream.get_or_create',
  summary: 'Makes a room, unless it is there.',
  input: schemas.createInput,
  output: schemas.createResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: NAME_ERRORS,
  run: rooms.getOrCreate,
});

export const streamDelete = operation({
  name: 'stream.delete',
  summary: 'Deletes a room with its events; its live subscribers are told.',
  input: schemas.roomInput,
  output: schemas.deleteResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: NAME_ERRORS,
  run: rooms.remove,
});

export const streamRooms = operation({
  name: 'stream.rooms',
  summary: 'Lists rooms by name.',
  input: schemas.roomsInput,
  output: schemas.roomsResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: ENGINE_ERRORS,
  run: rooms.list,
});

export const streamStats = operation({
  name: 'stream.stats',
  summary: 'Returns offsets, sizes, subscribers and retention of a room.',
  input: schemas.roomInput,
  output: schemas.statsResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: [...ENGINE_ERRORS, 'INVALID_PARAMETER', 'ROOM_NOT_FOUND'],
  run: rooms.stats,
});

export const streamTotals = operation({
  name: 'stream.totals',
  summary: 'Counts the rooms, and the live subscribers of all of them.',
  input: schemas.none,
  output: schemas.totalsResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: ENGINE_ERRORS,
  run: rooms.totals,
});

export const ROOM_OPERATIONS = [
  streamPublish,
  streamHistory,
  streamConsume,
  streamSubscribe,
  streamCreate,
  streamGetOrCreate,
  streamDelete,
  streamRooms,
  streamStats,
  streamTotals,
] as const;
