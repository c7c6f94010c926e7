import {
  type CallContext,
  type FunctionRef,
  nativeFor,
  notDeployed,
  physicalName,
  type ProviderParts,
  ServerlessError,
  type ServerlessProvider,
} from 'polyfaas/spi';
import { CAPABILITIES, DIRECT_ZIP_BYTES } from './capabilities.ts';
import { functionIssues } from './check.ts';
import { createClients } from './clients/index.ts';
import { type OptionalClient, requireClients } from './clients/require-clients.ts';
import { classifyWith } from './errors.ts';
import { bindingIssues } from './events/check.ts';
import { createExecutors } from './execute.ts';
import { createAwsCalls } from './invoke/direct.ts';
import { createInvoker } from './invoke/index.ts';
import { list } from './list.ts';
import { readLogs } from './logs/index.ts';
import { FailedCalls } from './logs/same-call.ts';
import { type Metered, readMetrics } from './metrics/index.ts';
import type { AwsObserved } from './model.ts';
import { accountOf } from './names.ts';
import { AWS } from './native.ts';
import { observe, type Reading } from './observe.ts';
import { platformSettings } from './options.ts';
import { createPlanners } from './plan/index.ts';
import { partitionOf } from './region.ts';
import { packagingProfile } from './shim/packaging.ts';
import { inputOf } from './step-input.ts';

/** Nothing is packaged where nothing is deployed. */
const NONE: CallContext['artifacts'] = {
  get: (digest) => Promise.reject(new Error(`the artifact ${digest} is not at hand here`)),
};

/**
 * AWS Lambda and its event sources. Sends nothing, and loads no SDK, before the first call that needs one.
 *
 * @throws ServerlessError INVALID_ARGUMENT with every problem of `providerOptions.aws`.
 */
export function createAwsProvider(parts: ProviderParts): ServerlessProvider<AwsObserved> {
  const settings = platformSettings(parts.providerOptions.aws, parts.region, process.env);
  const aws = createClients(settings.clients);
  const names = new WeakMap<FunctionRef, string>();
  const nameOf = (ref: FunctionRef): string => {
    const known = names.get(ref);
    if (known !== undefined) return known;
    const name = physicalName(ref, CAPABILITIES.names.function);
    names.set(ref, name);
    return name;
  };
  const looks = new Set<Promise<AwsObserved>>();
  let account: string | undefined;
  const look = async (
    ref: FunctionRef,
    call: CallContext,
    options: Reading['options'] = {},
  ): Promise<AwsObserved> => {
    const looking = observe(aws, { ref, physicalName: nameOf(ref), call, options });
    looks.add(looking);
    try {
      const observed = await looking;
      account ??= accountOf(observed.functionArn);
      return observed;
    } finally {
      looks.delete(looking);
    }
  };
  /** A function that is read anyway tells the account too; undefined when none is, or it is not there. */
  const accountOfLook = async (): Promise<string | undefined> => {
    if (account !== undefined) return account;
    // What was begun in the same turn shows in the next one.
    await new Promise((resolve) => void setImmediate(resolve));
    const [looking] = looks;
    const observed = await looking?.catch(() => undefined);
    return accountOf(observed?.functionArn ?? '');
  };
  const failedCalls = new FailedCalls();
  const invoker = createInvoker({
    aws,
    observe: (ref, call) => look(ref, call, { versions: false }),
    failed: (...ids) => {
      failedCalls.add(...ids);
    },
    options: { logTailSampleRate: settings.logTailSampleRate },
  });
  const executors = createExecutors(invoker);
  const { clock, random, log } = parts;
  const warn: CallContext['warn'] = (message, fields) => log.log('warn', message, fields);
  const calls = createAwsCalls({
    aws,
    refOf: (name) => ({ app: parts.app, stage: parts.stage, name }),
    known: (ref, signal) =>
      invoker.known(ref, { signal, clock, random, log, warn, artifacts: NONE }),
  });
  /** The physical name of what is live. */
  const deployed = async (ref: FunctionRef, call: CallContext): Promise<Metered> => {
    const { description, live } = await look(ref, call, { versions: false });
    if (description?.liveVersion == null) throw notDeployed('aws', ref);
    const functionName = description.physicalName;
    return { functionName, timeoutSeconds: live?.note?.timeoutSeconds ?? undefined };
  };

  return {
    specVersion: 1,
    id: 'aws',
    capabilities: CAPABILITIES,
    packaging: packagingProfile({
      // A larger one goes to Lambda through a bucket.
      zipBytes: settings.artifactBucket === null ? DIRECT_ZIP_BYTES : CAPABILITIES.limits.zipBytes,
      unpackedBytes: CAPABILITIES.limits.unpackedBytes,
    }),
    plan: createPlanners(settings),
    validate: (spec) => functionIssues(spec, settings, { app: parts.app, stage: parts.stage }),
    validateBinding: bindingIssues,
    classify: classifyWith(settings.clients.profile),

    async identify() {
      // The region may be known only to the profile, which the first client reads.
      await aws.lambda();
      account = (await accountOfLook()) ?? (await aws.account());
      const { region } = aws;
      return { account, region, details: { partition: partitionOf(region) } };
    },

    observe: (ref, call, options) => look(ref, call, { ...options, trace: true }),

    list: (scope, call) => list(aws, scope, (name) => nameOf({ ...scope, name }), call),

    async execute(step, call) {
      const execute = executors[step.kind];
      if (!execute) {
        throw new ServerlessError({
          code: 'INVALID_ARGUMENT',
          message: `AWS has no step "${step.kind}". Make the plan anew with this version of polyfaas.`,
        });
      }
      const { clients = [] } = inputOf<{ clients?: readonly OptionalClient[] }>(step);
      await requireClients(aws, clients);
      return execute(aws, step, call);
    },

    invoke: (ref, request, call) => invoker.invoke(ref, request, call),

    async metrics(ref, query, call) {
      return readMetrics(aws, await deployed(ref, call), query, call);
    },

    async *logs(ref, query, call) {
      const known = (requestId: string) => failedCalls.of(requestId);
      const { functionName } = await deployed(ref, call);
      yield* readLogs(aws, functionName, query, call, known);
    },

    native: (token) =>
      nativeFor(token, AWS.clients, aws) ??
      nativeFor(token, AWS.lambda, () => aws.lambda()) ??
      nativeFor(token, AWS.calls, calls),

    close() {
      aws.close();
      return Promise.resolve();
    },
  };
}
