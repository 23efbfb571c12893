/** Writes to keys while servers die: each value that is found later must be one that was acknowledged or under way. */
import { expect } from 'vitest';
import { type Aim, mustAnswer, SynapCaller } from './synap-load.ts';

/** Counts up in a key that only it writes. */
class Setter {
  readonly key: string;
  readonly #aim: Aim;
  readonly caller = new SynapCaller();
  attempted = 0;
  acknowledged = 0;
  acknowledgedCount = 0;

  constructor(key: string, aim: Aim) {
    this.key = key;
    this.#aim = aim;
  }

  async run(): Promise<void> {
    while (!this.#aim.stopped) {
      const value = ++this.attempted;
      const answer = await this.caller.command(this.#aim.port, 'kv.set', { key: this.key, value });
      if (answer === undefined) continue;
      this.acknowledged = value;
      this.acknowledgedCount++;
    }
    this.caller.close();
  }
}

/** Adds one to a key that others add to as well. */
class Adder {
  readonly #key: string;
  readonly #aim: Aim;
  readonly caller = new SynapCaller();
  attempted = 0;
  readonly values: number[] = [];

  constructor(key: string, aim: Aim) {
    this.#key = key;
    this.#aim = aim;
  }

  async run(): Promise<void> {
    while (!this.#aim.stopped) {
      this.attempted++;
      const answer = await this.caller.command(this.#aim.port, 'kv.incr', { key: this.#key });
      if (answer !== undefined) this.values.push(answer.value);
    }
    this.caller.close();
  }
}

export class KeyLoad {
  readonly #aim: Aim;
  readonly #setters: readonly Setter[];
  readonly #adders: readonly Adder[];

  constructor(aim: Aim) {
    this.#aim = aim;
    this.#setters = ['a', 'b'].map((name) => new Setter(`set:${name}`, aim));
    this.#adders = [0, 1].map(() => new Adder('sum', aim));
  }

  get acknowledged(): number {
    const sets = this.#setters.reduce((sum, { acknowledgedCount }) => sum + acknowledgedCount, 0);
    return sets + this.#adders.reduce((sum, { values }) => sum + values.length, 0);
  }

  get refusals(): readonly string[] {
    return [...this.#setters, ...this.#adders].flatMap(({ caller }) => [...caller.refusals]);
  }

  async run(): Promise<void> {
    await Promise.all([...this.#setters, ...this.#adders].map((each) => each.run()));
  }

  async check(asker: SynapCaller): Promise<void> {
    const storedAt = async (key: string): Promise<number> =>
      (await mustAnswer(asker, this.#aim.port, 'kv.get', { key })).value ?? 0;
    for (const setter of this.#setters) {
      // What is under way meanwhile may be there or not: bounds from before and after the question.
      const least = setter.acknowledged;
      const value = await storedAt(setter.key);
      expect(value, `${setter.key}: an older value than the acknowledged one`).toBeGreaterThanOrEqual(least);
      expect(value, `${setter.key}: a value that nobody wrote`).toBeLessThanOrEqual(setter.attempted);
    }
    const answers = this.#adders.flatMap(({ values }) => values);
    expect(new Set(answers).size, 'two increments were answered with the same value').toBe(answers.length);
    const sum = await storedAt('sum');
    expect(sum, 'acknowledged increments').toBeGreaterThanOrEqual(answers.length);
    expect(sum, 'the largest answer').toBeGreaterThanOrEqual(answers.reduce((a, b) => Math.max(a, b), 0));
    const attempted = this.#adders.reduce((total, adder) => total + adder.attempted, 0);
    expect(sum, 'increments that nobody asked for').toBeLessThanOrEqual(attempted);
  }
}
