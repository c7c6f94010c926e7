import {
  nativeFor,
  ServerlessError,
  type CallContext,
  type FunctionRef,
  type ObserveOptions,
  type ProviderParts,
  type ServerlessProvider,
} from 'polyfaas/spi';
import { capabilitiesOf } from './capabilities.ts';
import { asyncIssues, bindingIssues, functionIssues } from './check.ts';
import { createClients } from './clients/index.ts';
import { classify } from './errors.ts';
import { createExecutors } from './execute.ts';
import { createInvoker } from './invoke/index.ts';
import { list } from './list.ts';
import { readLogs } from './logs/index.ts';
import { readMetrics } from './metrics/index.ts';
import { createRecorder } from './metrics/recorder.ts';
import type { VercelObserved } from './model.ts';
import { VERCEL } from './native.ts';
import { observe } from './observe.ts';
import { platformSettings } from './options.ts';
import { physicalNameOf, placeOf } from './place.ts';
import { createPlanners } from './plan/index.ts';
import { packagingProfile } from './shim/packaging.ts';

/**
 * Vercel Functions and what calls them: one project per function. Sends nothing, and loads no SDK, before the first call
 * that needs one.
 *
 * @throws ServerlessError INVALID_ARGUMENT with every problem of `providerOptions.vercel`.
 */
export function createVercelProvider(parts: ProviderParts): ServerlessProvider<VercelObserved> {
  const settings = platformSettings(parts.providerOptions.vercel, parts.region, process.env);
  const capabilities = capabilitiesOf(settings);
  const vercel = createClients(settings, () => parts.clock.now());
  const look = (
    ref: FunctionRef,
    call: CallContext,
    options: ObserveOptions = {},
  ): Promise<VercelObserved> => observe(vercel, { place: placeOf(ref, settings), call, options });
  const recorder = createRecorder();
  const invoker = createInvoker({
    vercel,
    observe: (ref, call) => look(ref, call),
    settings,
    recorder,
  });
  const executors = createExecutors(invoker);

  return {
    specVersion: 1,
    id: 'vercel',
    capabilities,
    packaging: packagingProfile({
      zipBytes: capabilities.limits.zipBytes,
      unpackedBytes: capabilities.limits.unpackedBytes,
    }),
    plan: createPlanners(settings),
    validate: (spec) => [...functionIssues(spec, settings), ...asyncIssues(spec.name, spec.async)],
    validateBinding: bindingIssues,
    classify,

    async identify({ signal }) {
      return { account: await vercel.account(signal), region: settings.region };
    },

    observe: look,

    async *list(scope, call) {
      const { projectNames } = settings;
      const nameOf = (name: string): string => physicalNameOf({ ...scope, name }, projectNames);
      yield* list(vercel, { scope, projectNames, nameOf }, call);
    },

    async execute(step, call) {
      const execute = executors[step.kind];
      if (!execute) {
        throw new ServerlessError({
          code: 'INVALID_ARGUMENT',
          provider: 'vercel',
          message: `Vercel has no step "${step.kind}". Make the plan anew with this version of polyfaas.`,
        });
      }
      return execute(vercel, step, call);
    },

    invoke: (ref, request, call) => invoker.invoke(ref, request, call),

    async metrics(ref, query, call) {
      return readMetrics(vercel, ref, await look(ref, call), query, call, recorder);
    },

    async *logs(ref, query, call) {
      yield* readLogs(vercel, ref, await look(ref, call), query, call);
    },

    native: (token) => nativeFor(token, VERCEL.clients, vercel),

    async close() {
      await Promise.all([vercel.close(), invoker.close()]);
    },
  };
}
