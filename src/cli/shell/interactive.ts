/** The shell at a terminal: line editing, history, completion, and Ctrl-C. */
import { createInterface } from 'node:readline';
import { monotonicMs, VERSION } from '../../base/index.ts';
import type { ServerClient } from '../client.ts';
import { note } from '../output.ts';
import { Completer } from './completion.ts';
import { History } from './history.ts';
import type { Runner } from './runner.ts';

/** Resolves when the user leaves. */
export async function interact(runner: Runner, client: ServerClient): Promise<void> {
  const history = new History();
  const completer = new Completer(client, monotonicMs);
  const lines = createInterface({
    input: process.stdin,
    output: process.stdout,
    terminal: true,
    history: [...history.lines],
    removeHistoryDuplicates: true,
    completer: (line: string, done: (error: null, found: [string[], string]) => void) => {
      void completer.complete(runner.shell.mode, line).then((found) => done(null, found));
    },
  });
  // Lines may come faster than they are run, as when several are pasted at once.
  const waiting: string[] = [];
  let isBusy = false;
  /** Ctrl-C at an empty prompt, without anything else in between. */
  let interrupts = 0;

  const prompt = (): void => {
    const { mode } = runner.shell;
    lines.setPrompt(runner.isWaiting ? `${' '.repeat(mode.length - 1)}-> ` : `${mode}> `);
    lines.prompt();
  };

  const work = async (): Promise<void> => {
    isBusy = true;
    for (let line = waiting.shift(); line !== undefined; line = waiting.shift()) {
      const outcome = await runner.line(line);
      if (outcome === 'quit') {
        lines.close();
        return;
      }
    }
    isBusy = false;
    prompt();
  };

  note(`Facet ${VERSION} at ${client.url.origin}. \\help explains, \\quit leaves.\n`);
  prompt();
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      interrupts = 0;
      history.add(line);
      waiting.push(line);
      if (!isBusy) work().catch(reject);
    });
    // Without secrets, also while the shell runs.
    lines.on('history', (kept) => {
      const shown = kept.filter(History.keeps);
      kept.splice(0, kept.length, ...shown);
    });
    lines.on('SIGINT', () => {
      if (isBusy) {
        waiting.length = 0;
        interrupts = 1;
        runner.cancel();
        return;
      }
      if (runner.isWaiting || lines.line !== '') {
        runner.forget();
        interrupts = 0;
        process.stdout.write('^C\n');
        // Takes away what stands on the line.
        lines.write(null, { ctrl: true, name: 'e' });
        lines.write(null, { ctrl: true, name: 'u' });
        prompt();
        return;
      }
      if (interrupts > 0) {
        lines.close();
        return;
      }
      interrupts++;
      process.stdout.write('\n(Ctrl-C again, Ctrl-D or \\quit leaves)\n');
      prompt();
    });
    lines.on('close', resolve);
  });
  // What is running when the user leaves has nobody to tell.
  runner.cancel();
  process.stdout.write('\n');
}
