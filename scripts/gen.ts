/**
 * Writes every generated file: the reference pages, the code of protocols and the snapshot of the schema. With `--check`
 * it writes nothing and fails when a file differs from what would be written, naming each and its first differing line.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { protocolFiles } from './protocols.ts';
import { referencePages } from './reference/pages.ts';
import { schemaFiles } from './schema-snapshot.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const isCheck = process.argv.includes('--check');

const files = new Map([...referencePages(), ...protocolFiles(), ...(await schemaFiles())]);
const stale: string[] = [];
for (const [path, wanted] of files) {
  const found = readIfThere(join(ROOT, path));
  if (found === wanted) continue;
  stale.push(path);
  if (isCheck) {
    console.error(`${path}:${firstDifference(found ?? '', wanted)} is not what the sources say`);
  } else {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), wanted);
    console.log(`wrote ${path}`);
  }
}
if (isCheck && stale.length > 0) {
  console.error(`${stale.length} of ${files.size} generated files differ. Run: npm run gen`);
  process.exitCode = 1;
} else {
  console.log(
    `${files.size} generated files, ${isCheck ? 'all as they should be' : `${stale.length} written`}`,
  );
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** 1-based number of the first line that differs. */
function firstDifference(found: string, wanted: string): number {
  const lines = found.split('\n');
  const index = wanted.split('\n').findIndex((line, at) => line !== lines[at]);
  return index === -1 ? lines.length : index + 1;
}
