/**
 * The page docs/reference/limits.md: values from the table of src/base/limits.ts, headings and reasons from its
 * comments. So the file is written in a fixed form: `// Heading`, `/** Reason. *\/`, `name: value,`.
 */
import { readFileSync } from 'node:fs';
import { LIMITS } from '../../src/base/index.ts';
import { generatedFrom, table } from './markdown.ts';

interface Bound {
  readonly name: string;
  readonly reason: string;
}

interface Section {
  readonly heading: string;
  readonly bounds: Bound[];
}

export function limitsPage(): string {
  const source = readFileSync(new URL('../../src/base/limits.ts', import.meta.url), 'utf8');
  const sections = sectionsOf(source);
  const documented = sections.flatMap((section) => section.bounds.map((bound) => bound.name));
  const missing = Object.keys(LIMITS).filter((name) => !documented.includes(name));
  if (missing.length > 0)
    throw new Error(`src/base/limits.ts: cannot read the lines of ${missing.join(', ')}`);
  return `# Limits

${generatedFrom('src/base/limits.ts')}

Every bound of the server. The unit is part of the name. Those that are options as well (see [config.md](config.md))
show their default here. An error that a bound causes names it.

${sections.map(sectionText).join('\n\n')}
`;
}

function sectionText({ heading, bounds }: Section): string {
  const rows = bounds.map(({ name, reason }) => [`\`${name}\``, valueText(name), reason]);
  return `## ${heading}\n\n${table(['Name', 'Value', 'Reason'], rows)}`;
}

function valueText(name: string): string {
  const value: unknown = Reflect.get(LIMITS, name);
  return typeof value === 'number' ? value.toLocaleString('en-US') : String(value);
}

/** Reads the body of the table line by line. A reason belongs to the bound right below it. */
export function sectionsOf(source: string): Section[] {
  const body = source.slice(source.indexOf('export const LIMITS'));
  const sections: Section[] = [];
  let reason = '';
  let open = false;
  for (const line of body.split('\n').map((text) => text.trim())) {
    const heading = /^\/\/ (.+)$/.exec(line)?.[1];
    const bound = /^(\w+): /.exec(line)?.[1];
    if (heading !== undefined && !open) {
      sections.push({ heading, bounds: [] });
      reason = '';
    } else if (open || line.startsWith('/**')) {
      const text = line.replace(/^\/\*\*\s*|^\*(?!\/)\s*/, '').replace(/\s*\*\/$/, '');
      reason = open ? `${reason} ${text}`.trim() : text;
      open = !line.endsWith('*/');
    } else if (bound !== undefined) {
      sections.at(-1)?.bounds.push({ name: bound, reason });
      reason = '';
    }
  }
  return sections.filter((section) => section.bounds.length > 0);
}
