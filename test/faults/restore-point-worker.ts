/**
 * One server's store as a process of its own, which makes a restore point or rolls back when it is told to on its input,
 * and says on its output when it begins and when it has ended, so that whoever kills it knows how far it came.
 * Argument: the store URI. Lines of the input: `create <name>`, `rollback <name>`.
 */
import { createInterface } from 'node:readline';
import { openStore } from '../../src/engine/index.ts';

const say = (...words: readonly (string | number | undefined)[]): void =>
  void process.stdout.write(`${words.join(' ')}\n`);

const store = await openStore(process.argv[2] ?? '', { observe: () => {} });
// A namespace that is followed has a slot, which must not be in the way.
const { changes } = await store.namespace('default');
await changes.watch({ schema: 'public', name: 'item' });
await changes.open({ whenSlow: 'wait' });
say('ready', store.facts.postmasterPid);

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, name = ''] = line.split(' ');
  say('begin');
  if (verb === 'create') await store.restorePoints.create('default', name);
  else await store.restorePoints.rollBack('default', name);
  say('end');
}
