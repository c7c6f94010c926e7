/** The functions of one app and stage, by the variables that every function of ours has. */
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import type { CallContext, FunctionSummary, Scope } from 'polyfaas/spi';
import type { AwsClients } from './clients/index.ts';
import { ENV } from './envelope.ts';
import { isMissing } from './errors.ts';
import { LIVE } from './model.ts';
import { TAG } from './record.ts';

/** Lambda answers 15 requests a second to its control plane (Lambda quotas). */
const AT_ONCE = 10;

export async function* list(
  aws: AwsClients,
  scope: Scope,
  nameOf: (name: string) => string,
  call: CallContext,
): AsyncGenerator<FunctionSummary> {
  const lambda = await aws.lambda();
  const http = { abortSignal: call.signal };
  let marker: string | undefined;
  do {
    const page = await lambda.listFunctions(marker === undefined ? {} : { Marker: marker }, http);
    const ours: { readonly name: string; readonly physicalName: string }[] = [];
    for (const one of page.Functions ?? []) {
      const name = await nameIn(one);
      // Variables can be copied; the name cannot.
      if (name === undefined || nameOf(name) !== one.FunctionName) continue;
      ours.push({ name, physicalName: one.FunctionName });
    }
    for (let from = 0; from < ours.length; from += AT_ONCE) {
      yield* await Promise.all(
        ours.slice(from, from + AT_ONCE).map(async (one) => ({
          ...one,
          liveVersion: await liveVersion(one.physicalName),
        })),
      );
    }
    marker = page.NextMarker === '' ? undefined : page.NextMarker;
  } while (marker !== undefined);

  async function nameIn({
    Environment,
    FunctionArn,
  }: FunctionConfiguration): Promise<string | undefined> {
    // The key that encrypts the variables may be out of reach: the tags say the same.
    if (Environment?.Error !== undefined) {
      const tags = await tagsOf(FunctionArn ?? '');
      return tags[TAG.app] === scope.app && tags[TAG.stage] === scope.stage
        ? tags[TAG.function]
        : undefined;
    }
    const variables = Environment?.Variables ?? {};
    return variables[ENV.app] === scope.app && variables[ENV.stage] === scope.stage
      ? variables[ENV.function]
      : undefined;
  }

  async function tagsOf(Resource: string): Promise<Readonly<Record<string, string>>> {
    try {
      return (await lambda.listTags({ Resource }, http)).Tags ?? {};
    } catch (error) {
      if (isMissing(error)) return {};
      throw error;
    }
  }

  async function liveVersion(physicalName: string): Promise<string | null> {
    try {
      const alias = await lambda.getAlias({ FunctionName: physicalName, Name: LIVE }, http);
      return alias.FunctionVersion ?? null;
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }
}
