/** A process of polyfaas that ends in the middle of its work. */
import type { Stage } from './stage.ts';

/** It has the answer to `call`, and makes no other. */
export async function diesAfter(
  { fake }: Stage,
  call: RegExp,
  work: () => Promise<unknown>,
): Promise<void> {
  let isReached = false;
  fake.meanwhile.once('back', call, () => {
    isReached = true;
    fake.faults.arm({ call: 0, kind: 'crash' });
  });
  let hasEnded = false;
  try {
    await work();
    hasEnded = true;
  } catch (error) {
    if (!isReached) throw error;
  } finally {
    fake.faults.disarm();
  }
  if (hasEnded) throw new Error(`It came to its end, and did not die after ${String(call)}`);
}
