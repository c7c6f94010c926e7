/** Makes buckets, where the function is. What others made is used as it is. */
import type { Executor } from '../../model.ts';
import { inputOf } from '../../step-input.ts';
import { lacksRole, isStatus, read, refusal, send } from '../rest.ts';
import { done, type Where } from '../steps.ts';

export const ensureBucket: Executor = async (gcp, step, call) => {
  const { target, bucket, labels, field } = inputOf<{
    readonly target: Where;
    readonly bucket: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly field: string;
  }>(step);
  const body = {
    name: bucket,
    location: target.location,
    labels,
    iamConfiguration: { uniformBucketLevelAccess: { enabled: true } },
  };
  const query = { project: target.projectId };
  try {
    await send(gcp, { api: 'storage', method: 'POST', path: '/storage/v1/b', query, body }, call);
    return done();
  } catch (error) {
    if (!isStatus(error, 409)) throw error;
  }
  // It may be our own, of an attempt whose answer was lost; or a stranger's, of whatever project.
  try {
    await read(gcp, { api: 'storage', path: `/storage/v1/b/${encodeURIComponent(bucket)}` }, call);
    return done();
  } catch (error) {
    if (!lacksRole(error)) throw error;
    throw refusal(
      target,
      'ALREADY_EXISTS',
      `${field}: the bucket "${bucket}" is somebody else's: names of buckets are shared by everybody. Choose another name.`,
    );
  }
};
