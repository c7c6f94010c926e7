/** Vercel as the fake has it, in a process of its own and in real time: what it takes is not on the account of whoever calls. */
import { createVercelFake } from '../../test/fakes/vercel/index.ts';
import { simulatedClock } from './simulated-clock.ts';

/** What takes a minute in the cloud takes a moment here. */
const SPEED = 60;

const clock = simulatedClock(SPEED);
const fake = await createVercelFake({ clock });
process.once('disconnect', () => void fake.stop().then(() => process.exit(0)));
process.on('message', (asked: { readonly isDeployed?: true }) => {
  if (asked.isDeployed) clock.setSpeed(1);
});
process.send?.({
  token: fake.token,
  team: fake.teamId,
  endpoints: { api: fake.api, queue: fake.queueEndpoint },
});
