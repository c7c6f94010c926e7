/** Google Cloud as the fake has it, in a process of its own and in real time: what it takes is not on the account of whoever calls. */
import { createGcpFake } from '../../test/fakes/gcp/index.ts';
import { simulatedClock } from './simulated-clock.ts';

/** What takes a minute in the cloud takes a moment here, until calls are measured: tokens end by this clock. */
const SPEED = 60;

const clock = simulatedClock(SPEED);
const fake = await createGcpFake({ clock });
process.once('disconnect', () => void fake.stop().then(() => process.exit(0)));
const { identity } = fake.world;
process.on('message', (asked: { readonly audience?: string; readonly isDeployed?: true }) => {
  if (asked.isDeployed) clock.setSpeed(1);
  const { audience } = asked;
  if (audience === undefined) return;
  void identity
    .idToken(identity.deployer.email, audience)
    .then((token) => process.send?.({ audience, token }));
});
process.send?.({
  endpoints: { ...fake.endpoints, certificates: fake.certificates },
  projectId: fake.projectId,
  projectNumber: fake.projectNumber,
  accessToken: identity.accessToken(identity.deployer),
});
