/** `facet version`: what is running, for bug reports and scripts. */
import type { Command } from 'commander';
import { VERSION } from '../base/index.ts';

export function register(program: Command): void {
  program
    .command('version')
    .description('print the version of Facet, and of what it runs on')
    .option('--json', 'as one JSON object')
    .action((options: { readonly json?: boolean }) => {
      const facts = {
        facet: VERSION,
        node: process.versions.node,
        platform: `${process.platform}-${process.arch}`,
      };
      const text = `facet ${facts.facet} (Node.js ${facts.node}, ${facts.platform})`;
      process.stdout.write(`${options.json === true ? JSON.stringify(facts) : text}\n`);
    });
}
