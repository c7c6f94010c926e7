import type { Engine } from '../../engine/engine.ts';
import { requireCapability } from '../../engine/preflight.ts';
import { withDetails } from '../../errors/with-details.ts';
import type { FunctionRef } from '../../spi/plan.ts';
import type { InvokeResult } from '../../spi/provider.ts';
import {
  checkPayload,
  checkRequestId,
  checkTraceparent,
  checkVersion,
  invalid,
} from '../arguments.ts';
import { cancelledBefore } from '../cancelled.ts';
import type { InvokeOptions } from '../types.ts';

/** What an invocation asks for, by its mode. */
const NEEDS = {
  sync: { key: 'invoke.sync', path: 'mode' },
  async: { key: 'invoke.async', path: 'mode' },
} as const;
const NEED_OF_VERSION = { key: 'invoke.version', path: 'version' } as const;

/** The hot path: checks what was passed, and hands it on. */
export function invoke(
  engine: Engine,
  ref: FunctionRef,
  input: unknown,
  options: InvokeOptions,
): Promise<InvokeResult> {
  const { provider } = engine;
  const { mode = 'sync', idempotent = false, version, requestId, traceparent, signal } = options;
  if (!Object.hasOwn(NEEDS, mode)) throw invalid('mode', `"${mode}" is not one of sync, async.`);
  requireCapability(provider, NEEDS[mode], ref.name);
  if (version !== undefined) {
    requireCapability(provider, NEED_OF_VERSION, ref.name);
    checkVersion(version);
  }
  const onLarge = (bytes: number, portableBytes: number): void =>
    engine.warnOnce(
      `payload ${mode} ${ref.app}/${ref.stage}/${ref.name}`,
      `The input of "${ref.name}" is ${bytes} bytes of JSON: ${provider.id} takes it, but not every provider takes more than ${portableBytes} in a ${mode} invocation. Put the data in a bucket and send its key.`,
      { function: ref.name, mode, bytes, portableBytes },
    );
  const payload = checkPayload(input, mode, provider.capabilities, ref.name, onLarge);
  if (signal?.aborted) throw withDetails(cancelledBefore(ref.name, signal), { didNotRun: true });
  const trace = traceparent === undefined ? undefined : checkTraceparent(traceparent);
  const context = engine.context(signal);
  return provider.invoke(
    ref,
    {
      input: payload,
      mode,
      requestId: requestId === undefined ? crypto.randomUUID() : checkRequestId(requestId),
      trace,
      idempotent,
      version,
    },
    // The parent of this call's span, where there is one.
    trace ? { ...context, trace } : context,
  );
}
