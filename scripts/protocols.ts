/**
 * TypeScript of the .proto files, by buf and protoc-gen-es. Their enums are rewritten: Node runs TypeScript by erasing
 * types, and an enum is more than a type. buf is a program for each platform, which only those need who change a .proto
 * file: it has a package of its own in proto/.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BIN = join(ROOT, 'node_modules', '.bin');
const BUF = join(ROOT, 'proto', 'node_modules', '.bin', 'buf');

/** Where the code of which .proto files goes. */
const TARGETS = [
  { out: 'src/dialects/grpc/gen', paths: ['proto/grpc', 'proto/google'] },
  { out: 'src/dialects/thunder/grpc/gen', paths: ['proto/thunder.proto', 'proto/facet'] },
  { out: 'src/dialects/neumann/gen', paths: ['proto/neumann.proto', 'proto/neumann'] },
  { out: 'src/strana/gen', paths: ['proto/graphd.proto'] },
] as const;

/** Path from the root -> text of every generated module; none, and it says so, where buf is not installed. */
export function protocolFiles(): Map<string, string> {
  const files = new Map<string, string>();
  if (!existsSync(BUF)) {
    console.log('code of protocols left as it is: npm install --no-package-lock --prefix proto brings buf');
    return files;
  }
  for (const { out, paths } of TARGETS) {
    const scratch = mkdtempSync(join(tmpdir(), 'facet-protocols-'));
    try {
      generate(scratch, paths);
      for (const path of modulesIn(scratch)) {
        files.set(`${out}/${path}`, withoutEnums(readFileSync(join(scratch, path), 'utf8')));
      }
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }
  return files;
}

function generate(folder: string, paths: readonly string[]): void {
  const plugin = { local: join(BIN, 'protoc-gen-es'), out: '.', opt: ['target=ts', 'import_extension=ts'] };
  const template = JSON.stringify({ version: 'v2', plugins: [plugin] });
  const chosen = paths.flatMap((path) => ['--path', path]);
  execFileSync(BUF, ['generate', '--template', template, '-o', folder, ...chosen], { cwd: ROOT });
}

const modulesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => path.replaceAll('\\', '/'))
    .sort();

/** `export enum A { B = 0, }` -> a constant object and the type of its values, which is used in the same ways. */
export function withoutEnums(text: string): string {
  return text.replace(/export enum (\w+) \{\n([^}]*)\}/g, (_, name: string, body: string) => {
    const members = body.replace(/^(\s*)(\w+) = (-?\d+),/gm, '$1$2: $3,');
    return `export const ${name} = {\n${members}} as const;\nexport type ${name} = (typeof ${name})[keyof typeof ${name}];`;
  });
}
