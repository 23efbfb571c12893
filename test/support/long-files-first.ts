/**
 * The order in which files of tests are run. Two workers share them, and a long one that begins last keeps one of them
 * busy while the other has nothing to do. What vitest remembers of earlier runs is not there on a fresh machine.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The longest of each project, longest first, with what they wait for. */
const LONG: readonly string[] = [
  'test/faults/large-answers.test.ts',
  'test/faults/kill9.test.ts',
  'test/faults/kill9-models.test.ts',
  'test/faults/query-bombs.test.ts',
  'test/faults/worker-pool.test.ts',
  'test/faults/takeover.test.ts',
  'test/process/cli-demo.test.ts',
  'test/process/serve-signals.test.ts',
  'test/process/docs-start.test.ts',
  'test/process/serve-options.test.ts',
  'test/engine/changes-triggers-cursors.test.ts',
  'test/engine/changes-cursors.test.ts',
  'test/models/subscriptions-recovery.test.ts',
  'test/models/rooms-queues-locked.test.ts',
  'test/models/kv-locked.test.ts',
  'test/models/graph-procedures.test.ts',
  'test/models/vector-sizes.test.ts',
  'test/models/vector-saving.test.ts',
  'test/models/graph-pushdown.test.ts',
  'src/cypher/run/slices.test.ts',
  'src/cypher/syntax/parse.test.ts',
];

const rankOf = ({ moduleId }: TestSpecification): number => {
  const rank = LONG.findIndex((path) => moduleId.endsWith(`/${path}`));
  return rank === -1 ? LONG.length : rank;
};

export class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => rankOf(a) - rankOf(b));
  }
}
