/**
 * From the tree of a regular expression to a program of an automaton with many states at once: each instruction tests
 * a character or a place, or goes on at one or two others. Counted repetitions are written out, which is why the
 * length is bounded.
 */
import { LIMITS } from '../../../base/index.ts';
import { badRegex, type CharacterTest, type PlaceTest, type Regex } from './tree.ts';

export type Instruction =
  | { readonly kind: 'character'; readonly test: CharacterTest }
  | { readonly kind: 'place'; readonly test: PlaceTest }
  | { readonly kind: 'fork'; first: number; second: number }
  | { readonly kind: 'jump'; to: number }
  | { readonly kind: 'end' };

export interface Program {
  readonly instructions: readonly Instruction[];
  /** Without tests of places what may follow depends on the characters alone. */
  readonly hasPlaces: boolean;
}

/** @throws ArgumentError InvalidArgumentValue when it is too long */
export function assemble(regex: Regex, pattern: string): Program {
  const instructions: Instruction[] = [];
  // Visits are counted as well, since repeating nothing adds no instruction.
  let visits = 0;

  const emit = (node: Regex): void => {
    visits += 1;
    if (
      visits > LIMITS.cypherRegexInstructionsMax ||
      instructions.length > LIMITS.cypherRegexInstructionsMax
    ) {
      throw badRegex(
        pattern,
        `is too large: written out it has over ${LIMITS.cypherRegexInstructionsMax} parts`,
      );
    }
    switch (node.kind) {
      case 'character':
      case 'place':
        instructions.push(node);
        return;
      case 'sequence':
        node.parts.forEach(emit);
        return;
      case 'choice':
        emitChoice(node.options);
        return;
      case 'repeat':
        emitRepeat(node);
        return;
    }
  };

  const emitChoice = (options: readonly Regex[]): void => {
    const jumps: { to: number }[] = [];
    options.forEach((option, index) => {
      if (index === options.length - 1) {
        emit(option);
        return;
      }
      const fork = { kind: 'fork' as const, first: instructions.length + 1, second: 0 };
      instructions.push(fork);
      emit(option);
      const jump = { kind: 'jump' as const, to: 0 };
      instructions.push(jump);
      jumps.push(jump);
      fork.second = instructions.length;
    });
    for (const jump of jumps) jump.to = instructions.length;
  };

  const emitRepeat = ({
    of,
    min,
    max,
  }: {
    readonly of: Regex;
    readonly min: number;
    readonly max: number;
  }): void => {
    for (let done = 0; done < min; done += 1) emit(of);
    if (max === Number.POSITIVE_INFINITY) {
      const at = instructions.length;
      const fork = { kind: 'fork' as const, first: at + 1, second: 0 };
      instructions.push(fork);
      emit(of);
      instructions.push({ kind: 'jump', to: at });
      fork.second = instructions.length;
      return;
    }
    const forks: { second: number }[] = [];
    for (let done = min; done < max; done += 1) {
      const fork = { kind: 'fork' as const, first: instructions.length + 1, second: 0 };
      instructions.push(fork);
      forks.push(fork);
      emit(of);
    }
    for (const fork of forks) fork.second = instructions.length;
  };

  emit(regex);
  instructions.push({ kind: 'end' });
  return { instructions, hasPlaces: instructions.some(({ kind }) => kind === 'place') };
}
