// Client of the stream scenario: sends one request and counts the lines and bytes of the answer as they come;
// with `parses` it reads each line as an application would.
import { request } from 'node:http';
import { answer } from './answer.mjs';

const LINE_END = 0x0a;

answer({
  read: ({ port, sql, path = '/api/v1/query', body = { sql, timeout_ms: 600_000 }, parses = false }) =>
    new Promise((resolve, reject) => {
      const startedAt = performance.now();
      const call = request(
        {
          host: '127.0.0.1',
          port,
          path,
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: 'application/x-ndjson' },
        },
        (response) => {
          let lines = 0;
          let bytes = 0;
          let tail = '';
          let begun = '';
          response.on('data', (piece) => {
            bytes += piece.length;
            if (parses) {
              const texts = (begun + piece.toString('utf8')).split('\n');
              begun = texts.pop();
              for (const text of texts) JSON.parse(text);
            }
            for (let at = piece.indexOf(LINE_END); at !== -1; at = piece.indexOf(LINE_END, at + 1)) lines++;
            tail = piece.utf8Slice(Math.max(0, piece.length - 200));
          });
          response.on('end', () => {
            if (response.statusCode === 200)
              resolve({ lines, bytes, tail, ms: performance.now() - startedAt });
            else reject(new Error(`status ${response.statusCode}: ${tail}`));
          });
          response.on('error', reject);
        },
      );
      call.on('error', reject);
      call.end(JSON.stringify(body));
    }),
});
