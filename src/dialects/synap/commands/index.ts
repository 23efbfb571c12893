/** Front door of the commands: every one, by each of its names, and the pieces that routes and sockets share. */
import type { Command } from '../command.ts';
import { ADMIN_COMMANDS } from './admin.ts';
import { BITMAP_COMMANDS } from './bitmaps.ts';
import { GEOSPATIAL_COMMANDS } from './geospatial.ts';
import { HASH_COMMANDS } from './hashes.ts';
import { KEY_COMMANDS } from './keys.ts';
import { LIST_COMMANDS } from './lists.ts';
import { PUBSUB_COMMANDS } from './pubsub.ts';
import { QUEUE_COMMANDS } from './queues.ts';
import { SET_COMMANDS } from './sets.ts';
import { SORTED_SET_COMMANDS } from './sorted-sets.ts';
import { STREAM_COMMANDS } from './streams.ts';
import { STRING_COMMANDS } from './strings.ts';
import { TOPIC_COMMANDS } from './topics.ts';

export const ALL_COMMANDS: readonly Command[] = [
  ...STRING_COMMANDS,
  ...KEY_COMMANDS,
  ...HASH_COMMANDS,
  ...LIST_COMMANDS,
  ...SET_COMMANDS,
  ...SORTED_SET_COMMANDS,
  ...BITMAP_COMMANDS,
  ...GEOSPATIAL_COMMANDS,
  ...QUEUE_COMMANDS,
  ...STREAM_COMMANDS,
  ...TOPIC_COMMANDS,
  ...PUBSUB_COMMANDS,
  ...ADMIN_COMMANDS,
];

/** By name. @throws Error when the program has a name twice */
export const COMMANDS: ReadonlyMap<string, Command> = byName();

function byName(): Map<string, Command> {
  const commands = new Map<string, Command>();
  for (const command of ALL_COMMANDS) {
    for (const name of command.names) {
      if (commands.has(name)) throw new Error(`two commands are called ${name}`);
      commands.set(name, command);
    }
  }
  return commands;
}

export { healthBody } from './admin.ts';
export { pairsText } from './hashes.ts';
export { missing } from './lists.ts';
export { topicsOf } from './pubsub.ts';
export { consumeInput, headersText, payloadText } from './queues.ts';
export { fromOffset, seconds } from './streams.ts';
export { setInput, setText } from './strings.ts';
