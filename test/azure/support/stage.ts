/** A stage of Azure: see `test/support/stage.ts`. */
import { createAzureProvider } from 'polyfaas/azure';
import { createAzureFake, type AzureFake } from '../../fakes/azure/index.ts';
import { createCloudStage, type CloudStage } from '../../support/stage.ts';
import { shortCall } from './short-call.ts';

export const REGION = 'westeurope';

/** One call of the deployer that a plane answered. */
export interface WireCall {
  /** `arm`, `blob`, `site:NAME`, ... */
  readonly plane: string;
  readonly method: string;
  /** As it was sent, with the query. */
  readonly path: string;
  readonly status: number;
}

export type Stage = CloudStage<AzureFake, WireCall>;

export function createStage(): Promise<Stage> {
  return createCloudStage<AzureFake, WireCall>({
    cloud: 'azure',
    region: REGION,
    provider: createAzureProvider,
    fake: (clock, note) =>
      createAzureFake({
        clock,
        location: REGION,
        recorder: (plane, method, path, status) => note({ plane, method, path, status }),
      }),
    options: (fake, given) => ({
      azure: {
        subscriptionId: fake.subscriptionId,
        endpoint: fake.endpoint,
        logsEndpoint: fake.world.planes.logs,
        credential: fake.credential,
        ...given.azure,
      },
    }),
    shortCall,
  });
}
