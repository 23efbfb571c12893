/**
 * `facet journal`: what can be asked of the journal of a running server, and its files. `verify --file` needs no server;
 * `import`, which rebuilds a graph from files alone, is in restore.ts.
 */
import { type Command, Option } from 'commander';
import type { JournalFormat } from '../models/index.ts';
import { age, entryNumber, hashText } from './journal-values.ts';
import { type JsonObject, numberOf, objectOf, textOf } from './json-parts.ts';
import {
  addKeyOption,
  addSealingOptions,
  keysOf,
  openKept,
  type SealingOptions,
  writeKept,
} from './kept-file.ts';
import { addServerOptions, MaintenanceClient, type ServerOptions } from './maintenance-client.ts';
import { note, print } from './output.ts';
import { Progress } from './progress.ts';
import { registerImport } from './restore.ts';
import { reported } from './snapshot.ts';

interface VerifyOptions extends ServerOptions, SealingOptions {
  readonly file?: string;
  readonly afterHash?: string;
  readonly afterSequence?: number;
  readonly chainHash?: string;
}

interface ExportOptions extends ServerOptions, SealingOptions {
  readonly output: string;
  readonly from?: number;
  readonly to?: number;
  readonly format: JournalFormat;
}

interface PruneOptions extends ServerOptions {
  readonly to?: number;
  readonly olderThan?: number;
}

const EXIT_CODES = '\n\nExit codes: 0 done, 1 the server or the input says no, 2 no server.';

export function register(program: Command): void {
  const journal = program
    .command('journal')
    .summary('the journal of a graph: switch, verify, export, import')
    .description(
      'The journal has each writing query of a graph, chained by SHA-256. With a snapshot it rebuilds the graph to any ' +
        'point: facet restore.',
    );
  const client = (name: string, summary: string): Command =>
    addServerOptions(journal.command(name).summary(summary).description(`${summary}.`));

  client('status', 'say whether the journal is on, and where it begins and ends').action(
    onServer(async (server) => await printStatus(await server.get('v1/journal'))),
  );
  client('enable', 'turn the journal on').action(onServer((server) => change(server, 'enable')));
  client('disable', 'turn the journal off: later writes are not in it').action(
    onServer((server) => change(server, 'disable')),
  );
  addKeyOption(
    client('verify', 'find the first entry that is not what was written')
      .option('--file <path>', 'an exported file, instead of the journal of a server')
      .option('--chain-hash <hex>', 'with --file: the hash that the last entry must have', hashText)
      .option('--after-hash <hex>', 'with --file: the hash of the entry before the first one', hashText)
      .option('--after-sequence <number>', 'with --file: the number of that entry', entryNumber),
  )
    .addHelpText(
      'after',
      `\nExit codes: 0 every entry is right, 1 one is not or cannot be read, 2 no server.`,
    )
    .action(async (options: VerifyOptions) => {
      await reported(() =>
        options.file === undefined ? verifyServer(options) : verifyFile(options, options.file),
      );
    });
  addSealingOptions(
    client('export', 'write entries of the journal to a file')
      .requiredOption('-o, --output <path>', 'the file')
      .option('--from <number>', 'the first entry (default: the first that is kept)', entryNumber)
      .option('--to <number>', 'the last entry (default: the last there is)', entryNumber)
      .addOption(
        new Option('--format <form>', 'segments have hashes and checksums, delimited is protobuf alone')
          .choices(['segments', 'delimited'])
          .default('segments'),
      ),
    'none',
  )
    .addHelpText('after', `\nExample:\n  facet journal export -o journal.wal --from 1001${EXIT_CODES}`)
    .action(async (options: ExportOptions) => await reported(() => exportTo(options)));
  client('prune', 'remove the oldest entries, which a snapshot must have')
    .option(
      '--to <number>',
      'the last entry to remove (default: the last that the oldest kept snapshot has)',
      entryNumber,
    )
    .option('--older-than <time>', 'only entries of that age, such as 30d or 12h', age)
    .addHelpText('after', EXIT_CODES.slice(1))
    .action(
      async (options: PruneOptions) =>
        await reported(() => withServer(options, (server) => prune(server, options))),
    );
  registerImport(journal);
}

const onServer =
  (work: (server: MaintenanceClient) => Promise<void>) =>
  async (options: ServerOptions): Promise<void> =>
    await reported(() => withServer(options, work));

async function withServer(
  options: ServerOptions,
  work: (server: MaintenanceClient) => Promise<void>,
): Promise<void> {
  const server = new MaintenanceClient(options);
  try {
    await work(server);
  } finally {
    server.close();
  }
}

async function printStatus(status: JsonObject): Promise<void> {
  const [base, head] = [objectOf(status.base), objectOf(status.head)];
  const time = (place: JsonObject): string => {
    const ms = numberOf(place.timestampMs) ?? 0;
    return ms === 0 ? 'never' : new Date(ms).toISOString();
  };
  const first = (numberOf(base.sequence) ?? 0) + 1;
  const entries = numberOf(status.entries) ?? 0;
  const lines = [
    `state        ${textOf(status.state) ?? ''}`,
    `entries      ${entries}${entries === 0 ? '' : ` (${first} to ${numberOf(head.sequence)})`}`,
    `last entry   ${numberOf(head.sequence)}, ${time(head)}`,
    `chain hash   ${textOf(head.hash) ?? ''}`,
    `on disk      ${numberOf(status.bytes)} bytes`,
  ];
  await print(`${lines.join('\n')}\n`);
}

