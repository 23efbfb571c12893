/** What the tidy rules look at: the files of the repository, read and scanned once, and how a finding is written. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Scanned, scan } from './scan.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface SourceFile extends Scanned {
  /** From the root, with forward slashes: `src/base/errors.ts`. */
  readonly path: string;
  readonly text: string;
}

export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

const CODE_FOLDERS = ['src', 'test', 'bench', 'scripts', 'examples'];
/** `gen`: what the code generator of a protocol writes. */
const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', '.build', '.git', 'coverage', 'facet-data', 'gen']);

/** A file that exists only in a test of a rule. */
export function sample(path: string, text: string): SourceFile {
  return { path, text, ...scan(text) };
}

/** Every .ts and .mjs file of the repository. */
export function codeFiles(): SourceFile[] {
  cachedCode ??= [...CODE_FOLDERS.flatMap((folder) => walk(folder)), ...rootFiles()]
    .filter((path) => /\.(?:ts|mjs)$/.test(path))
    .map((path) => sample(path, read(path)));
  return cachedCode;
}
let cachedCode: SourceFile[] | undefined;

/** The product's own modules: src/ without the tests that stand beside them. */
export function productFiles(): SourceFile[] {
  return codeFiles().filter((file) => isProduct(file.path));
}

export const isProduct = (path: string): boolean =>
  path.startsWith('src/') && path.endsWith('.ts') && !path.endsWith('.test.ts');

/** Every file that would be committed, whatever its kind: by git where it is there, else by walking. */
export function allPaths(): string[] {
  try {
    const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return listed.split('\0').filter((path) => path !== '' && existsSync(join(ROOT, path)));
  } catch {
    return walk('.').map((path) => path.replace(/^\.\//, ''));
  }
}

export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Findings as lines that an editor can jump to. An empty list is what a rule wants to see. */
export const written = (findings: readonly Finding[]): string[] =>
  findings.map((finding) => `${finding.path}:${finding.line} ${finding.message}`);

function rootFiles(): string[] {
  return readdirSync(ROOT).filter((name) => statSync(join(ROOT, name)).isFile());
}

function walk(folder: string): string[] {
  const absolute = join(ROOT, folder);
  if (!existsSync(absolute)) return [];
  return readdirSync(absolute, { withFileTypes: true })
    .filter((entry) => !SKIPPED_FOLDERS.has(entry.name))
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? walk(path) : [path];
    });
}
