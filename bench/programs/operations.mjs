// What programs that work with the models in their own process share.

/** A function that runs operations as an administrator, with what the gate would give them; `more` takes the place of that. */
export const operationsOn = (store, database, more = {}) => {
  const { signal } = new AbortController();
  const context = {
    store,
    database,
    transaction: undefined,
    principal: { name: 'bench', role: 'admin' },
    requestId: 'req_00000000',
    signal,
    observe: () => {},
    server: {},
    ...more,
  };
  return (operation, input) => operation.run(context, input);
};

/** Vectors of numbers from -1 to 1 by Mulberry32, the same ones in each run. */
export function uniformVectors(dimensions) {
  let state = 20_260_101;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
  return () => Float32Array.from({ length: dimensions }, uniform);
}
