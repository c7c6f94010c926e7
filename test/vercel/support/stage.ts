/** A stage of Vercel: see `test/support/stage.ts`. */
import { createVercelProvider } from 'polyfaas/vercel';
import { createVercelFake, type VercelFake } from '../../fakes/vercel/index.ts';
import { createCloudStage, type CloudStage } from '../../support/stage.ts';
import { shortCall } from './short-call.ts';

export const REGION = 'fra1';

/** One call of the deployer that was answered. */
export interface WireCall {
  /** `api`, or the name of a plane that was opened. */
  readonly plane: string;
  readonly method: string;
  /** As it was sent, with the query. */
  readonly path: string;
  readonly status: number;
  /** What was sent. */
  readonly body: Buffer;
}

export type Stage = CloudStage<VercelFake, WireCall>;

export function createStage(): Promise<Stage> {
  return createCloudStage<VercelFake, WireCall>({
    cloud: 'vercel',
    region: REGION,
    provider: createVercelProvider,
    fake: (clock, note) =>
      createVercelFake({
        clock,
        recorder: (plane, method, path, status, body) =>
          note({ plane, method, path, status, body }),
      }),
    options: (fake, given) => ({
      vercel: {
        token: fake.token,
        team: fake.teamId,
        endpoints: { api: fake.api, queue: fake.queueEndpoint },
        queues: 'beta',
        ...given.vercel,
      },
    }),
    shortCall,
  });
}
