/** Counts verdicts and says them: a table of categories, the reasons of what failed, and one line for each in a file. */
import type { Verdict } from './scenario.ts';

export interface Verdicted {
  readonly category: string;
  /** Of the feature file. */
  readonly path: string;
  readonly feature: string;
  readonly name: string;
  readonly line: number;
  /** Position in its outline. */
  readonly example: number | undefined;
  /** The same for all rows of an outline. */
  readonly block: string;
  readonly verdict: Verdict;
}

export interface Counts {
  pass: number;
  wrong: number;
  error: number;
  skip: number;
}

export const countOutcomes = (list: readonly Verdicted[]): Counts => {
  const counts = { pass: 0, wrong: 0, error: 0, skip: 0 };
  for (const { verdict } of list) counts[verdict.outcome]++;
  return counts;
};

/** A block passes when all of it passes, is skipped when nothing of it ran, and fails in the worst way of its rows. */
export function countBlocks(list: readonly Verdicted[]): Counts {
  const counts = { pass: 0, wrong: 0, error: 0, skip: 0 };
  for (const rows of grouped(list, ({ block }) => block).values()) {
    const rowCounts = countOutcomes(rows);
    const outcome =
      rowCounts.wrong > 0 ? 'wrong' : rowCounts.error > 0 ? 'error' : rowCounts.pass > 0 ? 'pass' : 'skip';
    counts[outcome]++;
  }
  return counts;
}

const COLUMNS = ['category', 'expanded', 'pass', 'wrong', 'error', 'skipped', 'rate'] as const;

/** Lines of the table, of the totals and of the reasons for skipping. Not the last line. */
export function summaryLines(list: readonly Verdicted[]): string[] {
  const categories = [...grouped(list, ({ category }) => category)].sort(([a], [b]) => (a < b ? -1 : 1));
  const rows = categories.map(([category, members]) => countsRow(category, countOutcomes(members)));
  const totals = [
    countsRow('expanded', countOutcomes(list)),
    countsRow('blocks', countBlocks(list)),
    meanRow(categories.map(([, members]) => countOutcomes(members))),
  ];
  const cells = [[...COLUMNS], ...rows, [], ...totals];
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const table = cells.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  return [...table, ...skipLines(list)];
}

function countsRow(title: string, { pass, wrong, error, skip }: Counts): string[] {
  const all = pass + wrong + error + skip;
  return [title, ...[all, pass, wrong, error, skip].map(String), rateText(rateOf(pass, all - skip))];
}

/** The mean of the categories, so that the large ones do not speak for all. */
function meanRow(counts: readonly Counts[]): string[] {
  const rates = counts
    .filter(({ pass, wrong, error }) => pass + wrong + error > 0)
    .map(({ pass, wrong, error }) => rateOf(pass, pass + wrong + error));
  const mean = rateOf(
    rates.reduce((sum, rate) => sum + rate, 0),
    rates.length,
  );
  return ['mean of categories', '', '', '', '', '', rateText(mean)];
}

const rateOf = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
/** Rounded down: 100.0% is said of what is complete. */
const rateText = (rate: number): string => `${(Math.floor(rate * 1000) / 10).toFixed(1)}%`;

function skipLines(list: readonly Verdicted[]): string[] {
  return list.flatMap(({ verdict, ...scenario }) =>
    verdict.outcome === 'skip' ? [`skipped: ${placeOf(scenario)}: ${verdict.reason}`] : [],
  );
}

/** Reasons of what failed, as many scenarios as asked for, then how many more there are. */
export function failureLines(list: readonly Verdicted[], scenariosMax: number): string[] {
  const failures = list.flatMap(({ verdict, ...scenario }) =>
    verdict.outcome === 'wrong' || verdict.outcome === 'error'
      ? [`${verdict.outcome}: ${placeOf(scenario)}\n    ${verdict.reason}`]
      : [],
  );
  const more = failures.length - scenariosMax;
  return [...failures.slice(0, scenariosMax), ...(more > 0 ? [`and ${more} more failures`] : [])];
}

const placeOf = ({ path, line, name }: Omit<Verdicted, 'verdict'>): string => `${path}:${line} ${name}`;

/** One object per scenario: where it stands, its outcome and the reason. */
export const reportLine = ({ verdict, block: _, ...scenario }: Verdicted): string =>
  `${JSON.stringify({ ...scenario, ...verdict })}\n`;

/** The line that ends a run: `N passed, N failed[, N skipped]`. */
export function closingLine(list: readonly Verdicted[]): string {
  const { pass, wrong, error, skip } = countOutcomes(list);
  return `${pass} passed, ${wrong + error} failed${skip > 0 ? `, ${skip} skipped` : ''}`;
}

function grouped<T>(list: readonly T[], keyOf: (member: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const member of list) {
    const group = groups.get(keyOf(member));
    if (group === undefined) groups.set(keyOf(member), [member]);
    else group.push(member);
  }
  return groups;
}
