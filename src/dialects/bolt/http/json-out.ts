/**
 * The text of an answer while it is made. What stays small goes out in one piece, with its length; what grows is written
 * as its rows come, at the pace of the client that reads it.
 */
import { FacetError, LIMITS } from '../../../base/index.ts';
import type { HttpAnswer } from '../../http/index.ts';

type Pieces = Extract<HttpAnswer['body'], (...given: never[]) => unknown>;
type Writer = Parameters<Pieces>[0];

export class JsonOut {
  #text = '';
  #rowStart = 0;
  #writer: Writer | undefined = undefined;
  #becomeFull: () => void = () => undefined;
  #attach: () => void = () => undefined;
  /** Resolves when there is more than fits into an answer of one piece. */
  readonly full = new Promise<void>((resolve) => {
    this.#becomeFull = resolve;
  });
  readonly #attached = new Promise<void>((resolve) => {
    this.#attach = resolve;
  });

  /** The head of the answer is out: a failure can only be told in what follows. */
  get isUnderWay(): boolean {
    return this.#writer !== undefined;
  }

  get text(): string {
    return this.#text;
  }

  /** @throws RESULT_TOO_LARGE inside of `row` */
  add(text: string): void {
    this.#text += text;
    if (this.#text.length - this.#rowStart > LIMITS.boltRecordBytesMax) throw tooLarge();
  }

  /** Makes one row, of which nothing stays when it throws. */
  row(make: () => void): void {
    this.#rowStart = this.#text.length;
    try {
      make();
    } catch (error) {
      this.#text = this.#text.slice(0, this.#rowStart);
      throw error;
    } finally {
      this.#rowStart = this.#text.length;
    }
  }

  /** True when `flow` has something to do. */
  get isFull(): boolean {
    return this.#text.length >= LIMITS.answerBytesSmall;
  }

  /** Sends what is there, as fast as the client reads. @throws QUERY_CANCELLED when it has gone */
  async flow(): Promise<void> {
    this.#becomeFull();
    await this.#attached;
    const text = this.#text;
    this.#text = '';
    this.#rowStart = 0;
    await this.#writer?.add(text);
    if (this.#writer?.closed === true) {
      throw new FacetError('QUERY_CANCELLED', 'The client went away');
    }
  }

  to(writer: Writer): void {
    this.#writer = writer;
    this.#attach();
  }
}

/** How an answer begins: all but its body. */
export type Head = Omit<HttpAnswer, 'body'>;

/**
 * The answer whose text `make` adds. `make` may reject only while nothing is under way.
 * @throws as `make`
 */
export async function answerOf(head: Head, make: (out: JsonOut) => Promise<void>): Promise<HttpAnswer> {
  const out = new JsonOut();
  const made = make(out);
  const isWhole = await Promise.race([made.then(() => true), out.full.then(() => false)]);
  if (isWhole) return { ...head, body: out.text };
  return {
    ...head,
    body: async (writer) => {
      out.to(writer);
      await made;
      await writer.add(out.text);
    },
  };
}

const tooLarge = (): FacetError =>
  new FacetError(
    'RESULT_TOO_LARGE',
    `A row is larger than ${LIMITS.boltRecordBytesMax.toLocaleString('en-US')} characters as JSON`,
    { hint: 'Return less in one row: properties instead of nodes, or rows instead of lists.' },
  );
