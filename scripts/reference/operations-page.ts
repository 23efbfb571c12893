/** The page docs/reference/operations.md, from the declarations of all models. */
import { z } from 'zod';
import { OPERATIONS } from '../../src/models/index.ts';
import { generatedFrom, table } from './markdown.ts';

/** The part of JSON Schema that the page reads. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** What the page needs of a declaration. */
interface Declared {
  readonly name: string;
  readonly summary: string;
  readonly access: keyof typeof ACCESS;
  readonly category: string;
  readonly streams: boolean;
  readonly errors: readonly string[];
  readonly input: z.ZodType;
  readonly output: z.ZodType;
}

const ACCESS = {
  public: 'no credentials',
  read: 'role read',
  write: 'role write',
  admin: 'role admin',
} as const;

export function operationsPage(): string {
  const operations: readonly Declared[] = [...OPERATIONS];
  const models = [...new Set(operations.map(({ name }) => modelOf(name)))];
  const sections = models.map((model) => {
    const own = operations.filter(({ name }) => modelOf(name) === model);
    return `## ${model}\n\n${own.map(operationText).join('\n\n')}`;
  });
  return `# Operations

${generatedFrom('the operations.ts of each model in src/models')}

What Facet can do. Every dialect turns its requests into these operations, so permissions, metrics and logs speak of
them by the names below. Field names are those inside the server; dialects spell them by their own contracts (the
thunder dialect in snake_case). Every operation can also answer with the errors of the gate: \`UNAUTHORIZED\`,
\`FORBIDDEN\`, \`RATE_LIMITED\`, \`MISSING_PARAMETER\`, \`INVALID_PARAMETER\`, \`UNAVAILABLE\`, \`INTERNAL_ERROR\`.

${sections.join('\n\n')}
`;
}

const modelOf = (name: string): string => name.split('.')[0] ?? name;

function operationText(operation: Declared): string {
  const { name, summary, access, category, streams, errors } = operation;
  const facts = [ACCESS[access], `rate category ${category}`, ...(streams ? ['streams'] : [])];
  const codes = errors.map((code) => `[\`${code}\`](errors.md)`).join(', ');
  return [
    `### ${name}`,
    summary,
    `*${facts.join(' · ')}*`,
    fields('Input', schemaOf(operation.input, 'input')),
    fields('Output', schemaOf(operation.output, 'output')),
    `Errors: ${codes === '' ? 'those of the gate only' : codes}.`,
  ].join('\n\n');
}

/** Values that no JSON Schema can describe, such as a stream of rows, become an empty one. */
const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Schema =>
  z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' }) as Schema;

function fields(title: string, schema: Schema): string {
  const members = Object.entries(schema.properties ?? {});
  if (members.length === 0) {
    const what = schema.type === undefined ? 'a stream of rows' : typeText(schema);
    return `${title}: ${schema.type === 'object' ? 'nothing' : what}.`;
  }
  const required = new Set(schema.required);
  const rows = members.map(([name, member]) => [
    `\`${name}\``,
    typeText(member) + (required.has(name) ? '' : ', optional'),
    notes(member),
  ]);
  return table([title, 'Type', 'Notes'], rows);
}

function typeText(schema: Schema): string {
  if (schema.$ref !== undefined) return schema.$ref.split('/').pop() ?? 'object';
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(', ');
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeText))].join(' or ');
  if (schema.type === 'array') return `list of ${typeText(schema.items ?? {})}`;
  if (schema.type === 'object') {
    const names = Object.keys(schema.properties ?? {});
    return names.length === 0 ? 'object' : `object of ${names.map((name) => `\`${name}\``).join(', ')}`;
  }
  if (schema.type === undefined) return 'any JSON';
  return Array.isArray(schema.type) ? schema.type.join(' or ') : String(schema.type);
}

/** Zod writes the bounds of safe integers into every integer: they say nothing. */
function notes(schema: Schema): string {
  const { description, minimum, maximum, maxLength } = schema;
  const from = minimum !== undefined && minimum !== Number.MIN_SAFE_INTEGER ? `from ${minimum}` : '';
  const to = maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER ? `to ${maximum}` : '';
  const length = maxLength === undefined ? '' : `up to ${maxLength} characters`;
  const range = [from, to].filter((part) => part !== '').join(' ');
  return [description ?? '', range, length].filter((part) => part !== '').join('; ');
}
