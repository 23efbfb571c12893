// Client of the Bolt scenarios: Neo4j's own driver, as an application uses it. `point` runs a query with a random number
// again and again, one session for each caller; `rows` reads one result to its end; `stall` begins to read one and stops.
import neo4j from 'neo4j-driver';
import { answer, timedInFlight } from './answer.mjs';

const open = (port, callers) =>
  neo4j.driver(`bolt://127.0.0.1:${port}`, undefined, {
    maxConnectionPoolSize: callers,
    disableLosslessIntegers: true,
    telemetryDisabled: true,
  });

/** How a caller asks: by itself, or in a managed transaction as `executeQuery` makes one. */
const RUNS = {
  session: (session, query, n) => session.run(query, { n }),
  managed: (session, query, n) => session.executeRead((transaction) => transaction.run(query, { n })),
};

answer({
  async point({ port, query, idMax, callers, ms, how = 'session' }) {
    const driver = open(port, callers);
    const sessions = Array.from({ length: callers }, () =>
      driver.session({ defaultAccessMode: how === 'managed' ? neo4j.session.READ : neo4j.session.WRITE }),
    );
    let turn = 0;
    const idle = [...sessions];
    const result = await timedInFlight(callers, ms, async () => {
      const session = idle.pop();
      const n = 1 + Math.floor(Math.random() * idMax);
      const { records } = await RUNS[how](session, query, neo4j.int(n));
      if (turn++ % 100 === 0 && (records.length !== 1 || records[0].get(0) !== n)) {
        throw new Error(`wrong records for ${n}: ${JSON.stringify(records)}`);
      }
      idle.push(session);
    });
    await driver.close();
    return result;
  },
  async rows({ port, query, fetchSize }) {
    const driver = open(port, 1);
    const session = driver.session({ fetchSize });
    const startedAt = performance.now();
    let rows = 0;
    await new Promise((resolve, reject) => {
      session.run(query).subscribe({
        onNext: () => {
          rows++;
        },
        onCompleted: resolve,
        onError: reject,
      });
    });
    const ms = performance.now() - startedAt;
    await driver.close();
    return { rows, ms };
  },
  /** Begins to read, then takes nothing for `ms` milliseconds, then leaves. */
  async stall({ port, query, fetchSize, ms }) {
    const driver = open(port, 1);
    const session = driver.session({ fetchSize });
    const rows = session.run(query)[Symbol.asyncIterator]();
    await rows.next();
    await new Promise((resolve) => setTimeout(resolve, ms));
    await rows.return?.();
    await driver.close();
  },
});
