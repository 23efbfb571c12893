/** Which texts are commands on declared tables, and so none of Cypher: told by their first words, since every text is asked. */

/** White space and comments in front of the first word. */
const LEAD = /(?:\s|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/)*/y;

/** With their first letters the texts that may be one; a pattern of each word would cost every query more. */
const FIRST_LETTERS = /[CDAILEUcdaileu]/y;

const GAP = '(?:\\s|//[^\\r\\n]*|/\\*[\\s\\S]*?\\*/)+';

/** Functions behind CALL that tell of the catalog. */
export const CATALOG_CALLS = [
  'show_tables',
  'table_info',
  'show_connection',
  'show_functions',
  'show_indexes',
  'show_sequences',
  'show_macros',
  'show_attached_databases',
  'show_loaded_extensions',
  'show_official_extensions',
  'show_warnings',
  'clear_warnings',
  'db_version',
  'catalog_version',
  'current_setting',
] as const;
export type CatalogCall = (typeof CATALOG_CALLS)[number];

const COMMANDS = new RegExp(
  [
    `CREATE${GAP}(?:NODE|REL|RDFGRAPH|SEQUENCE|MACRO|TYPE|GRAPH)\\b`,
    `DROP${GAP}(?:TABLE|SEQUENCE|MACRO|GRAPH)\\b`,
    `ALTER${GAP}TABLE\\b`,
    `COPY\\b`,
    `COMMENT${GAP}ON\\b`,
    `CALL${GAP}(?:${CATALOG_CALLS.join('|')})\\s*\\(`,
    // Settings: CALL threads = 4.
    `CALL${GAP}\\w+\\s*=`,
    `(?:INSTALL|UNINSTALL|ATTACH|CHECKPOINT)\\b`,
    `DETACH${GAP}(?!DELETE\\b)\\w+`,
    `(?:EXPORT|IMPORT)${GAP}DATABASE\\b`,
    `UPDATE${GAP}EXTENSION\\b`,
    `LOAD${GAP}(?!CSV\\b)\\w+`,
    `USE${GAP}(?:GRAPH${GAP})?\\w+\\s*;?\\s*$`,
  ]
    .map((one) => `(?:${one})`)
    .join('|'),
  'iy',
);

/**
 * True for the commands of graph.define: declarations of tables, COPY, calls that tell of the catalog, and what systems
 * with such tables know beside them and is refused by name.
 */
export function isTableCommand(text: string): boolean {
  FIRST_LETTERS.lastIndex = 0;
  const first = text.charCodeAt(0);
  // Most texts begin with their first word.
  const isPlain = (first >= 0x41 && first <= 0x5a) || (first >= 0x61 && first <= 0x7a);
  if (isPlain && !FIRST_LETTERS.test(text)) return false;
  LEAD.lastIndex = 0;
  LEAD.test(text);
  COMMANDS.lastIndex = LEAD.lastIndex;
  return COMMANDS.test(text);
}
