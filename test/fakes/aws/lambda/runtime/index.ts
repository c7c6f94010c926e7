import { randomUUID } from 'node:crypto';
import type { World } from '../../core/ports.ts';
import type { Execution } from '../execution.ts';
import { AsyncCalls } from './async-calls.ts';
import { Calls } from './calls.ts';
import { CodeStore } from './code-store.ts';
import { payloadTooLarge } from './failures.ts';
import { Pool } from './pool.ts';
import { createProcess } from './process-transport.ts';
import { RuntimeApi } from './runtime-api.ts';
import { createThread } from './thread-transport.ts';
import { TraceSource } from './trace.ts';

export interface ExecutionOptions {
  /** What an instance of a Node runtime is. A thread starts several times faster. Default `thread`. */
  readonly isolation?: 'thread' | 'process';
  /** Free instances that are kept at most, over all functions. Default 32. */
  readonly maxIdle?: number;
}

/** AWS Lambda quotas, in bytes. */
const SYNC_BYTES = 6_291_456;
const ASYNC_BYTES = 1_048_576;

/** Runs functions with Amazon's own runtime client. */
export function createExecution(world: World, options: ExecutionOptions = {}): Execution {
  const code = new CodeStore();
  const api = new RuntimeApi({
    initError: (instanceId, body) => pool.find(instanceId)?.initError(body),
    streamed: (instanceId, _requestId, body, failure) =>
      pool.find(instanceId)?.streamed(body, failure),
  });
  const pool = new Pool({
    world,
    code,
    api,
    node: options.isolation === 'process' ? createProcess : createThread,
    maxIdle: options.maxIdle ?? 32,
  });
  const traces = new TraceSource(world.clock);
  const calls = new Calls(world, pool, traces);
  const asyncCalls = new AsyncCalls(world, calls, () => traces.next());

  return {
    async invokeSync(config, call) {
      checkSize(call.payload, SYNC_BYTES);
      // The caller may go away: Lambda lets the function run on, and so does this.
      return await calls.run(config, { ...call, requestId: call.requestId ?? randomUUID() });
    },
    invokeAsync(config, call) {
      checkSize(call.payload, ASYNC_BYTES);
      asyncCalls.accept({ ...call, config, requestId: call.requestId ?? randomUUID() });
    },
    provision: (config, count) => pool.provision(config, count),
    dropFunction: (functionName) => pool.drop((config) => config.functionName === functionName),
    dropVersion: (functionName, version) =>
      pool.drop((config) => config.functionName === functionName && config.version === version),
    async stop() {
      asyncCalls.stop();
      await pool.stop();
      await api.stop();
      await code.remove();
    },
  };
}

function checkSize(payload: string, limit: number): void {
  if (payload.length * 3 > limit && Buffer.byteLength(payload) > limit)
    throw payloadTooLarge(limit);
}
