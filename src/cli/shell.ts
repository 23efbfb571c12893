/** `facet shell`: statements of SQL, Cypher and Neumann against a running server, typed or piped in. */
import { type Command, Option } from 'commander';
import type { ServerClient } from './client.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { failureOf } from './error-text.ts';
import { endWithReader, note } from './output.ts';
import type { Mode } from './shell/index.ts';

interface Options extends ConnectionOptions {
  readonly mode: Mode;
  readonly command?: string;
  readonly timing?: boolean;
}

const HELP = `
Examples:
  facet shell
  facet shell --command "SELECT 1 + 1 AS two"
  echo "NODE LIST LIMIT 5" | facet shell --mode neumann

In the shell, \\sql, \\cypher and \\neumann change the language, \\help says more.

Exit codes: 0 done, 1 the server or the input says no, 2 no server.`;

export function register(program: Command): void {
  const command = program
    .command('shell')
    .summary('type statements of SQL, Cypher and Neumann')
    .description(
      'Statements against a running server: typed, with line editing, history and completion, or piped in, up to the ' +
        'first that fails. Statements of SQL and Cypher end with ; and one line is a statement of Neumann.',
    );
  addConnectionOptions(command)
    .addOption(
      new Option('--mode <language>', 'the language it begins with')
        .choices(['sql', 'cypher', 'neumann'])
        .default('sql'),
    )
    .option('--command <text>', 'run these statements and leave')
    .option('--timing', 'say how long statements take')
    .addHelpText('after', HELP)
    .action(run);
}

async function run({ mode, command, timing = false, ...connection }: Options): Promise<void> {
  endWithReader();
  let client: ServerClient | undefined;
  try {
    client = connect(connection);
    // Other commands do not wait for it.
    const { runShell } = await import('./shell/index.ts');
    process.exitCode = await runShell(client, { mode, timing, command });
  } catch (error) {
    const failure = failureOf(error);
    note(failure.text);
    process.exitCode = failure.exitCode;
  } finally {
    client?.close();
  }
}
