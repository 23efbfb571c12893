/** A program that runs one embedded server until it is killed. Argument: the data directory, or nothing. */
import { ignoreObservations } from '../../../src/base/index.ts';
import { startEmbedded } from '../../../src/engine/embedded/index.ts';

const [, , dataDirectory = ''] = process.argv;
try {
  const server = await startEmbedded({
    ...(dataDirectory === '' ? {} : { dataDirectory }),
    durable: dataDirectory !== '',
    observe: ignoreObservations,
  });
  const { socketDirectory, port, pid } = server;
  // What Facet does at Ctrl-C: it goes on with its work, and stops PostgreSQL when that is done (here: at SIGTERM).
  process.on('SIGINT', () => {});
  process.once('SIGTERM', () => {
    server.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
  // Last: the reader may send a signal as soon as it has this line.
  process.stdout.write(
    `${JSON.stringify({ socketDirectory, port, pid, dataDirectory: server.dataDirectory })}\n`,
  );
} catch (error) {
  process.stderr.write(`${String(error)}\n${JSON.stringify(error)}\n`);
  process.exitCode = 1;
}
