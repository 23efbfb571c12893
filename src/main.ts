#!/usr/bin/env node
/** The program `facet`: hands its arguments to the commands in cli/ and sets the exit code. Nothing else. */
import { run } from './cli/index.ts';

process.exitCode = await run(process.argv.slice(2));
