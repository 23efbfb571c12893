/**
 * `facet snapshot`: the whole graph of a running server as a file, here or in the folder of the server. Putting one back
 * is `facet restore`.
 */
import type { Command } from 'commander';
import { failureOf } from './error-text.ts';
import { listOf, numberOf, objectOf, textOf } from './json-parts.ts';
import { addSealingOptions, keysOf, type SealingOptions, writeKept } from './kept-file.ts';
import { addServerOptions, MaintenanceClient, type ServerOptions } from './maintenance-client.ts';
import { note, print } from './output.ts';
import { renderTable } from './table.ts';

interface Options extends ServerOptions, SealingOptions {
  readonly output?: string;
  readonly list?: boolean;
}

export function register(program: Command): void {
  const command = program
    .command('snapshot')
    .summary('write the graph of a running server to a file')
    .description(
      'Writes the whole graph as it is at one moment, with its place in the journal, to a file of this machine. ' +
        'Without --output the server writes it into its own folder, and removes those that are not kept any more.',
    );
  addServerOptions(command).option('-o, --output <path>', 'the file');
  addSealingOptions(command, 'gzip')
    .option('--list', 'list the snapshots that the server keeps')
    .addHelpText(
      'after',
      '\nExamples:\n  facet snapshot -o monday.snapshot\n  facet snapshot -o monday.snapshot --encryption-key-file ~/.facet/key\n' +
        '  facet snapshot\n  facet snapshot --list\n\nExit codes: 0 done, 1 the server or the input says no, 2 no server.',
    )
    .action(async (options: Options) => await reported(() => run(options)));
}

/** What goes wrong is told as the commands that talk to a server tell it. */
export async function reported(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { FacetError } = await import('../base/index.ts');
    if (error instanceof FacetError) throw error;
    const failure = failureOf(error);
    note(failure.text);
    process.exitCode = failure.exitCode;
  }
}

async function run(options: Options): Promise<void> {
  const client = new MaintenanceClient(options);
  try {
    if (options.list === true) await list(client);
    else if (options.output === undefined) await keep(client, options);
    else await take(client, options, options.output);
  } finally {
    client.close();
  }
}

async function keep(client: MaintenanceClient, options: Options): Promise<void> {
  if (options.compress !== undefined || options.encryptionKeyFile !== undefined) {
    throw new Error(
      'The options of the server say how it compresses and encrypts its own snapshots; name a file with --output.',
    );
  }
  const { rows } = await client.post('v1/snapshot');
  const [sequence, path] = listOf(listOf(rows)[0]);
  await print(`${textOf(path) ?? ''}\n`);
  note(`snapshot at journal entry ${numberOf(sequence) ?? 0}, on the machine of the server\n`);
}

async function list(client: MaintenanceClient): Promise<void> {
  const snapshots = listOf((await client.get('v1/snapshots')).snapshots).map(objectOf);
  const columns = [
    { name: 'made', type: '' },
    { name: 'sequence', type: 'Int64' },
    { name: 'bytes', type: 'Int64' },
    { name: 'path', type: '' },
  ];
  const cells = snapshots.map(({ timestampMs, sequence, bytes, path }) => [
    new Date(numberOf(timestampMs) ?? 0).toISOString(),
    String(numberOf(sequence) ?? 0),
    String(numberOf(bytes) ?? 0),
    textOf(path) ?? '',
  ]);
  await print(renderTable(columns, cells));
}

async function take(client: MaintenanceClient, options: Options, path: string): Promise<void> {
  const [key] = await keysOf(options);
  const { assertCompression, readFrames } = await import('../models/index.ts');
  const compression = options.compress ?? 'gzip';
  assertCompression(compression);
  const { header, pieces } = await client.bytes('v1/snapshot');
  const bytes = await writeKept(pieces, {
    path,
    content: 'snapshot',
    sealed: { compression, key },
    check: async (content) => {
      for await (const _ of readFrames(content));
    },
  });
  await print(`${path}\n`);
  note(
    `snapshot at journal entry ${header('x-facet-sequence')}, chain hash ${header('x-facet-chain-hash')}, ${bytes} bytes\n`,
  );
}
