/** The functions of one app and stage, by the variables that every function of ours has. */
import type { CallContext, FunctionSummary, Scope } from 'polyfaas/spi';
import type { AwsClients } from './clients/index.ts';
import { ENV } from './envelope.ts';
import { isMissing } from './errors.ts';
import { LIVE } from './model.ts';

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
    for (const { FunctionName, Environment } of page.Functions ?? []) {
      const variables = Environment?.Variables ?? {};
      const name = variables[ENV.function];
      if (variables[ENV.app] !== scope.app || variables[ENV.stage] !== scope.stage) continue;
      // Variables can be copied; the name cannot.
      if (name === undefined || FunctionName === undefined || nameOf(name) !== FunctionName)
        continue;
      yield { name, physicalName: FunctionName, liveVersion: await liveVersion(FunctionName) };
    }
    marker = page.NextMarker === '' ? undefined : page.NextMarker;
  } while (marker !== undefined);

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
