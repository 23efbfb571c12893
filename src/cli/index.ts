/** The command line: one file per command, put together here. */
import { Command, CommanderError } from 'commander';
import { VERSION } from '../base/index.ts';
import { register as registerCredential } from './credential.ts';
import { register as registerCypher } from './cypher.ts';
import { register as registerDemo } from './demo.ts';
import { register as registerDoctor } from './doctor.ts';
import { exitCodeOf, failureText } from './failures.ts';
import { register as registerJournal } from './journal.ts';
import { register as registerQuery } from './query.ts';
import { register as registerRestore } from './restore.ts';
import { register as registerServe } from './serve.ts';
import { register as registerShell } from './shell.ts';
import { register as registerSnapshot } from './snapshot.ts';
import { register as registerToken } from './token.ts';
import { register as registerVersion } from './version.ts';

const EXAMPLES = `
Examples:
  facet serve                                   a durable server on ./facet-data and http://127.0.0.1:8088
  facet serve --store memory://try --listen 127.0.0.1:0
  facet query "SELECT 1 + 1 AS two"
  facet cypher "MATCH (n) RETURN count(n)"
  facet shell
  facet demo

'facet help <command>' says more about a command.`;

/** Runs one command. Never rejects. @returns the exit code of the process */
export async function run(args: readonly string[]): Promise<number> {
  try {
    await program().parseAsync([...args], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    // Help, version, and usage errors that Commander has printed already.
    if (error instanceof CommanderError) return error.exitCode;
    process.stderr.write(failureText(error, wantsEverything(args)));
    return exitCodeOf(error);
  }
}

export function program(): Command {
  const facet = new Command('facet')
    .description('Facet: a multi-model database server on one PostgreSQL.')
    .version(VERSION, '-V, --version', 'print the version')
    .exitOverride()
    .configureHelp({ helpWidth: Math.min(process.stdout.columns ?? 100, 110) })
    .addHelpText('after', EXAMPLES);
  registerServe(facet);
  registerQuery(facet);
  registerCypher(facet);
  registerShell(facet);
  registerDemo(facet);
  registerDoctor(facet);
  registerSnapshot(facet);
  registerJournal(facet);
  registerRestore(facet);
  registerCredential(facet);
  registerToken(facet);
  registerVersion(facet);
  return facet;
}

/** The options may be what is wrong, so they are not read here. */
const wantsEverything = (args: readonly string[]): boolean =>
  args.includes('--log-level=debug') || args[args.indexOf('--log-level') + 1] === 'debug';
