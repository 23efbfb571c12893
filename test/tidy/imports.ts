/** Import and re-export statements of a file, static, dynamic and in types, with the file each one leads to. */
import { posix } from 'node:path';
import type { SourceFile } from './repository.ts';
import { lineOf } from './scan.ts';

export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** Path from the root for a relative specifier, undefined for a package or a built-in module. */
  readonly target: string | undefined;
}

/** Each pattern ends at the opening quote, where the scanned string is looked up. */
const FORMS = [
  /\bimport\s+(?:type\s+)?[\w$*{}\s,]+?\s*\bfrom\s*(?=['"])/g,
  /\bimport\s*(?=['"])/g,
  /\bimport\s*\(\s*(?=['"`])/g,
  /\bexport\s+(?:type\s+)?(?:\*(?:\s+as\s+[\w$]+)?|\{[^}]*\})\s*from\s*(?=['"])/g,
  /\brequire\s*\(\s*(?=['"`])/g,
];

export function importsOf(file: SourceFile): Import[] {
  const strings = new Map(file.strings.map((string) => [string.start, string.text]));
  const found: Import[] = [];
  for (const form of FORMS) {
    for (const match of file.code.matchAll(form)) {
      const quoteAt = match.index + match[0].length;
      const specifier = strings.get(quoteAt);
      if (specifier === undefined) continue;
      found.push({
        specifier,
        line: lineOf(file.text, match.index),
        target: specifier.startsWith('.') ? posix.join(posix.dirname(file.path), specifier) : undefined,
      });
    }
  }
  return found.sort((left, right) => left.line - right.line);
}