async function change(server: MaintenanceClient, verb: 'enable' | 'disable'): Promise<void> {
  const { changed, status } = await server.post(`v1/journal/${verb}`);
  await printStatus(objectOf(status));
  if (changed !== true) note(`it was ${verb === 'enable' ? 'on' : 'off'} before\n`);
  else if (verb === 'enable') {
    note('The journal begins here: take a snapshot, for what is in the graph already is not in it.\n');
  }
}

async function verifyServer(options: VerifyOptions): Promise<void> {
  if (options.chainHash ?? options.afterHash ?? options.afterSequence) {
    throw new Error('--chain-hash, --after-hash and --after-sequence are for --file.');
  }
  await withServer(options, async (server) => {
    const progress = new Progress('verified');
    let result: JsonObject | undefined;
    for await (const step of server.lines('v1/journal/verify')) {
      if (step.result !== undefined) result = objectOf(step.result);
      const { entries, entriesTotal } = objectOf(step.progress);
      if (entries !== undefined) progress.show(`${numberOf(entries)} of ${numberOf(entriesTotal)} entries`);
    }
    progress.end();
    if (result === undefined) throw new Error('The server did not finish the verification.');
    const head = objectOf(result.head);
    const fault = result.fault === undefined ? undefined : (textOf(objectOf(result.fault).message) ?? '');
    await told(numberOf(result.entries) ?? 0, numberOf(head.sequence) ?? 0, textOf(head.hash) ?? '', fault);
  });
}

async function verifyFile(options: VerifyOptions, path: string): Promise<void> {
  const { hexOf, verifyJournalFile } = await import('../models/index.ts');
  const { afterHash, afterSequence, chainHash } = options;
  if ((afterHash === undefined) !== (afterSequence === undefined)) {
    throw new Error('--after-hash and --after-sequence belong together.');
  }
  const progress = new Progress('verified');
  const verdict = await verifyJournalFile(await openKept(path, 'journal', await keysOf(options)), {
    ...(afterHash === undefined || afterSequence === undefined
      ? {}
      : { after: { sequence: afterSequence, hash: Buffer.from(afterHash, 'hex') } }),
    ...(chainHash === undefined ? {} : { ends: { hash: Buffer.from(chainHash, 'hex') } }),
    progress: (entries) => progress.show(`${entries} entries`),
  });
  progress.end();
  const { entries, head, fault } = verdict;
  await told(entries, head.sequence, hexOf(head.hash), fault?.message);
}

async function told(entries: number, sequence: number, chainHash: string, fault?: string): Promise<void> {
  if (fault === undefined) {
    const right =
      entries === 0
        ? 'no entries'
        : entries === 1
          ? `1 entry is right; it is ${sequence}`
          : `${entries} entries are right; the last of them is ${sequence}`;
    await print(`${right}, chain hash ${chainHash}\n`);
    return;
  }
  await print(`${fault}\n`);
  note(
    sequence === 0
      ? 'no entry before it\n'
      : `up to entry ${sequence} all is right, chain hash ${chainHash}\n`,
  );
  process.exitCode = 1;
}

async function exportTo(options: ExportOptions): Promise<void> {
  const [key] = await keysOf(options);
  const { assertCompression, hexOf, verifyJournalFile } = await import('../models/index.ts');
  const { compress: compression = 'none', format, output: path } = options;
  assertCompression(compression);
  const query = new URLSearchParams({ format });
  if (options.from !== undefined) query.set('from', String(options.from));
  if (options.to !== undefined) query.set('to', String(options.to));
  await withServer(options, async (server) => {
    const { header, pieces } = await server.bytes(`v1/journal/export?${query}`);
    const place = (name: string) => ({
      sequence: Number(header(`x-facet-${name === 'after' ? 'after-' : ''}sequence`)),
      hash: Buffer.from(header(name === 'after' ? 'x-facet-after-hash' : 'x-facet-chain-hash'), 'hex'),
    });
    const [after, ends] = [place('after'), place('head')];
    const bytes = await writeKept(pieces, {
      path,
      content: 'journal',
      ...(compression === 'none' && key === undefined ? {} : { sealed: { compression, key } }),
      check: async (content) => {
        const { fault } = await verifyJournalFile(content, { after, ends, format });
        if (fault !== undefined) throw new Error(fault.message);
      },
    });
    await print(`${path}\n`);
    const range =
      ends.sequence === after.sequence ? 'no entries' : `entries ${after.sequence + 1} to ${ends.sequence}`;
    note(`${range}, chain hash ${hexOf(ends.hash)}, ${bytes} bytes\n`);
  });
}

async function prune(server: MaintenanceClient, { to, olderThan }: PruneOptions): Promise<void> {
  const answer = await server.post('v1/journal/prune', {
    ...(to === undefined ? {} : { to }),
    ...(olderThan === undefined ? {} : { olderThanMs: olderThan }),
  });
  await printStatus(objectOf(answer.status));
  note(`${numberOf(answer.removed) ?? 0} entries removed\n`);
}
