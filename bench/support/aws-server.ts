/** AWS as the fake has it, in a process of its own and in real time: what it takes is not on the account of whoever calls. */
import { createAwsFake } from '../../test/fakes/aws/index.ts';

const fake = await createAwsFake({
  clock: {
    now: () => Date.now(),
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
  },
});
process.once('disconnect', () => void fake.stop().then(() => process.exit(0)));
process.send?.({ endpoint: fake.endpoint, credentials: fake.credentials });
