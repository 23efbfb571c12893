/**
 * Turns the blocks of a feature into the scenarios that are run: an outline becomes one for each row of its examples,
 * and the steps of the background come first in each. Placeholders are replaced as Gherkin's own compiler does it: only
 * names of the header are placeholders, one after the other, in texts, doc strings and every cell; so `<x>` inside a
 * path literal stays what it is.
 */
import type { Block, Feature, Step } from './gherkin.ts';

export interface Scenario {
  /** Of the block, with placeholders replaced. */
  readonly name: string;
  /** Of the scenario or of its row of examples, counted from one. */
  readonly line: number;
  /** Of the block that it comes from: the same for all rows of an outline. */
  readonly blockLine: number;
  /** Position in its outline counted from one; undefined for a plain scenario. */
  readonly example: number | undefined;
  readonly tags: ReadonlySet<string>;
  readonly steps: readonly Step[];
}

export function expand(feature: Feature): Scenario[] {
  return feature.blocks.flatMap((block) => expandBlock(feature, block));
}

function expandBlock(feature: Feature, block: Block): Scenario[] {
  const tags = [...feature.tags, ...block.tags];
  // A background prepares steps; without any there is nothing to prepare.
  const background = block.steps.length === 0 ? [] : feature.background;
  if (block.examples.length === 0) {
    return [
      {
        name: block.name,
        line: block.line,
        blockLine: block.line,
        example: undefined,
        tags: new Set(tags),
        steps: [...background, ...block.steps],
      },
    ];
  }
  let example = 0;
  return block.examples.flatMap((examples) =>
    examples.rows.map((row) => {
      const replace = replacement(examples.header, row.cells);
      return {
        name: replace(block.name),
        line: row.line,
        blockLine: block.line,
        example: ++example,
        tags: new Set([...tags, ...examples.tags]),
        steps: [...background, ...block.steps.map((step) => replaceIn(step, replace))],
      };
    }),
  );
}

function replacement(header: readonly string[], cells: readonly string[]): (text: string) => string {
  const pairs = header.map((name, index) => ({ mark: `<${name}>`, value: cells[index] ?? '' }));
  return (text) =>
    text.includes('<')
      ? pairs.reduce((done, { mark, value }) => done.replaceAll(mark, () => value), text)
      : text;
}

const replaceIn = (step: Step, replace: (text: string) => string): Step => ({
  text: replace(step.text),
  line: step.line,
  docString: step.docString === undefined ? undefined : replace(step.docString),
  table: step.table?.map((row) => row.map(replace)),
});
