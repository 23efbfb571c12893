// The HTTP client that an application on Node.js has, `fetch` with its pool of connections, as the peer of drivers that are
// libraries as well: the answer is parsed, as a driver does.
import { answer, timedInFlight } from './answer.mjs';

answer({
  fetched: ({ port, path, query, idMax, callers, ms }) => {
    let turn = 0;
    return timedInFlight(callers, ms, async () => {
      const n = 1 + Math.floor(Math.random() * idMax);
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, params: { n } }),
      });
      const { rows } = await response.json();
      if (turn++ % 100 === 0 && (rows.length !== 1 || rows[0].n !== n)) {
        throw new Error(`wrong rows for ${n}: ${JSON.stringify(rows)}`);
      }
    });
  },
});
