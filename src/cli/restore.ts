/**
 * `facet restore` and `facet journal import`: a graph rebuilt from files, in a store that no server has open. All that can
 * be wrong with the files is found out before the store is touched.
 */
import { type Command, InvalidArgumentError } from 'commander';
import { FacetError, ignoreObservations, monotonicMs } from '../base/index.ts';
import type { RestoreOptions } from '../models/index.ts';
import { readConfig } from '../server/index.ts';
import { entryNumber, hashText } from './journal-values.ts';
import { addKeyOption, keysOf, openKept, type SealingOptions } from './kept-file.ts';
import { duration, note, print } from './output.ts';
import { Progress } from './progress.ts';

interface Options extends SealingOptions {
  readonly snapshot?: string;
  readonly journal?: readonly string[];
  readonly toSequence?: number;
  readonly toTime?: number;
  readonly chainHash?: string;
  readonly store?: string;
  readonly namespace?: string;
}

const EXIT_CODES =
  '\nExit codes: 0 restored, 1 the files or the target say no, 69 store not usable, 75 store in use by a server,\n78 wrong options.';

export function register(program: Command): void {
  const command = program
    .command('restore')
    .summary('rebuild a graph from a snapshot and a journal')
    .description(
      'Puts a snapshot into a namespace whose graph is empty, and replays the journal behind it, to its end or to the ' +
        'point that is named. The store must not be served by anybody meanwhile. Says the chain hash of the last entry, ' +
        'which is the recorded one, or fails.',
    )
    .option('--snapshot <path>', 'the snapshot')
    .option('--journal <path...>', 'exported files of the journal, in any order', append, []);
  target(command)
    .addHelpText(
      'after',
      '\nExamples:\n  facet restore --snapshot monday.snapshot --store file:///var/lib/facet2\n' +
        '  facet restore --snapshot monday.snapshot --journal tuesday.wal --to-time 2026-03-03T14:00:00Z --namespace rebuilt\n' +
        EXIT_CODES,
    )
    .action(restore);
}

/** `facet journal import`. */
export function registerImport(journal: Command): void {
  target(
    journal
      .command('import')
      .summary('rebuild a graph from a journal alone, or go on with one')
      .description(
        'Replays a journal from its first entry into a namespace whose graph is empty, or goes on where an earlier import ' +
          'or restore has ended. The store must not be served by anybody meanwhile.',
      )
      .argument('<path...>', 'exported files of the journal, in any order'),
  )
    .addHelpText('after', EXIT_CODES)
    .action(async (paths: readonly string[], options: Options) => {
      await restore({ ...options, journal: paths });
    });
}

const append = (path: string, before: readonly string[]): string[] => [...before, path];

const target = (command: Command): Command =>
  addKeyOption(
    command
      .option('--to-sequence <number>', 'the last entry to replay', entryNumber)
      .option('--to-time <time>', 'replay what was committed until then: 2026-03-03T14:00:00Z', timeMs)
      .option('--chain-hash <hex>', 'what the hash of the last entry must be', hashText)
      .option('--store <uri>', 'the store (default: as for serve)')
      .option('--namespace <name>', 'where the graph goes (default: the namespace of the store)'),
  );

function timeMs(text: string): number {
  const ms = Date.parse(text);
  const isZoned = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i.test(text);
  if (isZoned && !Number.isNaN(ms)) return ms;
  throw new InvalidArgumentError('A date-time with its offset, such as 2026-03-03T14:00:00Z.');
}

async function restore(options: Options): Promise<void> {
  const { snapshot, journal = [], toSequence, toTime } = options;
  if (snapshot === undefined && journal.length === 0) {
    throw wrong('Name a snapshot with --snapshot, or files of a journal with --journal');
  }
  if (journal.length === 0 && (toSequence !== undefined || toTime !== undefined)) {
    throw wrong('--to-sequence and --to-time need a journal', 'Name its files with --journal.');
  }
  if (toSequence !== undefined && toTime !== undefined) {
    throw wrong('--to-sequence and --to-time exclude each other');
  }
  const config = readConfig({ flags: options.store === undefined ? {} : { store: options.store } });
  const keys = await keysOf(options);
  const progress = new Progress('restored');
  const files: RestoreOptions = {
    snapshot: snapshot === undefined ? undefined : () => openKept(snapshot, 'snapshot', keys),
    journal: journal.map((path) => ({ name: path, open: () => openKept(path, 'journal', keys) })),
    sequence: toSequence,
    timeMs: toTime,
    chainHash: options.chainHash === undefined ? undefined : Buffer.from(options.chainHash, 'hex'),
    progress: (so) =>
      progress.show(
        so.phase === 'snapshot'
          ? `${so.nodes} nodes, ${so.relationships} relationships`
          : `${so.entries} of ${so.entriesTotal} entries`,
      ),
  };
  await rebuild(files, config.store, options.namespace, progress);
}

async function rebuild(
  files: RestoreOptions,
  uri: string,
  namespace: string | undefined,
  progress: Progress,
): Promise<void> {
  const startedMs = monotonicMs();
  const [{ hexOf, planRestore, restoreGraph, startOf }, { openStore }] = await Promise.all([
    import('../models/index.ts'),
    import('../engine/index.ts'),
  ]);
  const planned = files.snapshot === undefined ? undefined : await planRestore(files);
  const store = await openStore(uri, { observe: ignoreObservations });
  try {
    const database = await store.namespace(namespace ?? store.defaultNamespace);
    const plan = planned ?? (await planRestore(files, await startOf(store, database)));
    if (plan.journal.withinTransaction) {
      note(
        `The end that is asked for is in the middle of a transaction, which is left out: the graph ends at entry ${plan.journal.head.sequence}.\n`,
      );
    }
    const { loaded, entries, head } = await restoreGraph(store, database, plan, files);
    progress.end();
    if (loaded !== undefined) {
      const { nodes, relationships, indexesAndConstraints, meta } = loaded;
      await print(
        `snapshot     ${nodes} nodes, ${relationships} relationships, ${indexesAndConstraints} indexes and constraints, ` +
          `of ${new Date(meta.timestampMs).toISOString()}\n`,
      );
    }
    const until =
      plan.journal.timestampMs === undefined
        ? ''
        : `, the last of ${new Date(plan.journal.timestampMs).toISOString()}`;
    await print(`journal      ${entries} entries replayed${until}\n`);
    await print(`namespace    ${database.namespace}, at entry ${head.sequence}\n`);
    await print(`chain hash   ${hexOf(head.hash)}, as recorded\n`);
    note(`done in ${duration(monotonicMs() - startedMs)}\n`);
  } finally {
    progress.end();
    await store.stop();
  }
}

const wrong = (message: string, hint?: string): FacetError =>
  new FacetError('CONFIG_INVALID', message, { hint: hint ?? 'See facet restore --help.' });
