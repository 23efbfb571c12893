/**
 * Frames of events: encoded once for all subscribers of one form and id, and but for the id once for all of one form. They
 * are kept as long as somebody has the event.
 */
import type { RowChange } from '../../../models/index.ts';
import { FrameCache } from '../../http/index.ts';
import { type EventForm, eventMembers } from '../event-text.ts';

interface Shared {
  readonly cache: FrameCache<RowChange>;
  users: number;
}

class FormFrames {
  readonly #form: EventForm;
  readonly #byId = new Map<string, Shared>();
  readonly #members = new WeakMap<RowChange, string>();

  constructor(form: EventForm) {
    this.#form = form;
  }

  use(id: string): FrameCache<RowChange> {
    let shared = this.#byId.get(id);
    if (shared === undefined) {
      const start = `{"type":"event","id":${JSON.stringify(id)},`;
      shared = { cache: new FrameCache((change) => `${start}${this.#membersOf(change)}}`), users: 0 };
      this.#byId.set(id, shared);
    }
    shared.users++;
    return shared.cache;
  }

  leave(id: string): void {
    const shared = this.#byId.get(id);
    if (shared === undefined) return;
    shared.users--;
    if (shared.users === 0) this.#byId.delete(id);
  }

  #membersOf(change: RowChange): string {
    // Where all have one id, nobody else asks for the text.
    if (this.#byId.size === 1) return eventMembers(change, this.#form);
    let members = this.#members.get(change);
    if (members === undefined) {
      members = eventMembers(change, this.#form);
      this.#members.set(change, members);
    }
    return members;
  }
}

const FORMS = new Map<string, FormFrames>();

/** The frames of a subscription, until `leave` is called, once. */
export function eventFrames(
  form: EventForm,
  id: string,
): { readonly frames: FrameCache<RowChange>; leave(): void } {
  const key = `${form.fullRows} ${form.oldRows}`;
  const ofForm = FORMS.get(key) ?? new FormFrames(form);
  FORMS.set(key, ofForm);
  return { frames: ofForm.use(id), leave: () => ofForm.leave(id) };
}
