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
import { asyncIssues } from './events/check/async.ts';
import { bindingIssues } from './events/check.ts';
import { createExecutors } from './execute.ts';
import { createInvoker } from './invoke/index.ts';
import { list } from './list.ts';
import { readLogs } from './logs/index.ts';
import { readMetrics } from './metrics/index.ts';
import type { GcpObserved } from './model.ts';
import { GCP } from './native.ts';
import { observe } from './observe.ts';
import { platformSettings } from './options.ts';
import { physicalNameOf, placeOf } from './place.ts';
import { createPlanners } from './plan/index.ts';
import { packagingProfile } from './shim/packaging.ts';

/**
 * Cloud Run functions and their event sources. Sends nothing, and loads no SDK, before the first call that needs one.
 *
 * @throws ServerlessError INVALID_ARGUMENT with every problem of `providerOptions.gcp`.
 */
export function createGcpProvider(parts: ProviderParts): ServerlessProvider<GcpObserved> {
  const settings = platformSettings(parts.providerOptions.gcp, parts.region, process.env);
  const gcp = createClients(settings, () => parts.clock.now());
  const look = async (
    ref: FunctionRef,
    call: CallContext,
    options: ObserveOptions = {},
  ): Promise<GcpObserved> => {
    const location = locationOf(settings);
    const projectId = await gcp.projectId(call.signal);
    const place = placeOf(ref, { projectId, location }, settings);
    return observe(gcp, { place, call, options });
  };
  const invoker = createInvoker({ gcp, observe: (ref, call) => look(ref, call) });
  const executors = createExecutors(invoker);

  return {
    specVersion: 1,
    id: 'gcp',
    capabilities: CAPABILITIES,
    packaging: packagingProfile({
      zipBytes: CAPABILITIES.limits.zipBytes,
      unpackedBytes: CAPABILITIES.limits.unpackedBytes,
    }),
    plan: createPlanners(settings),
    validate: (spec) => [...functionIssues(spec, settings), ...asyncIssues(spec.name, spec.async)],
    validateBinding: bindingIssues,
    classify,

    async identify({ signal }) {
      const region = locationOf(settings);
      const account = await gcp.projectId(signal);
      const { projectNumber } = settings;
      // Else it is read beside the function, or asked for by the steps that need it.
      return { account, region, ...(projectNumber === null ? {} : { details: { projectNumber } }) };
    },

    observe: look,

    async *list(scope, call) {
      const nameOf = (name: string): string =>
        physicalNameOf({ ...scope, name }, settings.functionIds);
      yield* list(gcp, scope, { location: locationOf(settings), nameOf }, call);
    },

    async execute(step, call) {
      const execute = executors[step.kind];
      if (!execute) {
        throw new ServerlessError({
          code: 'INVALID_ARGUMENT',
          message: `Google Cloud has no step "${step.kind}". Make the plan anew with this version of polyfaas.`,
        });
      }
      return execute(gcp, step, call);
    },

    invoke: (ref, request, call) => invoker.invoke(ref, request, call),

    async metrics(ref, query, call) {
      return readMetrics(gcp, ref, await look(ref, call), query, call);
    },

    async *logs(ref, query, call) {
      yield* readLogs(gcp, ref, await look(ref, call), query, call);
    },

    native: (token) =>
      nativeFor(token, GCP.clients, gcp) ?? nativeFor(token, GCP.functions, () => gcp.functions()),

    async close() {
      await Promise.all([gcp.close(), invoker.close()]);
    },
  };
}

/** What is missing in the settings is told by a rejection, as whatever goes wrong later. */
function locationOf({ location }: { readonly location: string }): string {
  if (location !== '') return location;
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider: 'gcp',
    message:
      'region: Google Cloud needs one. Set `region` in the configuration, such as "eu-central" or "europe-west3", or the variable GOOGLE_CLOUD_REGION.',
  });
}
