/** An order of nodes that looks random and is the same for the same seed. */

/** Zero is where the generator below would stay for ever. */
const NOT_ZERO = 0x9e3779b9;

/** The numbers from zero, mixed (xorshift, 32 bits). */
export function shuffled(length: number, seed: number): Int32Array {
  const order = Int32Array.from({ length }, (_, at) => at);
  let state = (seed ^ NOT_ZERO) | 0 || NOT_ZERO;
  for (let at = length - 1; at > 0; at--) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const other = (state >>> 0) % (at + 1);
    const moved = order[at] as number;
    order[at] = order[other] as number;
    order[other] = moved;
  }
  return order;
}
