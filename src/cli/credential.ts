/**
 * `facet credential`: makes a token, or hashes a password from standard input, and prints the table for facet.toml.
 * The table goes to standard output and the token to standard error, so that `>> facet.toml` stores no secret.
 */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { FacetError, ROLES } from '../base/index.ts';
import { hashPassword, newToken } from '../server/index.ts';
import { readText } from './http.ts';

interface Options {
  readonly name: string;
  readonly role: string;
  readonly namespace?: string;
  readonly expires?: string;
  readonly password?: boolean;
}

const PASSWORD_LETTERS_MIN = 8;

export function register(program: Command): void {
  program
    .command('credential')
    .summary('make a token or hash a password for facet.toml')
    .description(
      'Makes a random token, or hashes a password, and prints the [[credentials]] table that lets its bearer in. ' +
        'The server keeps only the hash.',
    )
    .addOption(new Option('--name <name>', 'whom it is for').argParser(nameText).makeOptionMandatory())
    .addOption(new Option('--role <role>', 'what it allows').choices([...ROLES]).default('read'))
    .option('--namespace <name>', 'the only namespace it reaches')
    .option('--expires <time>', 'when it ends, such as 2030-01-01T00:00:00Z', timeText)
    .option('--password', 'hash a password, typed or piped in, instead of making a token')
    .addHelpText('after', '\nExample:\n  facet credential --name reports --role read >> facet.toml')
    .action(run);
}

async function run(options: Options): Promise<void> {
  const made = options.password === true ? { hash: await hashPassword(await readPassword()) } : newToken();
  const lines = [
    '[[credentials]]',
    `name = "${options.name}"`,
    `role = "${options.role}"`,
    `secret = "${made.hash}"`,
  ];
  if (options.namespace !== undefined) lines.push(`namespace = ${JSON.stringify(options.namespace)}`);
  if (options.expires !== undefined) lines.push(`expires = ${options.expires}`);
  process.stdout.write(`${lines.join('\n')}\n`);
  if ('token' in made) process.stderr.write(`token (shown this once): ${made.token}\n`);
}

/** One line. What is typed at a terminal is not shown. */
async function readPassword(): Promise<string> {
  const text = process.stdin.isTTY ? await promptHidden('Password: ') : await readText(process.stdin);
  const password = text.replace(/\r?\n$/, '');
  if (password.length < PASSWORD_LETTERS_MIN || /[\r\n\0]/.test(password)) {
    throw new FacetError(
      'INVALID_PARAMETER',
      `A password is one line of at least ${PASSWORD_LETTERS_MIN} characters`,
      { hint: 'Type it when asked, or pipe it in.' },
    );
  }
  return password;
}

function promptHidden(prompt: string): Promise<string> {
  process.stderr.write(prompt);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  return new Promise((resolve) => {
    lines.once('line', resolve);
    lines.once('close', () => resolve(''));
    lines.once('line', () => {
      process.stderr.write('\n');
      lines.close();
    });
  });
}

function nameText(text: string): string {
  if (/^[A-Za-z0-9._@-]{1,64}$/.test(text)) return text;
  throw new InvalidArgumentError('From 1 to 64 letters, digits or . _ @ -');
}

function timeText(text: string): string {
  const ms = Date.parse(text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(ms)) return new Date(ms).toISOString();
  throw new InvalidArgumentError('A date-time such as 2030-01-01T00:00:00Z');
}
