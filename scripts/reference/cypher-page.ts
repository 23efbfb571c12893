/**
 * The page docs/reference/cypher.md. Its examples are language cases (test/language/cases), which run as tests, so that
 * every result on the page is one that the engine gives; signatures are those that the static checks work with.
 */
import { LIMITS } from '../../src/base/index.ts';
import { FUNCTION_SIGNATURES, type FunctionSignature } from '../../src/cypher/semantics/signatures.ts';
import { describeType } from '../../src/cypher/semantics/static-type.ts';
import { type CaseFile, type LanguageCase, readCaseFiles } from '../../test/language/case-file.ts';
import { ERRORS, INTRODUCTION, REFUSED, TYPES } from './cypher-texts.ts';
import { generatedFrom, table } from './markdown.ts';
import { proceduresSection } from './procedures-section.ts';

const CASES = new URL('../../test/language/cases/', import.meta.url);

/** In the order of the page. */
const FUNCTION_FILES = [
  'aggregation',
  'entities',
  'conversion',
  'mathematics',
  'strings',
  'temporal',
  'spatial',
] as const;

export function cypherPage(): string {
  const files = readCaseFiles(CASES);
  const find = (folder: string, name: string): CaseFile => {
    const file = files.find(({ path }) => path.endsWith(`${folder}/${name}.cases`));
    if (file === undefined) throw new Error(`there is no case file ${folder}/${name}`);
    return file;
  };
  const functions = FUNCTION_FILES.map((name) => functionSection(find('functions', name)));
  return `# Cypher

${generatedFrom('test/language/cases, src/cypher/semantics/signatures.ts and src/models/graph/procedures')}

${INTRODUCTION}

## Clauses

${find('reference', 'clauses').cases.map(exampleSection).join('\n\n')}

## Expressions

${find('reference', 'expressions').cases.map(exampleSection).join('\n\n')}

## Types

${TYPES}

## Functions

Names go without regard to case. A parameter in brackets may be left out. Every function but the aggregates, \`coalesce\`
and the clocks gives null when an argument is null.

${functions.join('\n\n')}

## Procedures

${proceduresSection()}

## Errors

${ERRORS}

## Limits

${limitsTable()}

## Not offered

${REFUSED}
`;
}

/** \`Name: what it is for.\` */
function readName({ name }: LanguageCase): readonly [name: string, text: string] {
  const colon = name.indexOf(': ');
  if (colon === -1) throw new Error(`'${name}' does not say what it is for`);
  return [name.slice(0, colon), name.slice(colon + 2)];
}

function exampleSection(one: LanguageCase): string {
  const [name, text] = readName(one);
  const lines = [
    ...one.given.map((query) => `${query};`),
    ...(one.parameters === undefined ? [] : [`// parameters: ${one.parameters}`]),
    `${one.query};`,
  ];
  const outcome = one.expectation.replaceAll(/^--- (?:rows in order|rows|nothing)$\n?/gm, '').trim();
  const shown = outcome.replaceAll(/^--- (counters|graph)$/gm, '\n$1:').trim();
  const result = shown === '' ? '' : `\n\n\`\`\`text\n${shown}\n\`\`\``;
  return `### ${name}\n\n${text}\n\n\`\`\`cypher\n${lines.join('\n')}\n\`\`\`${result}`;
}

function functionSection({ title, cases }: CaseFile): string {
  const rows = cases.map((one) => {
    const [name, text] = readName(one);
    const signature = FUNCTION_SIGNATURES.get(name.toLowerCase());
    if (signature === undefined) throw new Error(`there is no function ${name}`);
    return [`\`${signatureText(signature)}\``, text, exampleText(one), resultText(one)];
  });
  return `### ${title}\n\n${table(['Function', 'What it gives', 'Example', 'Result'], rows)}`;
}

function signatureText({ name, parameters, argumentsMin, argumentsMax, result }: FunctionSignature): string {
  const shown = parameters.map((type, index) => {
    const text = describeType(type).replaceAll(' or ', ' | ');
    return index < argumentsMin ? text : `[${text}]`;
  });
  if (argumentsMax === Number.POSITIVE_INFINITY) shown.push('…');
  const given = typeof result === 'string' ? '' : ` :: ${describeType(result).replaceAll(' or ', ' | ')}`;
  return `${name}(${shown.join(', ')})${given}`;
}

/** The expression alone where there is nothing else. */
function exampleText({ given, query }: LanguageCase): string {
  const expression = /^RETURN ([\s\S]*) AS result$/.exec(query)?.[1];
  const text = expression ?? query;
  return given.length === 0 ? `\`${text}\`` : `\`${text}\` after \`${given.join('; ')}\``;
}

function resultText({ name, expectation }: LanguageCase): string {
  const [marker, header = '', ...rows] = expectation.split('\n');
  if (marker === '--- error' || rows.length !== 1) throw new Error(`the example of ${name} gives no row`);
  const shown = rows[0] ?? '';
  return header === 'result' ? `\`${shown}\`` : `\`${header}\`: \`${shown}\``;
}

function limitsTable(): string {
  const rows = Object.entries(LIMITS)
    .filter(([name]) => name.startsWith('cypher') || name.startsWith('graph'))
    .map(([name, value]) => [`\`${name}\``, value.toLocaleString('en-US')]);
  return `The reasons are in [limits.md](limits.md). A query that reaches one fails with its name.\n\n${table(['Name', 'Value'], rows)}`;
}
