/** The `stats` commands of collections: keys and elements, and calls of this process by command. */
import type * as models from '../../../models/index.ts';
import { type Command, command, json } from '../command.ts';

interface Names {
  /** Of the two totals, such as `total_hashes` and `total_fields`. */
  readonly keys: string;
  readonly elements: string;
  /** Put before the verb: `h` makes `hset_count` of `set`. */
  readonly prefix: string;
  /** Those that are there from the start, with 0. */
  readonly verbs: readonly string[];
  /** Counts beside the totals and not in `operations`. */
  readonly flat?: true;
}

type Stats = Awaited<ReturnType<typeof models.hashStats.run>>;

export const statsCommand = (operation: typeof models.hashStats, names: Names): Command =>
  command(operation, {
    read: () => ({}),
    write: (output: Stats) => {
      const calls: Record<string, number> = {};
      for (const verb of names.verbs) calls[`${names.prefix}${verb}_count`] = 0;
      for (const [verb, count] of Object.entries(output.operations)) {
        calls[`${names.prefix}${verb}_count`] = count;
      }
      return json({
        [names.keys]: output.keys,
        [names.elements]: output.elements,
        ...(names.flat === true ? calls : { operations: calls }),
      });
    },
  });
