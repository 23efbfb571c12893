/** Small pieces of Markdown that the generated pages have in common. */

export const generatedFrom = (source: string): string => `<!-- Generated from ${source}. Do not edit. -->`;

/** A table whose cells may hold any text. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
