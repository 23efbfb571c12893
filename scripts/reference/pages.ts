/** Every generated page of docs/reference, by its path from the root. `gen.ts` writes them, a tidy rule compares. */
import { configReference } from '../../src/server/config-reference.ts';
import { cypherPage } from './cypher-page.ts';
import { errorsPage } from './errors-page.ts';
import { limitsPage } from './limits-page.ts';
import { neumannPage } from './neumann-page.ts';
import { operationsPage } from './operations-page.ts';
import { synapCommandsPage } from './synap-page.ts';

export function referencePages(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/reference/config.md', configReference()],
    ['docs/reference/cypher.md', cypherPage()],
    ['docs/reference/errors.md', errorsPage()],
    ['docs/reference/limits.md', limitsPage()],
    ['docs/reference/neumann.md', neumannPage()],
    ['docs/reference/operations.md', operationsPage()],
    ['docs/reference/synap-commands.md', synapCommandsPage()],
  ]);
}
