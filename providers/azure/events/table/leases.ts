import { EVENT_API } from '../api-versions.ts';
import { isUnderWay, put, read } from '../arm.ts';
import type { Executor } from '../../model.ts';
import { nameOfId, ownershipTags } from '../../names.ts';
import { done, inputOf } from '../steps.ts';

/** Makes the container that holds what was read so far: the trigger itself may not make containers. */
export const ensureLeases: Executor = async (azure, step, call) => {
  const { target, leasesId } = inputOf<{ leasesId: string }>(step);
  const resource = { path: leasesId, apiVersion: EVENT_API.cosmos };
  if (!isUnderWay(call) && (await read(azure, resource, call)) !== undefined) return done();
  const body = {
    location: target.location,
    tags: ownershipTags(target.ref),
    properties: {
      resource: {
        id: nameOfId(leasesId),
        // Leases have the partition key "/id" (Azure Cosmos DB, "Change feed processor").
        partitionKey: { paths: ['/id'], kind: 'Hash', version: 2 },
      },
      options: {},
    },
  };
  return await put(azure, resource, body, call, 'making the container of leases');
};
