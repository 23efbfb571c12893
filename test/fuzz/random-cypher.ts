/**
 * Random small graphs and random queries on them, from a seed. Queries are kept as parts, so that a test can say the
 * same thing in another way. They avoid what may rightly differ between two engines: identities, rand(), the order of
 * rows without ORDER BY, the order of lists that are collected.
 */

/** Numbers from 0 up to but not including 1, the same ones for the same seed. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `least` to `greatest`, both included. */
  whole(least: number, greatest: number): number {
    return least + Math.floor(this.next() * (greatest - least + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  one<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.whole(0, choices.length - 1)] ?? choices[0];
  }
}

const LABELS = ['A', 'B', 'C'] as const;
const VALUES = ['0', '1', '2', '1.0', '1.5', "'a'", "'b'", 'true', '[1, 2]', "date('2026-01-31')"] as const;

const properties = (dice: Dice, names: readonly string[]): string => {
  const entries = names.filter(() => dice.chance(0.7)).map((name) => `${name}: ${dice.one(VALUES)}`);
  return entries.length === 0 ? '' : ` {${entries.join(', ')}}`;
};

/** One CREATE. */
export function randomGraph(dice: Dice): string {
  const nodes = dice.whole(1, 7);
  const parts: string[] = [];
  for (let i = 0; i < nodes; i++) {
    const labels = LABELS.filter(() => dice.chance(0.45)).map((label) => `:${label}`);
    parts.push(`(n${i}${labels.join('')}${properties(dice, ['x', 'y'])})`);
  }
  for (let left = dice.whole(0, 10); left > 0; left--) {
    const [from, to] = [dice.whole(0, nodes - 1), dice.whole(0, nodes - 1)];
    parts.push(`(n${from})-[:${dice.one(['S', 'T'])}${properties(dice, ['w'])}]->(n${to})`);
  }
  return `CREATE ${parts.join(', ')}`;
}

interface Scope {
  readonly nodes: string[];
  readonly relationships: string[];
  readonly lists: string[];
}

export interface MatchClause {
  readonly optional: boolean;
  readonly patterns: readonly string[];
  /** Joined by AND. */
  readonly conditions: readonly string[];
  /** No two patterns can use one relationship, so that each may be a MATCH of its own. */
  readonly divisible: boolean;
}

export interface RandomQuery {
  readonly before: string;
  readonly matches: readonly MatchClause[];
  readonly after: string;
  readonly ordered: boolean;
}

export function randomQuery(dice: Dice): RandomQuery {
  const scope: Scope = { nodes: [], relationships: [], lists: [] };
  const unwound = dice.chance(0.2);
  const before = unwound ? 'UNWIND [0, 1, 2, null] AS u ' : '';
  const matches = [matchClause(dice, scope, false, unwound)];
  while (matches.length < 3 && dice.chance(0.4)) {
    matches.push(matchClause(dice, scope, dice.chance(0.6), unwound));
  }
  return { before, matches, ...projection(dice, scope, unwound) };
}

export const conditionText = (conditions: readonly string[]): string =>
  conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;

export const matchText = ({ optional, patterns, conditions }: MatchClause): string =>
  `${optional ? 'OPTIONAL ' : ''}MATCH ${patterns.join(', ')}${conditionText(conditions)}`;

export const queryText = ({ before, matches, after }: RandomQuery): string =>
  `${before}${matches.map(matchText).join(' ')} ${after}`;

function matchClause(dice: Dice, scope: Scope, optional: boolean, unwound: boolean): MatchClause {
  const divided = dice.chance(0.4);
  const patterns = [pattern(dice, scope, divided ? 'S' : undefined)];
  if (divided || dice.chance(0.25)) patterns.push(pattern(dice, scope, divided ? 'T' : undefined));
  const conditions: string[] = [];
  while (conditions.length < 3 && dice.chance(0.5)) conditions.push(condition(dice, scope, unwound, 0));
  return { optional, patterns, conditions, divisible: divided };
}

function pattern(dice: Dice, scope: Scope, type: string | undefined): string {
  let text = node(dice, scope);
  for (let hops = dice.one([0, 1, 1, 1, 2, 2, 3]); hops > 0; hops--) {
    text += relationship(dice, scope, type) + node(dice, scope);
  }
  return text;
}

const labelTest = (dice: Dice): string =>
  dice.one(['A', 'B', 'C', 'A|B', 'A&B', '!A', 'A&!B', '%', '!(A|C)']);

function node(dice: Dice, scope: Scope): string {
  let name = '';
  if (dice.chance(0.85)) {
    const known = scope.nodes[dice.whole(0, scope.nodes.length * 2)];
    name = known ?? `n${scope.nodes.length}`;
    if (known === undefined) scope.nodes.push(name);
  }
  const label = dice.chance(0.35) ? `:${labelTest(dice)}` : '';
  const map = dice.chance(0.12) ? ` {x: ${dice.one(['0', '1', "'a'", 'null'])}}` : '';
  return `(${name}${label}${map})`;
}

