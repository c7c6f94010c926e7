import { afterBoth } from '../../shared/runtime/patience.ts';
import type { HostSetup, TriggerCall, World } from '../core/ports.ts';
import type { HostConfig } from './host-config.ts';
import type { HostLog, LineContext } from './host-log.ts';
import type { End, Instance, InvocationError, Outcome } from './instance.ts';
import type { RpcInvocation } from './messages.ts';
import type { TraceContext } from './trace-context.ts';

/** What a call has in real time at least, when its time is over by the clock: a machine may be busy. */
const PATIENCE_MS = 5_000;

/** A call on its way to a function. */
export interface Call {
  readonly functionName: string;
  readonly inputData: RpcInvocation['request']['inputData'];
  readonly triggerMetadata: NonNullable<TriggerCall['triggerMetadata']>;
  readonly trace: TraceContext;
  /** What the host's line says. */
  readonly reason: string;
  readonly retryContext?: NonNullable<TriggerCall['retryContext']>;
  /** Of calls over HTTP. */
  readonly httpStatusOf?: (outcome: Outcome) => number;
}

/** Invocations, from the line that announces one to the record of it. */
export class Invocations {
  readonly #world: World;
  readonly #setup: HostSetup;
  readonly #config: HostConfig;
  readonly #log: HostLog;

  constructor(world: World, setup: HostSetup, config: HostConfig, log: HostLog) {
    this.#world = world;
    this.#setup = setup;
    this.#config = config;
    this.#log = log;
  }

  async run(instance: Instance, call: Call & { readonly id: string }): Promise<Outcome> {
    const { functionName, trace, id } = call;
    const context: LineContext = {
      instanceId: instance.id,
      functionName,
      operationId: trace.operationId,
      invocationId: id,
    };
    const line = (level: 'information' | 'error', message: string): void =>
      this.#log.line(`Function.${functionName}`, level, message, context);
    line(
      'information',
      `Executing 'Functions.${functionName}' (Reason='${call.reason}', Id=${id})`,
    );
    const timeMs = this.#world.clock.now();
    const startedAt = performance.now();
    const cancelLimit = this.#limit(instance, call, line);
    const outcome = await instance.run(invocationOf(call, instance.id, timeMs), context);
    cancelLimit();
    const durationMs = performance.now() - startedAt;
    const success = outcome.kind === 'done';
    line(
      success ? 'information' : 'error',
      `Executed 'Functions.${functionName}' (${success ? 'Succeeded' : 'Failed'}, Id=${id}, Duration=${Math.round(durationMs)}ms)`,
    );
    const error = errorOf(outcome);
    this.#world.telemetry.execution({
      siteName: this.#setup.siteName,
      timeMs,
      functionName,
      operationId: trace.operationId,
      durationMs,
      success,
      memoryMb: instance.residentMb() ?? this.#setup.memoryMb,
      instanceMemoryMb: this.#setup.memoryMb,
      instanceId: instance.id,
      isAlwaysReady: instance.isAlwaysReady,
      invocationId: id,
      ...(call.httpStatusOf && { httpStatus: call.httpStatusOf(outcome) }),
      ...(error && { error }),
    });
    return outcome;
  }

  /** `functionTimeout` ends the worker, in real time too: what runs in it can do nothing else but live in it. */
  #limit(
    instance: Instance,
    { functionName, id }: { readonly functionName: string; readonly id: string },
    line: (level: 'error', message: string) => void,
  ): () => void {
    const { functionTimeoutMs } = this.#config;
    // Longer than a timer can wait is as good as unbounded.
    if (functionTimeoutMs === null || functionTimeoutMs > 2 ** 31 - 1) return () => {};
    const message = `Timeout value of ${spanText(functionTimeoutMs)} exceeded by function 'Functions.${functionName}' (Id: '${id}'). Initiating cancellation.`;
    const kill = (): void => {
      line('error', message);
      const said = `Timeout value of ${spanText(functionTimeoutMs)} was exceeded by function: Functions.${functionName}`;
      instance.kill({ cause: 'timeout', message: said }, id);
    };
    const timer = setTimeout(kill, functionTimeoutMs);
    const cancel = afterBoth(this.#world.clock, functionTimeoutMs, PATIENCE_MS, kill);
    return () => {
      clearTimeout(timer);
      cancel();
    };
  }
}

function invocationOf(
  call: Call & { readonly id: string },
  instanceId: string,
  nowMs: number,
): RpcInvocation {
  const { id, functionName, inputData, triggerMetadata, trace, retryContext } = call;
  return {
    kind: 'invoke',
    nowMs,
    id,
    name: functionName,
    request: {
      invocationId: id,
      functionId: functionName,
      inputData,
      triggerMetadata,
      traceContext: {
        traceParent: trace.traceParent,
        traceState: trace.traceState,
        attributes: { OperationName: functionName, HostInstanceId: instanceId, InvocationId: id },
      },
      ...(retryContext && { retryContext }),
    },
  };
}

function errorOf(outcome: Outcome): InvocationError | undefined {
  if (outcome.kind === 'done') return undefined;
  if (outcome.kind === 'error') return rpcError(outcome.error);
  const { cause, message, lastErrors } = outcome.end;
  return {
    type: ENDS[cause],
    message,
    stack: '',
    ...(lastErrors !== undefined && {
      inner: { type: cause === 'abort' ? TIMED_OUT : 'System.Exception', message: lastErrors },
    }),
  };
}

/** As the host tells of errors that the worker tells of. */
function rpcError({ message, stack }: InvocationError): InvocationError {
  return {
    type: 'Microsoft.Azure.WebJobs.Script.Workers.Rpc.RpcException',
    message: `Result: Failure\nException: ${message}\nStack: ${stack}`,
    stack,
  };
}

const TIMED_OUT = 'Microsoft.Azure.WebJobs.Host.FunctionTimeoutException';

const ENDS: Readonly<Record<End['cause'], string>> = {
  exit: 'Microsoft.Azure.WebJobs.Script.Workers.WorkerProcessExitException',
  memory: 'Microsoft.Azure.WebJobs.Script.Workers.WorkerProcessExitException',
  stop: 'Microsoft.Azure.WebJobs.Script.Workers.WorkerProcessExitException',
  timeout: TIMED_OUT,
  abort: 'Microsoft.Azure.WebJobs.Host.FunctionTimeoutAbortException',
  restart: 'Microsoft.Azure.WebJobs.Host.FunctionTimeoutAbortException',
};

function spanText(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}
