/** The page docs/reference/errors.md, from the table of codes in src/base/errors.ts. */
import { ERROR_CODES, ERROR_KINDS, type ErrorKind, RETIRED_CODES } from '../../src/base/index.ts';
import { generatedFrom, table } from './markdown.ts';

/** What a caller can do about each kind. Total: a new kind needs its sentence. */
const KIND_MEANINGS: Readonly<Record<ErrorKind, string>> = {
  invalid: 'The request is wrong. Change it.',
  unauthenticated: 'The caller is not known. Send credentials.',
  forbidden: 'The caller is known and may not do this.',
  not_found: 'The thing that the request names does not exist.',
  exists: 'A thing of that name or value exists already.',
  state: 'The request does not fit the present state of the data.',
  retry: 'The request lost to another one. Send it again, a transaction from its beginning.',
  limit: 'A bound is reached. The message names it.',
  timeout: 'There was not enough time.',
  cancelled: 'Somebody cancelled the request.',
  unavailable: 'The server cannot answer now. Try again later.',
  unsupported: 'Facet does not offer this.',
  internal: 'A fault of the server. Nothing the caller can change.',
};

export function errorsPage(): string {
  const codes = Object.entries(ERROR_CODES);
  const sections = ERROR_KINDS.map((kind) => {
    const rows = codes
      .filter(([, entry]) => entry.kind === kind)
      .map(([code, entry]) => [`\`${code}\``, entry.advice]);
    return `## ${kind}\n\n${KIND_MEANINGS[kind]}\n\n${table(['Code', 'When, and what to do'], rows)}`;
  });
  const retired =
    RETIRED_CODES.length === 0 ? 'None so far.' : RETIRED_CODES.map((code) => `\`${code}\``).join(', ');
  return `# Errors

${generatedFrom('src/base/errors.ts')}

Every error has a kind, which says what a caller can do about it, and a code, which says what happened. Codes are
stable: they are never renamed and never reused. Each dialect turns them into the words of its own contract. Errors of
the kinds \`retry\` and \`unavailable\` are marked retryable: the same request may succeed if it is sent again.

${sections.join('\n\n')}

## Retired codes

Codes of earlier releases, kept so that they do not come back with another meaning. ${retired}
`;
}
