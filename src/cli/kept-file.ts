/**
 * Files that the commands write and read: snapshots and journals. A file is written under another name, read again, and
 * only then put into place, so that what has the name is whole.
 */
import type { KeyObject } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { randomHex } from '../base/index.ts';
import type { Compression } from '../models/index.ts';
import { loadKeyFile } from '../server/index.ts';

type Content = 'snapshot' | 'journal';

export interface SealingOptions {
  readonly compress?: Compression;
  readonly encryptionKeyFile?: string;
}

/** Adds `--compress` and `--encryption-key-file` to a command. */
export const addSealingOptions = (command: Command, compression: Compression): Command =>
  command
    .addOption(
      new Option('--compress <how>', `none, gzip or zstd (default: ${compression})`).choices([
        'none',
        'gzip',
        'zstd',
      ]),
    )
    .option(
      '--encryption-key-file <path>',
      'encrypt with the first key of this file: 32 bytes as hexadecimal digits or base64',
    );

/** Adds the option with which a file is read that may be encrypted. */
export const addKeyOption = (command: Command): Command =>
  command.option('--encryption-key-file <path>', 'the keys of encrypted files, one in a line');

/** @throws CONFIG_INVALID */
export async function keysOf({ encryptionKeyFile: path }: SealingOptions): Promise<readonly KeyObject[]> {
  if (path === undefined) return [];
  return (await loadKeyFile(path, 'encryption-key-file')).map(({ key }) => key);
}

export interface KeptFile {
  readonly path: string;
  readonly content: Content;
  /** Absent: the bytes as they are. */
  readonly sealed?: { readonly compression: Compression; readonly key: KeyObject | undefined };
  /** Reads it all. @throws when it is not what it should be */
  readonly check: (pieces: AsyncIterable<Uint8Array>) => Promise<void>;
}

/**
 * Writes a file and reads it again before it gets its name.
 * @returns how many bytes it has
 * @throws RESOURCE_EXHAUSTED, STORE_UNUSABLE, what the source throws, what `check` throws
 */
export async function writeKept(source: AsyncIterable<Uint8Array>, file: KeptFile): Promise<number> {
  const { seal, writeWhole, fileError } = await import('../models/index.ts');
  const { path, content, sealed } = file;
  const draft = `${path}.${randomHex(4)}.part`;
  try {
    const bytes = await writeWhole(
      draft,
      sealed === undefined ? source : seal(source, { content, ...sealed }),
    );
    const keys = sealed?.key === undefined ? [] : [sealed.key];
    await file.check(await openKept(draft, content, keys));
    await rename(draft, path);
    return bytes;
  } catch (error) {
    await rm(draft, { force: true });
    throw fileError(error, path);
  }
}

/**
 * The content of a file, sealed or as it is.
 * @throws FILE_KEY_MISSING, FILE_DAMAGED, INVALID_PARAMETER for a sealed file of another kind, STORE_UNUSABLE
 */
export async function openKept(
  path: string,
  content: Content,
  keys: readonly KeyObject[],
): Promise<AsyncIterable<Uint8Array>> {
  const { ByteReader, isSealed, readFile, SEALED_MAGIC, unseal } = await import('../models/index.ts');
  const reader = new ByteReader(readFile(path));
  const start = await reader.peek(SEALED_MAGIC.length);
  if (!isSealed(start)) return reader.remaining();
  return (await unseal(reader.remaining(), { content, keys })).pieces;
}
