/** Commands of the shell itself: they begin with a backslash, where a statement would begin. */
import { didYouMean } from '../../base/index.ts';
import { MODES, type Mode } from './modes.ts';

export const COMMANDS: readonly string[] = ['\\sql', '\\cypher', '\\neumann', '\\timing', '\\help', '\\quit'];

/** What a command can do to the shell. */
export interface Shell {
  mode: Mode;
  timing: boolean;
}

export type Done =
  | { readonly text: string; readonly isError?: boolean }
  /** The shell ends. */
  | 'quit';

const HELP = `\\sql, \\cypher, \\neumann   change the language
\\timing                    say how long statements take, or do not
\\help [words]              this text; in \\neumann, the statements that begin with the words
\\quit                      leave, as Ctrl-D does

Statements of SQL and Cypher end with ; and may have several lines. A line is a statement of Neumann.
Ctrl-C cancels what is running. Tab completes words and names.
`;

export const isCommand = (line: string): boolean => line.trimStart().startsWith('\\');

/** @param line begins with a backslash */
export async function runCommand(line: string, shell: Shell): Promise<Done> {
  const [command = '', ...rest] = line.trim().replace(/;$/, '').split(/\s+/);
  const name = command.slice(1).toLowerCase();
  const mode = MODES.find((each) => each === name);
  if (mode !== undefined) {
    shell.mode = mode;
    return { text: '' };
  }
  switch (name) {
    case 'q':
    case 'quit':
      return 'quit';
    case 'timing':
      shell.timing = rest[0] === undefined ? !shell.timing : rest[0].toLowerCase() === 'on';
      return { text: `Timing is ${shell.timing ? 'on' : 'off'}.\n` };
    case 'h':
    case '?':
    case 'help':
      return { text: rest.length === 0 || shell.mode !== 'neumann' ? HELP : await formsText(rest.join(' ')) };
  }
  const nearest = didYouMean(command, COMMANDS);
  return { text: `error: no command ${command}. ${nearest ?? 'See \\help.'}\n`, isError: true };
}

/** The forms of statements that begin so. */
async function formsText(beginning: string): Promise<string> {
  const { FORMS } = await import('../../nql/index.ts');
  const asked = beginning.toUpperCase();
  const found = FORMS.filter(
    ({ name, syntax }) => name.startsWith(asked) || syntax.toUpperCase().startsWith(asked),
  );
  if (found.length === 0) return `No statement begins with ${asked}.\n`;
  return found.map(({ syntax, summary }) => `${syntax}\n    ${summary}\n`).join('');
}
