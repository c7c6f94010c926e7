import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Outbox } from '../../../providers/local/runtime/outbox.ts';
import { Operation } from '../../../providers/local/runtime/protocol.ts';

type Sent = string | readonly [typeof Operation.batch, readonly string[]];

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function outbox(refuse: (message: Sent) => boolean = () => false): {
  readonly box: Outbox<string>;
  readonly sent: Sent[];
  readonly refused: string[];
} {
  const sent: Sent[] = [];
  const refused: string[] = [];
  const box = new Outbox<string>(
    (message) => {
      if (refuse(message)) throw new Error('not cloneable');
      sent.push(message);
    },
    (message) => refused.push(message),
  );
  return { box, sent, refused };
}

describe('Outbox', () => {
  it('keeps the order, whatever is sent at once and whatever is gathered', async () => {
    const steps = fc.array(fc.constantFrom('send', 'gather', 'turn'), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const { box, sent } = outbox();
        const expected: string[] = [];
        for (const [index, step] of taken.entries()) {
          if (step === 'turn') {
            await turn();
            continue;
          }
          expected.push(`${index}`);
          if (step === 'send') box.send(`${index}`);
          else box.gather(`${index}`);
        }
        await turn();
        expect(
          sent.flatMap((message) => (typeof message === 'string' ? message : message[1])),
        ).toEqual(expected);
      }),
    );
  });

  it('makes one message of a turn, also of what promises add to it', async () => {
    const { box, sent } = outbox();
    box.gather('a');
    void Promise.resolve()
      .then(() => box.gather('b'))
      .then(() => box.gather('c'));
    await turn();
    box.gather('alone');
    await turn();
    expect(sent).toEqual([[Operation.batch, ['a', 'b', 'c']], 'alone']);
  });

  it('sends the rest of a batch when one of it cannot be sent', async () => {
    const isBad = (message: Sent): boolean =>
      message === 'bad' || (typeof message !== 'string' && message[1].includes('bad'));
    const { box, sent, refused } = outbox(isBad);
    for (const message of ['a', 'bad', 'b']) box.gather(message);
    await turn();
    expect(sent).toEqual(['a', 'b']);
    expect(refused).toEqual(['bad']);
  });
});
