/** Uploads the source that Cloud Build builds: the artifact's files, and the manifest. */
import { zipFiles } from 'polyfaas/spi';
import { apiError } from '../clients/answer.ts';
import { callFunctions } from '../clients/functions.ts';
import type { Executor } from '../model.ts';
import { sourceFiles } from '../package/source.ts';
import type { SourceInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { refusal } from './refusals.ts';

export const uploadSource: Executor = async (gcp, step, call) => {
  const { parent, artifactDigest, manifest } = inputOf<SourceInput>(step);
  const { signal } = call;
  const artifact = await call.artifacts.get(artifactDigest);
  const zip = await zipFiles(sourceFiles(await artifact.files(), manifest));
  const [{ uploadUrl, storageSource }] = await callFunctions(gcp, signal, (client, options) =>
    client.generateUploadUrl({ parent, environment: 'GEN_2' }, options),
  );
  const { bucket, object, generation } = storageSource ?? {};
  if (!uploadUrl || !bucket || !object) {
    throw refusal('UNAVAILABLE', 'Google gave no URL for the upload of the source. Try again.', {
      retryable: true,
    });
  }
  const answer = await gcp.http({
    method: 'PUT',
    url: uploadUrl,
    // The signature is over exactly this; a token would be refused.
    headers: { 'content-type': 'application/zip' },
    body: zip,
    signal,
  });
  if (answer.status >= 300) throw apiError(answer, 'PUT the source', call.clock.now());
  return { done: true, output: { bucket, object, generation: String(generation ?? '') } };
};
