import * as api from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import type { CallInfo } from '../../../src/layers/layer.ts';
import { telemetryLayer } from '../../../src/layers/telemetry.ts';
import type { CallContext } from '../../../src/spi/provider.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { contextOf } from '../review/core-support.ts';

type Api = Parameters<typeof telemetryLayer>[0];

const info: CallInfo = {
  call: 'invoke',
  provider: 'toy',
  function: 'orders',
  step: undefined,
  idempotent: false,
};
const boom = (): never => {
  throw new Error('the exporter is broken');
};
const ids = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
const spanThatFails = new Proxy(api.trace.wrapSpanContext(ids), {
  get: (span, field) => (field === 'spanContext' ? () => span.spanContext() : boom),
});

/** The API with a part of it exchanged. */
function withTracer(
  startSpan: api.Tracer['startSpan'],
  context: Partial<Api['context']> = {},
): Api {
  const tracer: api.Tracer = { startSpan, startActiveSpan: boom };
  const exchange = <Part extends object>(part: Part, own: object): Part =>
    new Proxy(part, {
      get: (from, field) => {
        const value: unknown = Object.hasOwn(own, field)
          ? Reflect.get(own, field)
          : Reflect.get(from, field);
        return typeof value === 'function' ? value.bind(from) : value;
      },
    });
  return {
    ...api,
    trace: exchange(api.trace, { getTracer: () => tracer }),
    context: exchange(api.context, context),
  };
}

async function called(
  of: Api,
  parts: Partial<CallContext> = {},
): Promise<{ readonly times: number; readonly answer: unknown }> {
  let times = 0;
  const context = { ...contextOf(new ManualClock()), ...parts };
  const answer = await telemetryLayer(of, () => undefined).around(info, context, () => {
    times += 1;
    return Promise.resolve('the answer');
  });
  return { times, answer };
}

describe('telemetry that fails', () => {
  it.each([
    ['as a span begins', withTracer(boom)],
    ['in the middle of a span', withTracer(() => spanThatFails)],
    ['as the context is entered', withTracer(() => api.trace.wrapSpanContext(ids), { with: boom })],
  ])('does not fail the call that it watches: %s', async (_when, broken) => {
    expect(await called(broken)).toEqual({ times: 1, answer: 'the answer' });
  });

  it('leaves the error of a call as it is', async () => {
    const layer = telemetryLayer(
      withTracer(() => spanThatFails),
      () => undefined,
    );
    const error = new Error('the call’s own');
    const call = layer.around(info, contextOf(new ManualClock()), () => Promise.reject(error));
    await expect(call).rejects.toBe(error);
  });
});

describe('the parent of a span', () => {
  it.each([
    `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
    `01-${'1'.repeat(32)}-${'2'.repeat(16)}-03-later`,
    ` 00-${'1'.repeat(32)}-${'2'.repeat(16)}-01 `,
  ])('is the trace that the caller names, in every form that is read: %j', async (traceparent) => {
    const parents: unknown[] = [];
    const watching = withTracer((_name, _options, parent = api.ROOT_CONTEXT) => {
      parents.push(api.trace.getSpanContext(parent));
      return api.trace.wrapSpanContext(ids);
    });
    await called(watching, { trace: { traceparent } });
    expect(parents).toEqual([
      { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1, isRemote: true },
    ]);
  });
});
