/** The forms of BLOB, for the reference page. `ARTIFACT` stands for the id that the first statement of a setup answers. */
import type { Form } from '../form.ts';

const LOG = "BLOB PUT 'log.txt' 'engines nominal' TAG 'daily' LINK 'ship:1'";
const setup = [LOG];

export const BLOB_FORMS = [
  {
    name: 'BLOB PUT',
    kind: 'blob-put',
    syntax:
      "BLOB PUT filename [DATA] 'content' [TYPE content_type] [BY creator] [LINK entity, …] [TAG tag, …]",
    summary:
      'Stores a text as an artifact. Answers its id. Larger ones, and those that are no text, are uploaded by BlobService.',
    examples: [
      { statement: LOG },
      { statement: `BLOB PUT 'config.json' DATA '{"key": "value"}' TYPE 'application/json' BY 'admin'` },
    ],
  },
  {
    name: 'BLOB GET',
    kind: 'blob-get',
    syntax: 'BLOB GET artifact',
    summary: 'Answers the content.',
    examples: [{ setup, statement: "BLOB GET 'ARTIFACT'" }],
  },
  {
    name: 'BLOB DELETE',
    kind: 'blob-delete',
    syntax: 'BLOB DELETE artifact',
    summary: 'Removes an artifact.',
    examples: [{ setup, statement: "BLOB DELETE 'ARTIFACT'" }],
  },
  {
    name: 'BLOB INFO',
    kind: 'blob-info',
    syntax: 'BLOB INFO artifact',
    summary: 'Answers size, checksum, times, tags, links and metadata.',
    examples: [{ setup, statement: "BLOB INFO 'ARTIFACT'" }],
  },
  {
    name: 'BLOB LINK',
    kind: 'blob-link',
    syntax: 'BLOB LINK artifact TO entity',
    summary: 'Links an artifact with an entity.',
    examples: [{ setup, statement: "BLOB LINK 'ARTIFACT' TO 'user:alice'" }],
  },
  {
    name: 'BLOB UNLINK',
    kind: 'blob-unlink',
    syntax: 'BLOB UNLINK artifact FROM entity',
    summary: 'Removes a link.',
    examples: [{ setup, statement: "BLOB UNLINK 'ARTIFACT' FROM 'ship:1'" }],
  },
  {
    name: 'BLOB LINKS',
    kind: 'blob-links',
    syntax: 'BLOB LINKS artifact',
    summary: 'Answers the keys of the entities an artifact is linked with.',
    examples: [{ setup, statement: "BLOB LINKS 'ARTIFACT'" }],
  },
  {
    name: 'BLOB TAG',
    kind: 'blob-tag',
    syntax: 'BLOB TAG artifact tag',
    summary: 'Adds a tag.',
    examples: [{ setup, statement: "BLOB TAG 'ARTIFACT' 'important'" }],
  },
  {
    name: 'BLOB UNTAG',
    kind: 'blob-untag',
    syntax: 'BLOB UNTAG artifact tag',
    summary: 'Removes a tag.',
    examples: [{ setup, statement: "BLOB UNTAG 'ARTIFACT' 'daily'" }],
  },
  {
    name: 'BLOB META SET',
    kind: 'blob-meta-set',
    syntax: 'BLOB META SET artifact key value',
    summary: 'Sets one entry of the metadata, a text.',
    examples: [{ setup, statement: "BLOB META SET 'ARTIFACT' department engineering" }],
  },
  {
    name: 'BLOB META GET',
    kind: 'blob-meta-get',
    syntax: 'BLOB META GET artifact key',
    summary: 'Answers one entry of the metadata.',
    examples: [
      {
        setup: [LOG, "BLOB META SET 'ARTIFACT' department engineering"],
        statement: "BLOB META GET 'ARTIFACT' department",
      },
    ],
  },
  {
    name: 'BLOB VERIFY',
    kind: 'blob-verify',
    syntax: 'BLOB VERIFY artifact',
    summary: 'Reads an artifact and compares it with its checksum: OK or INVALID.',
    examples: [{ setup, statement: "BLOB VERIFY 'ARTIFACT'" }],
  },
  {
    name: 'BLOB GC',
    kind: 'blob-gc',
    syntax: 'BLOB GC [FULL]',
    summary: 'Removes content that no artifact has any more: one bounded step of it, or all with FULL.',
    examples: [{ statement: 'BLOB GC FULL' }],
  },
  {
    name: 'BLOB REPAIR',
    kind: 'blob-repair',
    syntax: 'BLOB REPAIR',
    summary: 'Checks that artifacts and content belong together, and puts right what does not.',
    examples: [{ statement: 'BLOB REPAIR' }],
  },
  {
    name: 'BLOB STATS',
    kind: 'blob-stats',
    syntax: 'BLOB STATS',
    summary: 'Answers how many artifacts there are, their bytes, and how much identical content saves.',
    examples: [{ statement: 'BLOB STATS' }],
  },
  {
    name: 'BLOB INIT',
    kind: 'blob-init',
    syntax: 'BLOB INIT',
    summary: 'Does nothing: the store of artifacts is always there.',
    examples: [{ statement: 'BLOB INIT' }],
  },
] as const satisfies readonly Form[];
