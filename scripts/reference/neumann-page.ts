/** The page docs/reference/neumann.md, from the forms that stand beside their parsers and the answers that tests record. */
import { readFileSync } from 'node:fs';
import { LIMITS } from '../../src/base/index.ts';
import { FORM_FAMILIES, REFUSALS, type StatementForm } from '../../src/nql/index.ts';
import { generatedFrom, table } from './markdown.ts';

const INTRODUCTION = `One language asks about tables, a graph, embeddings, artifacts, secrets and a cache. A request holds one statement, at
most ${LIMITS.nqlTextBytesMax} bytes of it, perhaps with a semicolon at its end.

In a syntax below, capitals are keywords, \`[ ]\` may be left out, \`|\` separates what excludes each other, and \`…\` means
and so on. Clauses in brackets behind the first line of words come in any order and none twice.

## Words and values

- **Keywords** go in any case. They are keywords only where they mean something, and names everywhere else.
- **Names** of labels, types, properties, tables and collections are letters, digits and \`_\`. Others, and keywords, stand in
  backticks; a doubled backtick is one. Names of tables and columns mean what they mean to PostgreSQL: bare ones are lower
  case, those in backticks are as they are written.
- **Keys** of entities, embeddings and the like are texts in quotes, or bare words: \`'user:alice'\`, \`alice\`. A node is given by
  its id or by the key of its entity.
- **Texts** stand between \`'\` or \`"\`. A doubled quote is one, and \`\\n \\r \\t \\0 \\\\ \\' \\"\` are escapes. Lines may end in
  them. Where a value can stand, a bare word is a text as well.
- **Numbers** with a point or an exponent are of double precision and finite, all others are integers of 64 bits.
- **Other values** are \`TRUE\`, \`FALSE\`, \`NULL\`, and lists in brackets: \`[1, 'a']\`. A list has at most ${LIMITS.nqlListItemsMax} items
  and a vector at most ${LIMITS.nqlVectorComponentsMax} components.
- **Comments** run from \`--\` to the end of the line, or stand between \`/*\` and \`*/\`, also inside each other.

## Conditions

Behind WHERE, a field is compared with a value:

${table(
  ['condition', 'passes'],
  [
    ['`a = v`, `a == v`', 'what is equal'],
    ['`a <> v`, `a != v`', 'what is different, and what is missing or null'],
    ['`a < v`, `a <= v`, `a > v`, `a >= v`', 'what comes before or after'],
    ['`a [NOT] IN (v, …)`', 'what is one of them'],
    ['`a [NOT] BETWEEN v AND w`', 'what lies between, bounds included'],
    ["`a [NOT] LIKE 'x_y%'`", 'texts: `_` is any character and `%` any number of them'],
    ["`a CONTAINS 'x'`, `a STARTS WITH 'x'`, `a ENDS WITH 'x'`", 'texts that have the other in them'],
    ['`a IS [NOT] NULL`', 'what is missing or null, or what is not; `= NULL` and `<> NULL` are the same'],
  ],
)}

\`NOT\` binds tighter than \`AND\`, and \`AND\` tighter than \`OR\`; parentheses say otherwise. The logic has two values: what is
missing or null passes no test but \`<>\` and \`IS NULL\`, and \`NOT\` is everything that does not pass. A name before a point, as
in \`p.age\`, may stand there and says nothing. Conditions and lists are nested at most ${LIMITS.nqlDepthMax} levels deep.

These rules are for the statements of this language. In PostgreSQL's own statements those of PostgreSQL hold.`;

/** What the examples answered when test/dialects/neumann/examples.test.ts ran them; it fails where that is no longer so. */
const ANSWERS_FILE = new URL('../../test/dialects/neumann/answers.jsonl', import.meta.url);

interface Answer {
  readonly form: string;
  readonly statement: string;
  /** The response as JSON. */
  readonly answer: unknown;
}

export function neumannPage(): string {
  const lines = readFileSync(ANSWERS_FILE, 'utf8').split('\n').slice(0, -1);
  const answers = lines.map((line) => JSON.parse(line) as Answer);
  const section = (form: StatementForm): string => formSection(form, answers);
  const families = FORM_FAMILIES.map(
    ({ title, forms }) => `## ${title}\n\n${forms.map(section).join('\n\n')}`,
  );
  const refused = REFUSALS.map(({ names, reason, hint }) => [
    names.map((name) => `\`${name}\``).join(', '),
    `${reason}.`,
    hint,
  ]);
  return `# The Neumann query language

${generatedFrom('the forms beside the parsers in src/nql, and the answers that their examples had in the tests')}

${INTRODUCTION}

${families.join('\n\n')}

## What is not served

These are known and refused by name, with \`FEATURE_NOT_SUPPORTED\`; so are \`EDGE CREATE … UNDIRECTED\`, \`BLOB PUT … FROM\` and
\`BLOB GET … TO\`.

${table(['statement', 'why', 'instead'], refused)}
`;
}

function formSection({ name, syntax, summary, examples }: StatementForm, answers: readonly Answer[]): string {
  const find = (statement: string): unknown =>
    answers.find((each) => each.form === name && each.statement === statement)?.answer;
  return [
    `### ${name}`,
    block('text', [syntax]),
    summary,
    ...examples.map((each) => exampleBlock(each, find(each.statement))),
  ].join('\n\n');
}

function exampleBlock({ setup = [], statement }: StatementForm['examples'][number], answer: unknown): string {
  const lines = setup.length === 0 ? [statement] : ['-- after', ...setup, '-- then', statement];
  // A new example has none until it has run.
  if (answer === undefined) return block('sql', lines);
  return `${block('sql', lines)}\n\n${block('json', [answerText(answer)])}`;
}

/** On one line where it fits. */
function answerText(answer: unknown): string {
  const line = JSON.stringify(answer);
  return line.length <= LINE_MAX ? line : JSON.stringify(answer, null, 2);
}

const LINE_MAX = 120;

const block = (language: string, lines: readonly string[]): string =>
  `\`\`\`${language}\n${lines.join('\n')}\n\`\`\``;
