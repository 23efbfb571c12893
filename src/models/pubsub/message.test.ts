/** Messages on their way to other processes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../base/index.ts';
import { framesOf, messagesIn, newMessage } from './message.ts';

const SENDER = '0123456789abcdef';

describe('frames', () => {
  it('bring messages over as they were, in their order, within the size of a notification', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 3_000 });
    const message = fc.record({
      topic: fc.string({ minLength: 1 }),
      payload: fc.oneof(fc.jsonValue(), text),
      metadata: fc.option(fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true })),
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 20 }), (given) => {
        const messages = given.map(({ topic, payload, metadata }) =>
          newMessage(topic, JSON.stringify(payload), metadata),
        );
        const { frames, spooledTopics } = framesOf(SENDER, messages);
        expect(spooledTopics).toHaveLength(frames.length);
        for (const [n, frame] of frames.entries()) {
          expect(frame.startsWith(SENDER)).toBe(true);
          expect(Buffer.byteLength(frame) <= LIMITS.notificationBytesMax).toBe(spooledTopics[n] === null);
        }
        const arrived = frames.flatMap((frame) => messagesIn(frame, SENDER.length));
        expect(arrived.map(({ bytes: _, ...rest }) => rest)).toEqual(
          messages.map(({ bytes: _, ...rest }) => rest),
        );
      }),
    );
  });

  it('that somebody made up are no messages', () => {
    for (const text of [
      '',
      '\n',
      '[]\n',
      'x\ny',
      '["a","b",1,null,-1]\n1',
      '["a","b",1,{"x":1},1]\n1',
      '{}\n',
    ]) {
      expect(messagesIn(text, 0)).toEqual([]);
    }
    expect(messagesIn('["a","b",1,null,2]\n{}', 0)).toHaveLength(1);
  });
});
