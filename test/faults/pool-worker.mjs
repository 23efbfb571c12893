// One worker of a pool, as a process of its own: takes messages from a queue over HTTP, acks most, nacks some, and says
// on its output what it does, a line before and after each step, so that whoever kills it knows how far it came.
// Arguments: address of the server, name of the queue, name of the worker. SIGTERM: no new messages.
const [, , url, queue, consumer] = process.argv;

/** Messages under way at a time. */
const LOOPS = 16;
const NACKED_SHARE = 0.05;
const RETRY_MS = 50;

let stopping = false;
process.on('SIGTERM', () => {
  stopping = true;
});

/** The payload of the answer; undefined when it was refused or did not come. */
async function command(name, payload) {
  try {
    const response = await fetch(`${url}/api/v1/command`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ command: name, payload }),
    });
    const text = await response.text();
    if (response.status === 200) return JSON.parse(text).payload;
    // A lease that has ended, and a server that is about to come back, are part of the game.
    if (response.status !== 404 && response.status !== 503) say('refused', `${response.status} ${text}`);
  } catch {
    // The server is away.
  }
  await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  return undefined;
}

const say = (what, about) => process.stdout.write(`${what} ${about}\n`);

async function work() {
  while (!stopping) {
    const message = (await command('queue.consume', { queue, consumer_id: consumer, timeout: 1 }))?.message;
    if (!message) continue;
    const { number, fate } = JSON.parse(Buffer.from(message.payload).toString('utf8'));
    say('got', number);
    const settled = { queue, message_id: message.id };
    if (fate === 'reject') await command('queue.nack', { ...settled, requeue: false });
    else if (fate === 'fail' || Math.random() < NACKED_SHARE) await command('queue.nack', settled);
    else {
      say('acking', number);
      if ((await command('queue.ack', settled)) !== undefined) say('acked', number);
    }
  }
}

await Promise.all(Array.from({ length: LOOPS }, work));
