// Compiles src/ into dist/ and copies what tsc leaves behind (migrations, demo data are read from dist/).
// `--if-needed` skips the work when dist/ is newer than every source file.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stamp = join(root, 'dist', '.built');

function newestChangeMs(path) {
  const info = statSync(path);
  if (!info.isDirectory()) return info.mtimeMs;
  return Math.max(info.mtimeMs, ...readdirSync(path).map((name) => newestChangeMs(join(path, name))));
}

function isFresh() {
  if (!existsSync(stamp)) return false;
  const inputs = ['src', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];
  return statSync(stamp).mtimeMs > Math.max(...inputs.map((input) => newestChangeMs(join(root, input))));
}

if (!process.argv.includes('--if-needed') || !isFresh()) {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const require = createRequire(import.meta.url);
  const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  execFileSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });
  mkdirSync(join(root, 'dist'), { recursive: true });
  cpSync(join(root, 'src/engine/migrations'), join(root, 'dist/engine/migrations'), {
    recursive: true,
    filter: (path) => !path.endsWith('.ts'),
  });
  chmodSync(join(root, 'dist/main.js'), 0o755);
  writeFileSync(stamp, '');
}
