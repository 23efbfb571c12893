/** The parts of `facet demo` after tables and graph, with what they print: keys, a queue that is drained, a room that is followed. */
import { monotonicMs } from '../base/index.ts';
import type { ServerClient } from './client.ts';
import {
  airportKey,
  airportsByCode,
  areKeysStored,
  count,
  type DemoData,
  type Drained,
  drainWork,
  followEvents,
  PLACES,
  QUEUE,
  ROOM,
  storeKeys,
  type Tell,
  workOf,
} from './demo/index.ts';
import { type JsonObject, listOf, numberOf, objectOf, textOf } from './json-parts.ts';
import { duration, print, rowCount } from './output.ts';
import { renderTable } from './table.ts';

interface Show {
  readonly client: ServerClient;
  readonly data: DemoData;
  readonly tell: Tell;
}

/** Airports as keys, and two questions to them; `number` is that of the first question. */
export async function showKeys(
  show: Show & { readonly keep: boolean; readonly number: number },
): Promise<void> {
  const { client, data, tell, keep, number } = show;
  if (keep && (await areKeysStored(client))) await print('\nKept the keys.\n');
  else {
    await print('\nStoring the airports that have an IATA code as keys\n');
    const airports = airportsByCode(data);
    const startedMs = monotonicMs();
    await storeKeys(client, airports, tell);
    const elapsedMs = monotonicMs() - startedMs;
    await print(`${count(airports.length)} keys and their places in ${duration(elapsedMs)}, each durable.\n`);
  }
  await askKey(client, number);
  await askPlaces(client, number + 1);
}

async function askKey(client: ServerClient, number: number): Promise<void> {
  const payload = { keys: [airportKey('KEF'), airportKey('ZRH'), airportKey('XXX')] };
  const startedMs = monotonicMs();
  const { values } = await client.command('kv.mget', payload);
  const elapsedMs = monotonicMs() - startedMs;
  const rows = listOf(values).map((value, at) => {
    const { name, city, country } = objectOf(value);
    return [payload.keys[at] ?? '', name ?? null, city ?? null, country ?? null];
  });
  await print(
    `\n${number}. Which airports have the codes KEF, ZRH and XXX?\n   (kv.mget: one read of three keys)\n\n`,
  );
  await print(renderTable(textColumns('key', 'name', 'city', 'country'), rows));
  await print(`${rowCount(rows.length)} (round trip ${duration(elapsedMs)})\n`);
  await suggest(client, 'kv.get', { key: airportKey('ZRH') });
}

async function askPlaces(client: ServerClient, number: number): Promise<void> {
  const payload = {
    key: PLACES,
    from_member: 'ZRH',
    by_radius: [100, 'km'],
    with_dist: true,
    sort: 'asc',
    count: 8,
  };
  const startedMs = monotonicMs();
  const { results } = await client.command('geospatial.geosearch', payload);
  const elapsedMs = monotonicMs() - startedMs;
  const rows = listOf(results).map((result) => {
    const { member, distance } = objectOf(result);
    return [textOf(member) ?? '', (numberOf(distance) ?? 0).toFixed(1)];
  });
  await print(`\n${number}. Which airports are within 100 km of Zurich?\n   (geospatial.geosearch)\n\n`);
  await print(renderTable(textColumns('iata', 'km'), rows));
  await print(`${rowCount(rows.length)} (round trip ${duration(elapsedMs)})\n`);
  await suggest(client, 'geospatial.geosearch', payload);
}

const textColumns = (...names: readonly string[]): { name: string; type: string }[] =>
  names.map((name) => ({ name, type: 'Text' }));

/** Routes as work that a few workers drain. */
export async function showWork({ client, data, tell }: Show): Promise<void> {
  await print(`\nQueueing routes as work in '${QUEUE}', to measure how long they are\n`);
  const work = workOf(data);
  const drained = await drainWork(client, work, tell);
  await print(
    `${count(work.length)} messages queued in ${duration(drained.publishedMs)}: ` +
      `${rate(work.length, drained.publishedMs)} messages/s.\n` +
      `Drained in ${duration(drained.drainedMs)}: ${rate(drained.deliveries, drained.drainedMs)} deliveries/s, ` +
      'each consumed, looked up by two keys, and answered.\n',
  );
  await print(accountOf(drained));
  await suggest(client, 'queue.dead_letters', { queue: QUEUE, limit: 1 });
  await suggest(client, 'queue.stats', { queue: QUEUE });
}

/** Deliveries are acks and nacks; messages are acks and dead letters. */
function accountOf({ deliveries, acked, nacked, dead, longest }: Drained): string {
  const lines = [`${count(deliveries)} deliveries: ${count(acked)} done, ${count(nacked)} failed.`];
  if (longest !== undefined) {
    const { work, km } = longest;
    lines.push(`The longest route: ${work.from} to ${work.to}, ${count(Math.round(km))} km.`);
  }
  lines.push(
    `${count(dead.length)} dead letters, each after three attempts${dead.length === 0 ? '.' : ', such as'}`,
  );
  for (const { message, reason } of dead.slice(0, 3)) {
    const { from, to } = objectOf(message);
    lines.push(
      `  ${textOf(from) ?? ''} to ${textOf(to) ?? ''} (${textOf(reason) ?? ''}): an airport has no key`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Departures as events, followed while they are published. */
export async function showEvents({ client, data, tell }: Show): Promise<void> {
  await print(`\nPublishing departures to '${ROOM}', and following them over a WebSocket\n`);
  const followed = await followEvents(client, workOf(data), tell);
  for (const event of followed.first) {
    const { flight, from, to } = objectOf(event.data);
    const about = `flight ${numberOf(flight) ?? ''}, ${textOf(from) ?? ''} to ${textOf(to) ?? ''}`;
    await print(`  offset ${numberOf(event.offset) ?? ''}: ${about}\n`);
  }
  const { events, publishedMs, deliveredMs, inOrder } = followed;
  await print(
    `  …\n${count(events)} events published in ${duration(publishedMs)}: ${rate(events, publishedMs)} events/s. ` +
      `All had arrived after ${duration(deliveredMs)};\n` +
      `${inOrder ? 'each came once, in the order of its offset' : 'they did NOT all come once and in order'}.\n`,
  );
  await suggest(client, 'stream.history', { room: ROOM, from_offset: -2 });
}

const rate = (items: number, ms: number): string => count(Math.round((items * 1_000) / Math.max(ms, 1)));

/** A command that the reader can paste. */
async function suggest(client: ServerClient, command: string, payload: JsonObject): Promise<void> {
  const token = client.socketHeaders.authorization === undefined ? '' : ' -H "X-API-Key: $FACET_TOKEN"';
  const body = JSON.stringify({ command, payload });
  await print(`   curl -s ${new URL('api/v1/command', client.url).href}${token} -d '${body}'\n`);
}
