/** How files and folders are called. If a thing has no name, it has no home yet. */
import type { Finding } from './repository.ts';

/** Words that say nothing about what is inside. */
const EMPTY_WORDS = new Set([
  'util',
  'utils',
  'helper',
  'helpers',
  'common',
  'misc',
  'manager',
  'managers',
  'shared',
  'stuff',
  'lib',
]);

/** What the code generator of a protocol writes has its names. */
const GENERATED = /^src\/(?:dialects\/[a-z/]+|strana)\/gen\//;

const KEBAB = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
/** Migrations are ordered by four digits: `0001-transactions.sql`. */
const MIGRATION = /^\d{4}-[a-z0-9]+(?:-[a-z0-9]+)*\.sql$/;
/** What may follow the name before the extension: `query.test.ts`, `exact-json.fuzz.test.ts`, `vitest.config.ts`. */
const SUFFIXES = /(?:\.fuzz|\.process)?(?:\.test|\.config|\.build|\.d)?$/;
/** Names that the world expects in this spelling. */
const CUSTOMARY = new Set([
  'README',
  'CHANGELOG',
  'CONTRIBUTING',
  'SECURITY',
  'LICENSE',
  'NOTICE',
  'Dockerfile',
]);

export function checkNames(paths: readonly string[]): Finding[] {
  const known = new Set(paths);
  return paths.flatMap((path) => {
    if (GENERATED.test(path)) return [];
    const parts = path.split('/');
    const name = parts.pop() ?? '';
    const messages = [...parts.flatMap((folder) => folderFaults(folder)), ...fileFaults(path, name)];
    if (/^src\/.*\.test\.ts$/.test(path) && !known.has(path.replace(/(?:\.fuzz)?\.test\.ts$/, '.ts'))) {
      messages.push('a test in src/ stands beside the file it tests and has its name');
    }
    return [...new Set(messages)].map((message) => ({ path, line: 1, message }));
  });
}

function folderFaults(folder: string): string[] {
  const bare = folder.replace(/^\./, '');
  if (!KEBAB.test(bare)) return [`folder '${folder}' is not kebab-case`];
  return emptyWords(bare).map((word) => `folder '${folder}': '${word}' says nothing`);
}

function fileFaults(path: string, name: string): string[] {
  if (name.startsWith('.')) return [];
  const stem = name.replace(/\.\w+$/, '').replace(SUFFIXES, '');
  if (CUSTOMARY.has(stem)) return [];
  if (path.startsWith('src/engine/migrations/') && name.endsWith('.sql')) {
    return MIGRATION.test(name) ? [] : ['a migration is called 0001-what-it-does.sql'];
  }
  const isCode = /\.(?:ts|mjs|sql|md|json|toml|yml|yaml|sh)$/.test(name);
  if (isCode && !KEBAB.test(stem)) return [`file '${name}' is not kebab-case`];
  if (stem === 'types') return ["'types' is a bag: put each type where it belongs"];
  return emptyWords(stem).map((word) => `file '${name}': '${word}' says nothing`);
}

const emptyWords = (stem: string): string[] => stem.split('-').filter((word) => EMPTY_WORDS.has(word));
