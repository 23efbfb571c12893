#!/usr/bin/env node
/** The program `facet`: hands its arguments to the commands in cli/ and sets the exit code. Nothing else. */
import { run } from './cli/index.ts';

// Whoever reads us has left (`facet serve --help | head`): there is nobody to tell.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
process.exitCode = await run(process.argv.slice(2));
