/** How fast a consumer that comes back gets what it has missed. */
import { lsnText, slotNameOf } from '../../src/engine/changes/index.ts';
import { startProgram } from '../processes.ts';
import type { Round, Scenario } from '../scenario.ts';

const CHANGES = 200_000;
const CHANGES_SMOKE = 2_000;
const TABLE = 'CREATE TABLE followed (id int PRIMARY KEY, name text, n bigint)';

export const changesDrain: Scenario = {
  name: 'changes-drain',
  question: `a backlog of ${CHANGES} changes, half of them in transactions of their own, to one consumer through a cursor, against a bare reader of pg's copyData`,
  unit: 'changes/s',
  target: 50_000,
  rateAtLeast: true,
  async prepare(surroundings) {
    const { uri, client } = await surroundings.postgres();
    const feed = startProgram('changes');
    surroundings.defer(feed.stop);
    const bare = startProgram('bare-changes');
    surroundings.defer(bare.stop);
    const opened = await feed.ask<{ database: string; from: string }>({ do: 'open', uri, table: TABLE });
    await bare.ask({ do: 'open', connection: { ...client, database: opened.database } });
    const count = surroundings.size.roundMs < 1_000 ? CHANGES_SMOKE : CHANGES;
    await bare.ask({ do: 'fill', count });
    const request = {
      do: 'drain',
      count,
      slot: slotNameOf(opened.database),
      from: lsnText(BigInt(opened.from)),
    };
    return {
      ours: { name: 'cursor', round: () => feed.ask<Round>(request) },
      peer: { name: 'bare copyData', round: () => bare.ask<Round>(request) },
    };
  },
};
