/** The clients of somebody who does things by hand: nothing disturbs or counts their calls. */
import { AWS } from 'polyfaas/aws';
import type { Stage } from './stage.ts';

export async function hand(stage: Stage) {
  const manager = await stage.manager({
    providerOptions: { aws: { credentials: stage.fake.observer } },
  });
  const clients = manager.native(AWS.clients);
  if (!clients) throw new Error('there are no clients');
  return clients;
}
