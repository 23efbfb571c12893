/** The page docs/reference/synap-commands.md, from the table of commands and the rows by which each of them is tested. */
import { COMMANDS } from '../../src/dialects/synap/commands/index.ts';
import { ROWS, type Row } from '../../test/dialects/synap/rows/index.ts';
import { generatedFrom, table } from './markdown.ts';

const HEAD = ['command', 'for role', 'succeeds', 'bad input', 'when its target is not there'];

export function synapCommandsPage(): string {
  const families = [...new Set(ROWS.map(({ command }) => familyOf(command)))];
  const sections = families.map((family) => {
    const rows = ROWS.filter(({ command }) => familyOf(command) === family);
    return `## ${family}\n\n${table(HEAD, rows.map(lineOf))}`;
  });
  return `# Synap commands and their tests

${generatedFrom('the rows of test/dialects/synap/rows')}

Every command, the role that it needs, and what is tested of it over HTTP and over a WebSocket
(test/dialects/synap/every-command.test.ts; who may what in roles.test.ts there). A command without a row fails the
tests. What the commands do and how answers look is in [Synap compatibility](synap-compatibility.md).

**Succeeds** names members of the answer that the test compares, or the error of a command that this server does not
offer. **Bad input** is a payload that is refused with 422 \`INVALID_PAYLOAD\`; a payload that is no object is refused
so by all commands. The **last column** has the answer to a command whose key, queue, room, topic or group is not there:
the code of its error, or members of its answer. A dash: the command takes nothing, or names nothing, that could be
wrong or missing. The same for the REST routes is in test/dialects/synap/routes.test.ts.

${sections.join('\n\n')}
`;
}

const familyOf = (command: string): string => command.split('.')[0] ?? '';

function lineOf(row: Row): string[] {
  const { command, over, refusal, answers, bad, missing } = row;
  const known = COMMANDS.get(command);
  const names = known === undefined ? [command] : known.names;
  const where = over === undefined ? '' : over === 'http' ? ' over HTTP' : ' over a WebSocket';
  return [
    names.map(code).join(' ') + where,
    known?.operation.access ?? 'read',
    refusal === undefined ? members(answers) : `refused: ${refusal[1]} ${code(refusal[0])}`,
    bad === 'takes nothing' ? '-' : json(bad),
    missing === 'names nothing' ? '-' : missingText(missing),
  ];
}

/** Commands that make what they name are tried with the flag that forbids it, where they have one. */
function missingText([payload, answer]: Exclude<Row['missing'], string>): string {
  const text = typeof answer === 'string' ? code(answer) : json(answer);
  return 'xx' in payload ? `${text} with \`xx\`` : text;
}

const members = (answers: Row['answers']): string =>
  answers !== null && typeof answers === 'object' ? Object.keys(answers).map(code).join(' ') : json(answers);

const JSON_CHARACTERS_MAX = 100;

function json(value: unknown): string {
  const text = JSON.stringify(value);
  return code(text.length > JSON_CHARACTERS_MAX ? `${text.slice(0, JSON_CHARACTERS_MAX)}…` : text);
}

const code = (text: string): string => `\`${text}\``;
