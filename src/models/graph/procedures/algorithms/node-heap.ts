/** Nodes waiting in the order of a rank that may still fall. Each is in it at most once. */
export class NodeHeap {
  readonly #before: (left: number, right: number) => boolean;
  readonly #places: Int32Array;
  readonly #nodes: Int32Array;
  #size = 0;

  /**
   * @param nodes how many there are
   * @param before true if the first comes before the second at present
   */
  constructor(nodes: number, before: (left: number, right: number) => boolean) {
    this.#before = before;
    this.#places = new Int32Array(nodes).fill(-1);
    this.#nodes = new Int32Array(nodes);
  }

  /** Adds a node, or moves it after its rank has fallen. */
  put(node: number): void {
    const known = this.#places[node] as number;
    let place = known === -1 ? this.#size++ : known;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = this.#nodes[above] as number;
      if (!this.#before(node, other)) break;
      this.#set(place, other);
      place = above;
    }
    this.#set(place, node);
  }

  /** The first one; undefined if there is none. */
  take(): number | undefined {
    if (this.#size === 0) return undefined;
    const first = this.#nodes[0] as number;
    this.#places[first] = -1;
    const last = this.#nodes[--this.#size] as number;
    if (this.#size > 0) this.#sink(last);
    return first;
  }

  #sink(node: number): void {
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= this.#size) break;
      if (
        below + 1 < this.#size &&
        this.#before(this.#nodes[below + 1] as number, this.#nodes[below] as number)
      ) {
        below++;
      }
      const other = this.#nodes[below] as number;
      if (!this.#before(other, node)) break;
      this.#set(place, other);
      place = below;
    }
    this.#set(place, node);
  }

  #set(place: number, node: number): void {
    this.#nodes[place] = node;
    this.#places[node] = place;
  }
}
