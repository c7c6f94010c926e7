import { describe, expect, it } from 'vitest';
import { withStandardLayers } from '../../../src/layers/index.ts';
import type { Layer } from '../../../src/layers/layer.ts';
import type { InvokeRequest, InvokeResult, ServerlessProvider } from '../../../src/spi/provider.ts';
import { NEVER_ABORTS } from '../../../src/spi/signals.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { contextOf, limits, ref, stubProvider } from '../review/core-support.ts';

const request: InvokeRequest = {
  input: null,
  mode: 'sync',
  requestId: 'r',
  trace: undefined,
  idempotent: false,
  version: undefined,
};

/** A provider of which every call waits, as for telemetry that is still being loaded. */
function heldUp(): {
  readonly provider: ServerlessProvider;
  readonly sent: unknown[];
  goOn(): void;
} {
  const sent: unknown[] = [];
  const { promise: loaded, resolve: goOn } = Promise.withResolvers<void>();
  const waiting: Layer = {
    name: 'telemetry',
    applies: () => true,
    async around(_info, context, next) {
      await loaded;
      return next(context);
    },
  };
  const parts: Partial<ServerlessProvider> = {
    invoke: (_ref, asked): Promise<InvokeResult> => {
      sent.push(asked);
      return Promise.resolve({
        output: 1,
        requestId: 'r',
        version: '1',
        coldStart: false,
        durationMs: 1,
        initDurationMs: null,
        instanceId: null,
      });
    },
  };
  return { provider: withStandardLayers(stubProvider(parts), limits, waiting), sent, goOn };
}

describe('an invocation that is not sent yet', () => {
  it.each([
    ['without a signal', NEVER_ABORTS],
    ['with one', new AbortController().signal],
  ])('when its provider is closed is never sent: %s', async (_what, signal) => {
    const { provider, sent, goOn } = heldUp();
    const invoking = provider
      .invoke(ref, request, contextOf(new ManualClock(), signal))
      .catch((error: unknown) => error);
    await provider.close();
    goOn();
    expect(await invoking).toMatchObject({
      code: 'CANCELLED',
      function: 'orders',
      message: expect.stringContaining('The manager was closed during a call for "orders"'),
    });
    expect(sent).toEqual([]);
  });

  it('when its caller gives up is never sent', async () => {
    const { provider, sent, goOn } = heldUp();
    const caller = new AbortController();
    const invoking = provider
      .invoke(ref, request, contextOf(new ManualClock(), caller.signal))
      .catch((error: unknown) => error);
    caller.abort(new Error('no more time'));
    goOn();
    expect(await invoking).toMatchObject({
      code: 'CANCELLED',
      message: 'The invoke call was cancelled by its caller.',
    });
    expect(sent).toEqual([]);
  });
});
