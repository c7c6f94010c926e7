/** Azure as the fake has it, in a process of its own and in real time: what it takes is not on the account of whoever calls. */
import { createAzureFake } from '../../test/fakes/azure/index.ts';
import { simulatedClock } from './simulated-clock.ts';

/** What takes a minute on Azure takes a moment here. */
const SPEED = 60;

const fake = await createAzureFake({ clock: simulatedClock(SPEED) });
process.once('disconnect', () => void fake.stop().then(() => process.exit(0)));
const { world, subscriptionId } = fake;
const audiences = ['https://management.azure.com', 'https://storage.azure.com'];
const tokens = Object.fromEntries(
  audiences.map((audience) => [audience, world.identity.issue(world.identity.deployer, audience)]),
);
process.send?.({
  endpoint: fake.endpoint,
  logsEndpoint: world.planes.logs,
  subscriptionId,
  tokens,
});
