/** Finds the name that was probably meant, for the hint of an error. */

/** Steps of inserting, removing or replacing one character that turn one text into the other. */
const distance = (left: string, right: string): number => {
  let previous = Array.from({ length: right.length + 1 }, (_, at) => at);
  for (let i = 0; i < left.length; i += 1) {
    const current = [i + 1];
    for (let j = 0; j < right.length; j += 1) {
      const replaced = (previous[j] ?? 0) + (left[i] === right[j] ? 0 : 1);
      current.push(Math.min(replaced, (previous[j + 1] ?? 0) + 1, (current[j] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
};

/** At most this many steps, and less than half of the word: `cuont` means count, `ab` does not mean abs. */
const STEPS_MAX = 2;

/** A hint such as `Did you mean count?`; undefined if nothing is near. Names longer than any real one are not looked at. */
export const didYouMean = (name: string, known: Iterable<string>): string | undefined => {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestSteps = Math.min(STEPS_MAX, Math.floor((wanted.length - 1) / 2)) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - wanted.length) >= bestSteps) continue;
    const steps = distance(wanted, candidate.toLowerCase());
    if (steps < bestSteps) {
      best = candidate;
      bestSteps = steps;
    }
  }
  return best === undefined ? undefined : `Did you mean ${best}?`;
};
