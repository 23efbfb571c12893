/**
 * `facet token create`: makes a token as graphd's clients send it, and the hash that its file of tokens holds. The token
 * is printed once and stored nowhere.
 */
import { chmod, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { FacetError, ROLES } from '../base/index.ts';
import { newToken, parseTokenFile, tokensIn } from '../server/index.ts';
import { note, print } from './output.ts';

interface Options {
  readonly label?: string;
  readonly role?: string;
  readonly namespace?: string;
  readonly file?: string;
}

export function register(program: Command): void {
  const token = program
    .command('token')
    .summary("make a token for graphd's file of tokens")
    .description(
      'Tokens of the file that the option token-file of the server names. For the credentials of facet.toml see ' +
        'facet credential.',
    );
  token
    .command('create')
    .summary('print a new token once, and its hash')
    .description(
      'Makes a random token and prints it with its SHA-256. With --file the hash is added to that file, which is made ' +
        'if it is missing; the server reads it when it starts.',
    )
    .option('--label <text>', 'whom it is for')
    .addOption(new Option('--role <role>', 'what it allows (default: write)').choices([...ROLES]))
    .option('--namespace <name>', 'the only namespace it reaches')
    .option('--file <path>', 'the file of tokens to add the hash to')
    .addHelpText(
      'after',
      '\nExample:\n  facet token create --label ci --file tokens.json\n  facet serve --token-file tokens.json',
    )
    .action(create);
}

async function create(options: Options): Promise<void> {
  const { token, hash } = newToken();
  const digits = hash.slice('sha256:'.length);
  const entry = { hash: digits, ...fieldsOf(options) };
  parseTokenFile(JSON.stringify({ tokens: [entry] }), 'what is made here');
  // First the file: a token that is in no file lets nobody in.
  if (options.file !== undefined) await add(options.file, entry);
  await print(`Token:  ${token}\nHash:   ${digits}\n`);
  if (options.file === undefined) {
    note(`For the file of tokens: {"tokens": [${JSON.stringify(entry)}]}\n`);
  } else note(`The hash was added to ${options.file}. The token is shown this once.\n`);
}

const fieldsOf = ({ label, role, namespace }: Options): Readonly<Record<string, string>> => ({
  ...(label === undefined ? {} : { label }),
  ...(role === undefined ? {} : { role }),
  ...(namespace === undefined ? {} : { namespace }),
});

/** Replaced as a whole, so that a server that starts meanwhile reads the old list or the new one; who may read it stays. */
async function add(path: string, entry: Readonly<Record<string, string>>): Promise<void> {
  const tokens = await present(path);
  const text = `${JSON.stringify({ tokens: [...tokens, entry] }, undefined, 2)}\n`;
  parseTokenFile(text, path);
  const fresh = `${path}.${process.pid}.new`;
  try {
    await writeFile(fresh, text, { mode: 0o600, flag: 'wx' });
    const before = await stat(path).catch(() => undefined);
    if (before !== undefined) await chmod(fresh, before.mode & 0o777);
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    throw failed(path, error);
  }
}

async function present(path: string): Promise<readonly unknown[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw failed(path, error);
  }
  return tokensIn(text, path);
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown';

const failed = (path: string, error: unknown): FacetError =>
  new FacetError('CONFIG_INVALID', `token-file: ${path} cannot be written (${codeOf(error)})`, {
    cause: error,
  });
