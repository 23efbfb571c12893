// Compiles src/ into dist/ and adds what tsc leaves behind: the migrations. `--if-needed` skips the work when dist/
// is newer than everything it is made from. The new dist/ is made beside the old one and takes its place only when
// it is complete, so a failed compilation leaves the last good one there, and leaves it stale.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const stamp = join(dist, '.built');
const inputs = [
  'src',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'scripts/build.mjs',
];

/** Newest change of a file, or of a folder and everything in it. The folder's own time tells of deleted files. */
function newestChangeMs(path) {
  const info = statSync(path);
  if (!info.isDirectory()) return info.mtimeMs;
  return Math.max(info.mtimeMs, ...readdirSync(path).map((name) => newestChangeMs(join(path, name))));
}

function isFresh() {
  if (!existsSync(stamp) || !existsSync(join(dist, 'main.js'))) return false;
  const newest = Math.max(...inputs.map((input) => newestChangeMs(join(root, input))));
  return statSync(stamp).mtimeMs > newest;
}

/** The files of GraphiQL under the names that src/dialects/thunder/graphql/graphiql.ts serves, with their licences. */
function copyExplorer(folder) {
  const place = (module, path) =>
    join(dirname(createRequire(import.meta.url).resolve(`${module}/package.json`)), path);
  mkdirSync(folder, { recursive: true });
  cpSync(place('react', 'umd/react.production.min.js'), join(folder, 'react.js'));
  cpSync(place('react-dom', 'umd/react-dom.production.min.js'), join(folder, 'react-dom.js'));
  cpSync(place('graphiql', 'graphiql.min.js'), join(folder, 'graphiql.js'));
  cpSync(place('graphiql', 'graphiql.min.css'), join(folder, 'graphiql.css'));
  for (const module of ['react', 'react-dom', 'graphiql']) {
    cpSync(place(module, 'LICENSE'), join(folder, `${module}.LICENSE`));
  }
}

function build() {
  const startedAt = new Date();
  // Beside dist/, on the same file system, so that renaming works.
  const parts = join(root, '.build', String(process.pid));
  rmSync(parts, { recursive: true, force: true });
  mkdirSync(parts, { recursive: true });
  const fresh = join(parts, 'new');
  try {
    const compiler = join(
      dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
      'bin',
      'tsc',
    );
    const compiled = spawnSync(
      process.execPath,
      [compiler, '-p', join(root, 'tsconfig.build.json'), '--outDir', fresh],
      { cwd: root, stdio: 'inherit' },
    );
    if (compiled.status !== 0) {
      console.error('The build failed; dist/ is as it was.');
      return false;
    }
    cpSync(join(root, 'src/engine/migrations'), join(fresh, 'engine/migrations'), {
      recursive: true,
      filter: (path) =>
        statSync(path).isDirectory() || path.endsWith('.sql') || path.endsWith('functions.json'),
    });
    copyExplorer(join(fresh, 'dialects/thunder/graphql/graphiql'));
    chmodSync(join(fresh, 'main.js'), 0o755);
    writeFileSync(join(fresh, '.built'), '');
    // The moment at which the sources were read: what changes while tsc works is newer.
    utimesSync(join(fresh, '.built'), startedAt, startedAt);
    if (existsSync(dist)) renameSync(dist, join(parts, 'old'));
    renameSync(fresh, dist);
    return true;
  } finally {
    rmSync(parts, { recursive: true, force: true });
  }
}

if (!(process.argv.includes('--if-needed') && isFresh()) && !build()) process.exit(1);
