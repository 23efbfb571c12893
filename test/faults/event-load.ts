/**
 * Events published to several rooms while servers die: offsets without a gap or a repetition, in the history and for
 * one who follows a room and goes on from the offset after the last one it saw.
 */
import { expect } from 'vitest';
import { WebSocket } from 'ws';
import { pause } from './server-under-fire.ts';
import { type Aim, mustAnswer, SynapCaller } from './synap-load.ts';

const ROOMS = ['red', 'green', 'blue'];
const PUBLISHERS = 4;
const PAGE_EVENTS = 5_000;

interface Event {
  readonly offset: number;
  readonly data: number;
}

/** Offset by number of event, as acknowledged. */
type Acknowledged = Map<number, number>;

/** Follows a room over its socket, and comes back after each cut. */
class Follower {
  readonly events: Event[] = [];
  readonly #room: string;
  readonly #aim: Aim;
  /** When it last went away, for those who want to know whether it ever did. */
  connections = 0;

  constructor(room: string, aim: Aim) {
    this.#room = room;
    this.#aim = aim;
  }

  /** Until `done` and what was published by then has come. */
  async run(last: () => number | undefined): Promise<void> {
    while (last() === undefined || this.events.length <= (last() ?? 0)) await this.#follow(last);
  }

  #follow(last: () => number | undefined): Promise<void> {
    const next = (this.events.at(-1)?.offset ?? -1) + 1;
    const url = `ws://127.0.0.1:${this.#aim.port}/stream/${this.#room}/ws/follower?from_offset=${next}`;
    return new Promise((resolve) => {
      const socket = new WebSocket(url, { perMessageDeflate: false });
      const look = setInterval(() => {
        const end = last();
        if (end !== undefined && this.events.length > end) socket.terminate();
      }, 50);
      socket.on('open', () => this.connections++);
      socket.on('message', (data: Buffer) => {
        const message = JSON.parse(data.toString()) as Event & { readonly type: string };
        if (message.type === 'event') this.events.push({ offset: message.offset, data: message.data });
      });
      socket.on('error', () => {});
      socket.on('close', () => {
        clearInterval(look);
        void pause(20).then(resolve);
      });
    });
  }
}

export class EventLoad {
  readonly #aim: Aim;
  readonly #acknowledged: ReadonlyMap<string, Acknowledged> = new Map(ROOMS.map((room) => [room, new Map()]));
  readonly #callers = Array.from({ length: PUBLISHERS }, () => new SynapCaller());
  readonly #follower: Follower;
  #attempted = 0;
  #followed: number | undefined = undefined;

  constructor(aim: Aim) {
    this.#aim = aim;
    this.#follower = new Follower(ROOMS[0] ?? '', aim);
  }

  get acknowledged(): number {
    return [...this.#acknowledged.values()].reduce((sum, { size }) => sum + size, 0);
  }

  get refusals(): readonly string[] {
    return this.#callers.flatMap(({ refusals }) => [...refusals]);
  }

  async prepare(asker: SynapCaller): Promise<void> {
    const retention = { max_events: 1_000_000 };
    for (const room of ROOMS) {
      await mustAnswer(asker, this.#aim.port, 'stream.create', { room, retention });
    }
  }

  async run(): Promise<void> {
    await Promise.all(this.#callers.map((caller) => this.#publish(caller)));
  }

  /** Apart from `run`, because it ends after the last event. */
  follow(): Promise<void> {
    return this.#follower.run(() => this.#followed);
  }

  /** Each event is sent once, to the rooms by turns: what was not acknowledged may be there or not. */
  async #publish(caller: SynapCaller): Promise<void> {
    while (!this.#aim.stopped) {
      const data = this.#attempted++;
      const room = ROOMS[data % ROOMS.length] ?? '';
      const payload = { room, event_type: 'tick', data };
      const answer = await caller.command(this.#aim.port, 'stream.publish', payload);
      if (answer !== undefined) this.#acknowledged.get(room)?.set(data, answer.offset);
    }
    caller.close();
  }

  async check(asker: SynapCaller): Promise<void> {
    for (const room of ROOMS) await this.#checkRoom(room, asker);
  }

  async #checkRoom(room: string, asker: SynapCaller): Promise<readonly Event[]> {
    const acknowledged = [...(this.#acknowledged.get(room) ?? [])];
    const events: Event[] = [];
    for (;;) {
      const payload = { room, from_offset: events.length, limit: PAGE_EVENTS };
      const page = (await mustAnswer(asker, this.#aim.port, 'stream.history', payload)).events as Event[];
      events.push(...page.map(({ offset, data }) => ({ offset, data })));
      if (page.length < PAGE_EVENTS) break;
    }
    expectGapless(room, events);
    expect(new Set(events.map(({ data }) => data)).size, `${room}: an event is there twice`).toBe(
      events.length,
    );
    expect(events.filter(({ data }) => data % ROOMS.length !== ROOMS.indexOf(room))).toEqual([]);
    expect(events.every(({ data }) => data < this.#attempted)).toBe(true);
    const lost = acknowledged.filter(([data, offset]) => events[offset]?.data !== data);
    expect(lost, `${room}: acknowledged events that are not at their offset`).toEqual([]);
    return events;
  }

  /** After the end of the load: the follower has seen exactly what the history has. */
  async checkFollower(asker: SynapCaller, following: Promise<void>): Promise<void> {
    const room = ROOMS[0] ?? '';
    const events = await this.#checkRoom(room, asker);
    this.#followed = events.length - 1;
    await following;
    expectGapless(`follower of ${room}`, this.#follower.events);
    expect(this.#follower.events.slice(0, events.length)).toEqual(events);
    expect(this.#follower.connections, 'it was cut off and came back').toBeGreaterThan(1);
  }
}

function expectGapless(what: string, events: readonly Event[]): void {
  const at = events.findIndex(({ offset }, index) => offset !== index);
  expect(at, `${what}: offset ${events[at]?.offset} stands after ${at - 1}`).toBe(-1);
}