function relationship(dice: Dice, scope: Scope, type: string | undefined): string {
  const long = dice.chance(0.2) ? dice.one(['*1..2', '*0..2', '*1..3', '*2', '*..2', '*0..1']) : '';
  let name = '';
  if (dice.chance(0.5)) {
    const names = long === '' ? scope.relationships : scope.lists;
    name = `${long === '' ? 'r' : 'l'}${names.length}`;
    names.push(name);
  }
  const types = type ?? dice.one(['', '', 'S', 'T', 'S|T', 'U']);
  const map = dice.chance(0.08) ? ` {w: ${dice.one(['0', '1'])}}` : '';
  const inside = `[${name}${types === '' ? '' : `:${types}`}${long}${map}]`;
  return dice.one([`-${inside}->`, `<-${inside}-`, `-${inside}-`]);
}

function condition(dice: Dice, scope: Scope, unwound: boolean, depth: number): string {
  const value = (): string => {
    const names = [...scope.nodes.map((name) => `${name}.${dice.one(['x', 'y'])}`)];
    names.push(...scope.relationships.map((name) => `${name}.w`));
    if (unwound) names.push('u');
    return dice.chance(0.6) ? (names[dice.whole(0, names.length - 1)] ?? '1') : dice.one([...VALUES, 'null']);
  };
  const someNode = scope.nodes[dice.whole(0, Math.max(0, scope.nodes.length - 1))];
  const choices: (() => string)[] = [
    () => `${value()} ${dice.one(['=', '<>', '<', '<=', '>', '>='])} ${value()}`,
    () => `${value()} IS ${dice.one(['', 'NOT '])}NULL`,
    () => `${value()} IN [${value()}, ${value()}]`,
    () =>
      `${dice.one(["'a'", "'ab'", value()])} ${dice.one(['STARTS WITH', 'CONTAINS'])} ${dice.one(["'a'", value()])}`,
  ];
  if (someNode !== undefined) {
    const direction = dice.one([
      '-->()',
      '<--()',
      '--()',
      '-[:S]->(:A)',
      '-[:T*1..2]-(:B)',
      '-[:S]->()-[:T]->()',
    ]);
    choices.push(
      () => `${someNode}:${labelTest(dice)}`,
      () => `(${someNode})${direction}`,
      () => `EXISTS { (${someNode})${direction} }`,
      () => `COUNT { (${someNode})${direction} } ${dice.one(['=', '>', '<'])} ${dice.whole(0, 2)}`,
      () => `EXISTS { MATCH (${someNode})-[q]->(z) WHERE z.x ${dice.one(['=', '<', '<>'])} ${value()} }`,
    );
  }
  if (scope.nodes.length > 1)
    choices.push(() => `${scope.nodes[0]} ${dice.one(['=', '<>'])} ${scope.nodes[1]}`);
  if (depth < 2) {
    const inner = (): string => condition(dice, scope, unwound, depth + 1);
    choices.push(
      () => `(${inner()} ${dice.one(['OR', 'AND', 'XOR'])} ${inner()})`,
      () => `NOT (${inner()})`,
    );
  }
  return `(${(choices[dice.whole(0, choices.length - 1)] ?? (() => 'true'))()})`;
}

/** Values that may be sorted and compared: no entities, whose order is that of their identities. */
function projection(dice: Dice, scope: Scope, unwound: boolean): { after: string; ordered: boolean } {
  const scalars = [
    ...scope.nodes.flatMap((name) => [`${name}.x`, `${name}.y`, `labels(${name})`]),
    ...scope.relationships.flatMap((name) => [`${name}.w`, `type(${name})`]),
    ...scope.lists.map((name) => `size(${name})`),
    ...(unwound ? ['u'] : []),
    '1',
  ];
  const some = (): string => scalars[dice.whole(0, scalars.length - 1)] ?? '1';
  const kind = dice.next();
  if (kind < 0.1) {
    const counted = dice.one(['*', ...scope.nodes, ...scope.nodes.map((name) => `DISTINCT ${name}`)]);
    return { after: `RETURN count(${counted}) AS n`, ordered: false };
  }
  if (kind < 0.25) return { after: 'RETURN *', ordered: false };
  const items = Array.from({ length: dice.whole(1, 3) }, some);
  if (kind < 0.5) {
    const aggregate = dice.one([
      'count(*)',
      `count(${some()})`,
      `count(DISTINCT ${some()})`,
      `min(${some()})`,
      `max(${some()})`,
    ]);
    items.push(aggregate);
  }
  const named = items.map((item, index) => `${item} AS c${index}`).join(', ');
  const names = items.map((_, index) => `c${index}`);
  const distinct = dice.chance(0.3) ? 'DISTINCT ' : '';
  if (dice.chance(0.2)) {
    const filtered = `WITH ${distinct}${named} WHERE c0 ${dice.one(['IS NOT NULL', '> 0', '<> 1'])}`;
    return { after: `${filtered} RETURN ${names.join(', ')}, count(*) AS n`, ordered: false };
  }
  if (dice.chance(0.6)) return { after: `RETURN ${distinct}${named}`, ordered: false };
  const order = names.map((name) => (dice.chance(0.4) ? `${name} DESC` : name)).join(', ');
  const cut = dice.chance(0.5) ? ` SKIP ${dice.whole(0, 2)} LIMIT ${dice.whole(0, 5)}` : '';
  return { after: `RETURN ${distinct}${named} ORDER BY ${order}${cut}`, ordered: true };
}
