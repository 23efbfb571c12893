// How a program of the bench talks to the one that started it: a request comes as a message, its handler answers.

/** @param {Record<string, (request: any) => Promise<unknown>>} handlers by the member `do` of a request */
export function answer(handlers) {
  process.on('message', async (request) => {
    try {
      process.send({ answer: await handlers[request.do](request) });
    } catch (error) {
      process.send({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.on('disconnect', () => process.exit(0));
  // An end by a signal alone would leave no profile behind.
  process.on('SIGTERM', () => process.exit(0));
}

/** Runs `callers` loops of `once` for `ms` milliseconds and reports how many calls a second ended well. */
export async function inFlight(callers, ms, once) {
  const startedAt = performance.now();
  const until = startedAt + ms;
  let count = 0;
  const caller = async () => {
    while (performance.now() < until) {
      await once();
      count++;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return { rate: (count * 1000) / (performance.now() - startedAt) };
}

/** As inFlight, with the median and the 99th percentile of the time that a call took, in ms. */
export async function timedInFlight(callers, ms, once) {
  const timesMs = [];
  const { rate } = await inFlight(callers, ms, async () => {
    const startedAt = performance.now();
    await once();
    timesMs.push(performance.now() - startedAt);
  });
  return { rate, details: timesOf(timesMs) };
}

/** The median and the 99th percentile of times in ms. */
export function timesOf(timesMs) {
  const sorted = Float64Array.from(timesMs).sort();
  const at = (share) => sorted[Math.floor(sorted.length * share)];
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}
