import {
  ServerlessError,
  nativeFor,
  type CallContext,
  type FunctionRef,
  type ObserveOptions,
  type ProviderParts,
  type ServerlessProvider,
} from 'polyfaas/spi';
import { CAPABILITIES } from './capabilities.ts';
import { functionIssues } from './check.ts';
import { createClients } from './clients/index.ts';
import { classify } from './errors.ts';
import { bindingIssues } from './events/check.ts';
import { createExecutors } from './execute.ts';
import { createInvoker } from './invoke/index.ts';
import { list } from './list.ts';
import { withMemoryOf } from './memory.ts';
import { readLogs } from './logs/index.ts';
import { readMetrics } from './metrics/index.ts';
import type { AzureObserved } from './model.ts';
import { groupName, placeOf, siteName } from './names.ts';
import { AZURE } from './native.ts';
import { observe } from './observe.ts';
import { platformSettings } from './options.ts';
import { createPlanners } from './plan/index.ts';
import { packagingProfile } from './shim/packaging.ts';
import { inputOf } from './step-input.ts';

/**
 * Azure Functions and their event sources. Sends nothing, and loads no SDK, before the first call that needs one.
 *
 * @throws ServerlessError INVALID_ARGUMENT with every problem of `providerOptions.azure`.
 */
export function createAzureProvider(parts: ProviderParts): ServerlessProvider<AzureObserved> {
  const settings = platformSettings(parts.providerOptions.azure, parts.region, process.env);
  const azure = createClients(settings.clients, () => parts.clock.now());
  const look = (
    ref: FunctionRef,
    call: CallContext,
    options: ObserveOptions = {},
  ): Promise<AzureObserved> => {
    const place = placeOf(ref, azure.subscriptionId, settings);
    return observe(azure, { ref, place, call, options });
  };
  const liveOnly = (ref: FunctionRef, call: CallContext): Promise<AzureObserved> =>
    look(ref, call, { versions: false });
  const invoker = createInvoker({ azure, observe: liveOnly });
  const executors = createExecutors(invoker);

  return {
    specVersion: 1,
    id: 'azure',
    capabilities: withMemoryOf(CAPABILITIES, settings),
    packaging: packagingProfile({
      zipBytes: CAPABILITIES.limits.zipBytes,
      unpackedBytes: CAPABILITIES.limits.unpackedBytes,
    }),
    plan: createPlanners(settings),
    validate: (spec) => functionIssues(spec, settings),
    validateBinding: bindingIssues,
    classify,

    async identify() {
      return { account: azure.subscriptionId, region: azure.location };
    },

    // What is missing in the settings is told by a rejection, as whatever goes wrong later.
    observe: async (ref, call, options) => look(ref, call, options),

    async *list(scope, call) {
      yield* list(
        azure,
        scope,
        {
          resourceGroup: settings.resourceGroup ?? groupName(scope),
          nameOf: (name) => siteName({ ...scope, name }, azure.subscriptionId, settings.siteNames),
        },
        call,
      );
    },

    async execute(step, call) {
      const execute = executors[step.kind];
      if (!execute) {
        throw new ServerlessError({
          code: 'INVALID_ARGUMENT',
          message: `Azure has no step "${step.kind}". Make the plan anew with this version of polyfaas.`,
        });
      }
      if (inputOf<{ blobs?: boolean }>(step).blobs) await azure.loadBlobs();
      return execute(azure, step, call);
    },

    invoke: (ref, request, call) => invoker.invoke(ref, request, call),

    async metrics(ref, query, call) {
      return readMetrics(azure, ref, await liveOnly(ref, call), query, call);
    },

    async *logs(ref, query, call) {
      yield* readLogs(azure, ref, await liveOnly(ref, call), query, call);
    },

    native: (token) =>
      nativeFor(token, AZURE.clients, azure) ?? nativeFor(token, AZURE.web, () => azure.web()),

    async close() {
      azure.close();
      await invoker.close();
    },
  };
}
