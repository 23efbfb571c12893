/**
 * The rule of the layers. Imports go down in rank only; models do not know each other, dialects neither; a folder
 * is entered through its index.ts; nothing goes in circles, and an import of a type counts like any other.
 */
import { posix } from 'node:path';
import { importsOf } from './imports.ts';
import type { Finding, SourceFile } from './repository.ts';

/** Position in the house. Equal ranks do not import each other. */
export const RANKS: ReadonlyMap<string, number> = new Map([
  ['base', 0],
  ['engine', 1],
  ['cypher', 1],
  ['nql', 1],
  // The protocol of graphd, whose messages are the journal's too: knows the language's values and nothing else.
  ['strana', 2],
  ['models', 3],
  ['dispatch', 4],
  ['dialects', 5],
  ['server', 6],
  ['cli', 7],
  ['main.ts', 8],
]);

/** Folders whose subfolders are separate things that must not import each other. Files at their root are shared. */
const APART = ['models', 'dialects'];

/** Subfolders of those that are shared too. They are under the rule themselves, so they know none of their users. */
const SHARED = ['dialects/http', 'dialects/grpc'];

/** Folders that hold units without being one: no index.ts of their own, their files are entered directly. */
export const SHELVES: ReadonlyMap<string, string> = new Map([
  ['src', 'the house itself'],
  ['src/dialects', 'the server picks dialects one by one; the root holds what they share'],
  ['src/cli', 'one file per command, loaded when it is asked for'],
  ['src/engine/migrations', 'numbered SQL files, no modules'],
  ['src/cypher/syntax', 'a stage of one pipeline: the front door is that of src/cypher'],
  ['src/cypher/semantics', 'a stage of one pipeline: the front door is that of src/cypher'],
  ['src/cypher/values', 'one relation or form of values per file, used by all stages'],
  ['src/cypher/temporal', 'one aspect of temporal values per file, used by values and functions'],
  ['src/cypher/run', 'a stage of one pipeline: the front door is that of src/cypher'],
  ['src/cypher/run/plan', 'what compiling clauses shares'],
  ['src/cypher/run/clauses', 'one clause per file'],
  ['src/cypher/run/expressions', 'one kind of expression per file'],
  ['src/cypher/run/memory', 'the reference, entered by its execute.ts'],
  ['src/nql/syntax', 'a stage of one pipeline: the front door is that of src/nql'],
  ['src/nql/statements', 'one family of statements per file'],
  ['src/nql/sql', 'a stage of one pipeline: the front door is that of src/nql'],
  ['src/models/graph/matcher', 'the parts of one search, entered by sql-matcher.ts'],
]);

/** The layer of a path: `models` for src/models/sql/query.ts, `main.ts` for src/main.ts. */
export const layerOf = (path: string): string => path.split('/')[1] ?? '';

export function checkLayers(files: readonly SourceFile[]): Finding[] {
  const paths = new Set(files.map((file) => file.path));
  const findings: Finding[] = [];
  for (const file of files) {
    if (!RANKS.has(layerOf(file.path))) {
      findings.push({ path: file.path, line: 1, message: `'${layerOf(file.path)}' is no layer of src/` });
      continue;
    }
    for (const { specifier, line, target } of importsOf(file)) {
      if (target === undefined) continue;
      const message = paths.has(target)
        ? fault(file.path, target, paths)
        : // The version and the like are read from package.json; everything else stays inside src/.
          // Generated code is not read here; only the unit that it belongs to imports it.
          target === 'package.json' || ownGenerated(file.path, target)
          ? undefined
          : `'${specifier}' does not lead to a module of src/`;
      if (message !== undefined) findings.push({ path: file.path, line, message });
    }
  }
  return [...findings, ...checkFrontDoors(files), ...checkCycles(files)];
}

function ownGenerated(from: string, to: string): boolean {
  const owner = to.split('/gen/', 1)[0] ?? '';
  return owner !== to && from.startsWith(`${owner}/`);
}

function fault(from: string, to: string, paths: ReadonlySet<string>): string | undefined {
  const [fromLayer, toLayer] = [layerOf(from), layerOf(to)];
  const fromRank = RANKS.get(fromLayer) ?? 0;
  const toRank = RANKS.get(toLayer);
  if (toRank === undefined) return `'${toLayer}' is no layer of src/`;
  if (fromLayer !== toLayer && toRank >= fromRank) return `${fromLayer} must not import ${toLayer} (${to})`;

  const [fromUnit, toUnit] = [unitOf(from), unitOf(to)];
  if (fromLayer === toLayer && APART.includes(fromLayer) && toUnit !== undefined && fromUnit !== toUnit) {
    const isAssembly = from === `src/${fromLayer}/index.ts`;
    if (!isAssembly && !SHARED.includes(toUnit))
      return `${fromUnit ?? from} must not import its sibling ${toUnit}`;
  }
  return throughDoor(from, to, paths);
}

/** `models/sql` for a file in a folder of models/, undefined for a file at its root. */
function unitOf(path: string): string | undefined {
  const parts = path.split('/');
  return parts.length > 3 ? `${parts[1]}/${parts[2]}` : undefined;
}

/** From the folder that both have in common, the first folder on the way down that has a front door must be entered by it. */
function throughDoor(from: string, to: string, paths: ReadonlySet<string>): string | undefined {
  const fromFolders = posix.dirname(from).split('/');
  const toFolders = posix.dirname(to).split('/');
  let common = 0;
  while (common < toFolders.length && fromFolders[common] === toFolders[common]) common++;
  for (let depth = common + 1; depth <= toFolders.length; depth++) {
    const door = `${toFolders.slice(0, depth).join('/')}/index.ts`;
    if (paths.has(door)) return door === to ? undefined : `${to} is behind a front door: import ${door}`;
  }
  return undefined;
}

/** A folder of several modules has an index.ts, or stands in SHELVES. */
function checkFrontDoors(files: readonly SourceFile[]): Finding[] {
  const folders = new Map<string, string[]>();
  for (const { path } of files) {
    const folder = posix.dirname(path);
    folders.set(folder, [...(folders.get(folder) ?? []), posix.basename(path)]);
  }
  return [...folders]
    .filter(([folder, names]) => names.length > 1 && !names.includes('index.ts') && !SHELVES.has(folder))
    .map(([folder]) => ({ path: folder, line: 1, message: 'has no index.ts: give it a front door' }));
}

/** Cycles by depth-first search: a file that is reached again while its own imports are being followed. */
function checkCycles(files: readonly SourceFile[]): Finding[] {
  const graph = new Map(
    files.map((file) => [
      file.path,
      importsOf(file).flatMap(({ target }) => (target === undefined ? [] : [target])),
    ]),
  );
  const findings: Finding[] = [];
  const done = new Set<string>();
  const way: string[] = [];
  const visit = (path: string): void => {
    if (way.includes(path)) {
      const circle = [...way.slice(way.indexOf(path)), path];
      findings.push({ path, line: 1, message: `imports itself: ${circle.join(' -> ')}` });
      return;
    }
    if (done.has(path)) return;
    way.push(path);
    for (const target of graph.get(path) ?? []) visit(target);
    way.pop();
    done.add(path);
  };
  for (const path of graph.keys()) visit(path);
  return findings;
}
