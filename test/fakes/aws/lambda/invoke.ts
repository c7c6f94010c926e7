/** Invocations: whether one is accepted, and which version it reaches. */
import type { InvokeOutcome, LambdaPort } from '../core/ports.ts';
import { AwsFault } from '../core/service.ts';
import { notReady, tooLarge } from './faults.ts';
import { functionArn } from './names.ts';
import { sourceMayInvoke } from './policy.ts';
import { weightsOf } from './rolling.ts';
import type { AliasState, Found, LambdaState, VersionState } from './state.ts';
import { asyncPolicy, concurrencyLimits, versionConfig } from './version-config.ts';

/** Payloads of synchronous and asynchronous invocations (AWS Lambda quotas). */
export const SYNC_BYTES = 6_291_456;
export const ASYNC_BYTES = 1_048_576;

export interface Invocation {
  readonly payload: string;
  /** That of the API call. Absent: a new one. */
  readonly requestId?: string;
  readonly clientContext?: string;
  readonly traceHeader?: string;
  readonly wantTail?: boolean;
}

/** The version that this one invocation reaches. */
export function route(state: LambdaState, found: Found): VersionState {
  const { fn, qualifier } = found;
  const main = state.version(found);
  const alias = qualifier === undefined ? undefined : fn.aliases.get(qualifier);
  const other = alias && nextOther(alias, weightsOf(state, fn, alias));
  return (other === undefined ? undefined : fn.versions.get(other)) ?? main;
}

/** Every invocation adds up what the other version is due; whenever that reaches 1, it gets one. */
function nextOther(
  alias: AliasState,
  weights: Readonly<Record<string, number>>,
): string | undefined {
  const [version, weight] = Object.entries(weights)[0] ?? [];
  if (version === undefined || weight === undefined) return undefined;
  alias.due += weight;
  // A little less than 1, for what adding fractions loses.
  if (alias.due < 1 - 1e-9) return undefined;
  alias.due -= 1;
  return version;
}

function refuseUnready(state: LambdaState, version: VersionState): void {
  if (state.now() < version.activeAt) throw notReady('Pending');
}

export async function invokeSync(
  state: LambdaState,
  found: Found,
  call: Invocation,
): Promise<InvokeOutcome> {
  if (Buffer.byteLength(call.payload) > SYNC_BYTES) throw tooLarge(SYNC_BYTES, 'InvokeFunction');
  const { fn, qualifier } = found;
  const version = route(state, found);
  refuseUnready(state, version);
  return state.execution.invokeSync(versionConfig(state, fn, version), {
    payload: call.payload,
    invokedArn: functionArn(state.world, fn.name, qualifier),
    ...(call.requestId !== undefined && { requestId: call.requestId }),
    ...(call.clientContext !== undefined && { clientContext: call.clientContext }),
    ...(call.traceHeader !== undefined && { traceHeader: call.traceHeader }),
    wantTail: call.wantTail === true,
    limits: concurrencyLimits(state, fn, version.version),
  });
}

/** Accepts an event. Which version gets it is decided at each attempt anew. */
export function invokeAsync(state: LambdaState, found: Found, call: Invocation): InvokeOutcome {
  if (Buffer.byteLength(call.payload) > ASYNC_BYTES) throw tooLarge(ASYNC_BYTES, 'InvokeFunction');
  const { fn, qualifier } = found;
  const version = state.version(found);
  refuseUnready(state, version);
  const current = (): Found | undefined =>
    state.functions.get(fn.name) === fn ? found : undefined;
  state.execution.invokeAsync(
    () => {
      const now = current();
      if (!now) return undefined;
      try {
        state.settle(fn);
        return versionConfig(state, fn, route(state, now));
      } catch {
        // The alias or the version is gone.
        return undefined;
      }
    },
    {
      payload: call.payload,
      invokedArn: functionArn(state.world, fn.name, qualifier),
      ...(call.requestId !== undefined && { requestId: call.requestId }),
      ...(call.traceHeader !== undefined && { traceHeader: call.traceHeader }),
      policy: () => asyncPolicy(fn, qualifier),
      limits: concurrencyLimits(state, fn, version.version),
    },
  );
  return { statusCode: 202, executedVersion: version.version };
}

/** What the other services of the fake see of Lambda. */
export function lambdaPort(state: LambdaState): LambdaPort {
  return {
    async invoke(call) {
      const found = state.find(call.arn);
      state.check(found);
      const { source } = call;
      if (source && !sourceMayInvoke(found.fn, found.qualifier, source, state.world.account)) {
        throw new AwsFault(
          403,
          'AccessDeniedException',
          `User: ${source.principal} is not authorized to perform: lambda:InvokeFunction on resource: ${call.arn} because no resource-based policy allows the lambda:InvokeFunction action`,
        );
      }
      const invocation = {
        payload: call.payload,
        ...(call.traceHeader !== undefined && { traceHeader: call.traceHeader }),
      };
      return call.type === 'Event'
        ? invokeAsync(state, found, invocation)
        : invokeSync(state, found, invocation);
    },
    describe(arn) {
      try {
        const { settings, version } = state.version(state.find(arn));
        return { roleArn: settings.roleArn, timeoutSeconds: settings.timeoutSeconds, version };
      } catch {
        return undefined;
      }
    },
    allows(arn, source) {
      try {
        const { fn, qualifier } = state.find(arn);
        return sourceMayInvoke(fn, qualifier, source, state.world.account);
      } catch {
        return false;
      }
    },
  };
}
