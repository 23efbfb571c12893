/** What the lexer hands to the parser: tokens, and the words that mean something in Cypher. */

export type TokenKind =
  | 'name'
  /** A name in backticks: never a keyword. */
  | 'quoted-name'
  | 'string'
  | 'integer'
  | 'float'
  | 'parameter'
  | 'symbol'
  /** Text that is no token. It is reported when the parser gets to it, so that the first mistake is the one told. */
  | 'fault'
  | 'end';

/** What is wrong with a `fault`. */
export interface Fault {
  /** openCypher's detail. */
  readonly reason: string;
  /** Without the position: `The string is not closed`. */
  readonly message: string;
  readonly hint: string | undefined;
  /** A number that is none is just unexpected where no number may stand. */
  readonly isNumber: boolean;
}

export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  /** The content: a name without backticks, a string with its escapes resolved, a parameter without `$`. */
  readonly text: string;
  /** The symbol, '' for everything that is none. */
  readonly symbol: string;
  /** In upper case if the name is one of KEYWORDS, else ''. */
  readonly keyword: string;
  /** The value of a number. An integer may be 2^63, which is legal behind a minus only. */
  readonly number: bigint | number;
  readonly fault: Fault | undefined;
  /** Of an opening bracket: the index of the token that closes it, -1 if none does. */
  match: number;
}

/**
 * Words that no variable can have for a name where the word itself could stand. They are still fine as keys, labels,
 * types, aliases and names of functions; backticks make them fine everywhere.
 */
export const RESERVED: ReadonlySet<string> = new Set(
  `AND AS CASE CONTAINS CREATE DELETE DETACH DISTINCT ELSE ENDS FALSE IN IS LIMIT MATCH MERGE NOT NULL ON OPTIONAL OR
  ORDER REMOVE RETURN SET SKIP STARTS THEN TRUE UNION UNWIND WHEN WHERE WITH XOR`.split(/\s+/),
);

const UNRESERVED =
  `ALL ALLSHORTESTPATHS ANY ASC ASCENDING ASSERT BY CALL COLLECT CONCURRENT CONSTRAINT CONSTRAINTS COUNT
  CSV CYPHER DESC DESCENDING DO DROP EACH END EXISTS EXPLAIN EXTRACT FIELDTERMINATOR FILTER FINISH FOR FOREACH FROM
  FULLTEXT HEADERS IF INDEX INDEXES INSERT KEY LET LOAD LOOKUP NODE NODETACH NONE NORMALIZED OFFSET OPTIONS POINT
  PROFILE RANGE REDUCE REL RELATIONSHIP REQUIRE SHORTEST SHORTESTPATH SHOW SINGLE START TEXT TRANSACTIONS TYPED UNIQUE
  USE USING VECTOR YIELD
  ALIAS ALTER BTREE DATABASE GRANT DENY REVOKE ROLE SERVER USER TERMINATE`.split(/\s+/);

/** What a word that cannot stand where it stands was perhaps meant to be. */
export const MISSPELLED: readonly string[] =
  `MATCH OPTIONAL WHERE WITH UNWIND CREATE MERGE DELETE DETACH REMOVE RETURN
  ORDER LIMIT SKIP UNION CALL YIELD FOREACH DISTINCT CONTAINS STARTS ENDS SHOW DROP`.split(/\s+/);

const KEYWORDS: ReadonlyMap<string, string> = new Map(
  [...RESERVED, ...UNRESERVED].flatMap((word) => [
    [word, word],
    [word.toLowerCase(), word],
    [word.charAt(0) + word.slice(1).toLowerCase(), word],
  ]),
);

const LETTERS_MAX = Math.max(...[...KEYWORDS.keys()].map((word) => word.length));
const LETTERS = /^[A-Za-z]+$/;

/** The keyword that a bare name is, in upper case; '' if it is none. Only ASCII letters count: `lımıt` is a name. */
export function keywordOf(name: string): string {
  if (name.length > LETTERS_MAX) return '';
  const known = KEYWORDS.get(name);
  if (known !== undefined) return known;
  return LETTERS.test(name) ? (KEYWORDS.get(name.toUpperCase()) ?? '') : '';
}
