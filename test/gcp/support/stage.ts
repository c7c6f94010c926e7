/** A stage of Google Cloud: see `test/support/stage.ts`. */
import { createGcpProvider } from 'polyfaas/gcp';
import { createGcpFake, type GcpFake } from '../../fakes/gcp/index.ts';
import { createCloudStage, type CloudStage } from '../../support/stage.ts';
import { shortCall } from './short-call.ts';

export const REGION = 'europe-west1';

/** One call of the deployer that a plane answered. */
export interface WireCall {
  /** `functions`, `run`, `pubsub`, or the name of a plane that was opened. */
  readonly plane: string;
  readonly method: string;
  /** As it was sent, with the query. */
  readonly path: string;
  readonly status: number;
  /** What was sent. */
  readonly body: Buffer;
}

export type Stage = CloudStage<GcpFake, WireCall>;

export function createStage(): Promise<Stage> {
  return createCloudStage<GcpFake, WireCall>({
    cloud: 'gcp',
    region: REGION,
    provider: createGcpProvider,
    fake: (clock, note) =>
      createGcpFake({
        clock,
        location: REGION,
        recorder: (plane, method, path, status, body) =>
          note({ plane, method, path, status, body }),
      }),
    options: (fake, given) => ({
      gcp: {
        projectId: fake.projectId,
        auth: fake.auth,
        endpoints: { ...fake.endpoints, certificates: fake.certificates },
        ...given.gcp,
      },
    }),
    shortCall,
  });
}
