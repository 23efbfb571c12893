/**
 * `npx tsx test/language/rewrite.ts [name…]`: writes into the case files (all, or those with such names) what the
 * engine in memory answers today. It proves nothing: whoever runs it reads the difference before keeping it.
 */
import { writeFileSync } from 'node:fs';
import { answerOf, memoryLanguageGraph } from './answer.ts';
import { type LanguageCase, readCaseFiles, writeCases } from './case-file.ts';

const asked = process.argv.slice(2).filter((word) => word !== '--rewrite');

async function rewritten(one: LanguageCase): Promise<LanguageCase> {
  try {
    return { ...one, expectation: await answerOf(one, memoryLanguageGraph()) };
  } catch (error) {
    console.error(`${one.name} (line ${one.line}): ${String(error)}`);
    process.exitCode = 1;
    return one;
  }
}

for (const file of readCaseFiles(new URL('cases/', import.meta.url))) {
  if (asked.length > 0 && !asked.includes(file.name)) continue;
  const cases: LanguageCase[] = [];
  for (const one of file.cases) cases.push(await rewritten(one));
  const changed = cases.filter((one, index) => one.expectation !== file.cases[index]?.expectation);
  writeFileSync(file.path, writeCases({ ...file, cases }));
  console.log(`${file.name}: ${changed.length} of ${cases.length} rewritten`);
  for (const { name } of changed) console.log(`  ${name}`);
}
