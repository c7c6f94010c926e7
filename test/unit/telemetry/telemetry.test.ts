/** With the real SDKs of OpenTelemetry: what arrives at those who listen. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  createServerlessManager,
  type JsonObject,
  type ManagerOptions,
  type ServerlessManager,
} from 'polyfaas';
import { runChild } from '../../e2e/support/run-child.ts';
import description from '../../../package.json' with { type: 'json' };
import { listen } from './listening.ts';

const { version } = description;

const source = `
  import { defineFunction } from 'polyfaas/function';
  export default defineFunction({
    invoke: async (input, context) => {
      if (input === 'fail') throw new RangeError('too much');
      if (input === 'hang') await new Promise(() => {});
      return { trace: context.trace ?? null };
    },
  });`;

function newRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'polyfaas-telemetry-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

async function deployed(
  telemetry?: ManagerOptions['telemetry'],
  timeoutSeconds = 30,
): Promise<ServerlessManager> {
  const root = newRoot();
  const hello = { source, timeoutSeconds };
  const manager: ServerlessManager = await createServerlessManager(
    { app: 'shop', root, region: 'here', functions: { hello } },
    { telemetry },
  );
  onTestFinished(() => manager.close());
  await manager.deploy('hello');
  return manager;
}

const seenTrace = async (manager: ServerlessManager, traceparent?: string): Promise<JsonObject> => {
  const { output } = await manager.invoke<{ trace: JsonObject }>('hello', null, { traceparent });
  return output.trace;
};

const target = {
  'faas.invoked_provider': 'local',
  'faas.invoked_name': 'hello',
  'faas.invoked_region': 'here',
};

describe('spans', () => {
  it('are made of every call, and an invocation says that it was cold', async () => {
    const heard = listen();
    const manager = await deployed();
    expect(heard.spans().map(({ name }) => name)).toEqual(
      expect.arrayContaining(['identify', 'observe hello', 'execute hello']),
    );
    const steps = heard.spans().filter(({ name }) => name === 'execute hello');
    expect(steps.map(({ attributes }) => attributes['polyfaas.step'])).toEqual([
      'store',
      'publish',
      'verify',
      'live',
    ]);

    await manager.invoke('hello', null, { requestId: 'request-1' });
    const span = heard.span('invoke hello');
    expect(span.kind).toBe(SpanKind.CLIENT);
    expect(span.instrumentationScope).toMatchObject({ name: 'polyfaas', version });
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(span.attributes).toEqual({
      ...target,
      'faas.coldstart': true,
      'faas.invocation_id': 'request-1',
    });
    await manager.invoke('hello');
    const warm = heard.spans().at(-1);
    expect(warm?.attributes).not.toHaveProperty('faas.coldstart');
  });

  it('are made of an operation too, and those of its calls are below it', async () => {
    const heard = listen();
    const manager = await deployed();
    await expect(manager.rollback('hello')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const deploy = heard.span('deploy hello');
    expect(deploy).toMatchObject({ kind: SpanKind.INTERNAL, attributes: target });
    const below = heard.spans().filter(({ parentSpanContext: parent }) => {
      return parent?.spanId === deploy.spanContext().spanId;
    });
    expect(new Set(below.map(({ name }) => name))).toEqual(
      new Set(['identify', 'observe hello', 'execute hello']),
    );
    expect(heard.span('rollback hello')).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { ...target, 'error.type': 'NOT_FOUND' },
    });
    expect(Object.keys(await heard.metrics())).not.toContain('faas.invoke_duration');
  });

  it('of a failure have the error status, and its code as error.type', async () => {
    const heard = listen();
    const manager = await deployed(true);
    const failing = manager.invoke('hello', 'fail', { requestId: 'request-2' });
    await expect(failing).rejects.toThrow('too much');
    const span = heard.span('invoke hello');
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
    expect(span.attributes).toMatchObject({
      ...target,
      'error.type': 'FUNCTION_FAILED',
      'faas.invocation_id': 'request-2',
    });
    // The handler's message may hold anything; a span goes to third parties.
    expect(JSON.stringify([span.status, span.attributes, span.events])).not.toContain('too much');
  });

  it('travel into the handler', async () => {
    const heard = listen();
    const manager = await deployed();
    const seen = await seenTrace(manager);
    const { traceId, spanId } = heard.span('invoke hello').spanContext();
    expect(seen).toEqual({ traceparent: `00-${traceId}-${spanId}-01` });
  });

  it("have the caller's active span as parent", async () => {
    const heard = listen();
    const manager = await deployed();
    const parent = trace.getTracer('program').startSpan('program');
    await context.with(trace.setSpan(context.active(), parent), () => manager.invoke('hello'));
    const span = heard.span('invoke hello');
    expect(span.spanContext().traceId).toBe(parent.spanContext().traceId);
    expect(span.parentSpanContext?.spanId).toBe(parent.spanContext().spanId);
  });

  it('have the trace context that the call names as parent', async () => {
    const heard = listen();
    const manager = await deployed();
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const seen = await seenTrace(manager, `00-${traceId}-b7ad6b7169203331-01`);
    const span = heard.span('invoke hello');
    expect(span.spanContext().traceId).toBe(traceId);
    expect(span.parentSpanContext).toMatchObject({ spanId: 'b7ad6b7169203331', isRemote: true });
    expect(seen).toEqual({ traceparent: `00-${traceId}-${span.spanContext().spanId}-01` });
  });
});

describe('metrics', () => {
  it('count invocations, errors, timeouts and cold starts, and measure times in seconds', async () => {
    const heard = listen();
    const manager = await deployed(undefined, 3);
    await manager.invoke('hello');
    await manager.invoke('hello');
    await expect(manager.invoke('hello', 'fail')).rejects.toThrow('too much');
    await expect(manager.invoke('hello', 'hang')).rejects.toMatchObject({ code: 'TIMEOUT' });
    const seen = await heard.metrics();
    const counts = Object.fromEntries(
      Object.entries(seen).map(([name, { unit, series }]) => [
        name,
        [unit, series.reduce((sum, { count }) => sum + count, 0)],
      ]),
    );
    expect(counts).toEqual({
      // Those that succeeded.
      'faas.invocations': ['{invocation}', 2],
      'faas.errors': ['{error}', 1],
      'faas.timeouts': ['{timeout}', 1],
      'faas.coldstarts': ['{coldstart}', 1],
      'faas.invoke_duration': ['s', 4],
      'faas.init_duration': ['s', 1],
    });
    for (const { series, version: made } of Object.values(seen)) {
      expect(made).toBe(version);
      // One series: nothing in the attributes that grows with the number of calls.
      expect(series.map(({ attributes }) => attributes)).toEqual([target]);
    }
  });
});

describe('telemetry', () => {
  it('that is switched off tells nobody, and leaves a trace context alone', async () => {
    const heard = listen();
    const manager = await deployed(false);
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(await seenTrace(manager, traceparent)).toEqual({ traceparent });
    expect(heard.spans()).toEqual([]);
    expect(await heard.metrics()).toEqual({});
  });

  it.each([
    ['auto', 'auto'],
    ['false', 'off'],
  ])('%s loads nothing of OpenTelemetry while nobody listens', async (_name, mode) => {
    const script = new URL('./loaded-modules.ts', import.meta.url).pathname;
    const run = await runChild(script, newRoot(), mode);
    expect(run).toMatchObject({ code: 0, errors: '' });
    const { output, loaded } = JSON.parse(run.lines[0] ?? '{}');
    expect(output).toEqual({ trace: null });
    expect(loaded).toEqual([]);
  });

  it('that is asked for loads the API, and works without anybody who listens', async () => {
    const script = new URL('./loaded-modules.ts', import.meta.url).pathname;
    const run = await runChild(script, newRoot(), 'on');
    expect(run).toMatchObject({ code: 0, errors: '' });
    const { output, loaded } = JSON.parse(run.lines[0] ?? '{}');
    expect(output).toEqual({ trace: null });
    expect(loaded).toEqual(['@opentelemetry/api']);
  });
});

describe('telemetry that is registered after the manager was made', () => {
  it.each([undefined, true])('is told of what follows, with telemetry: %s', async (telemetry) => {
    const manager = await deployed(telemetry);
    await manager.invoke('hello');
    const heard = listen();
    const { traceparent } = await seenTrace(manager);
    expect(traceparent).toContain(heard.span('invoke hello').spanContext().traceId);
    const found = await heard.metrics();
    expect(found['faas.invocations']?.series).toEqual([
      { attributes: target, count: 1, sum: undefined },
    ]);
  });
});

describe('a call that its caller gives up', () => {
  it('is no error of the function: it is not counted, and its span says why it ended', async () => {
    const heard = listen();
    const manager = await deployed();
    const signal = AbortSignal.timeout(20);
    await expect(manager.invoke('hello', 'hang', { signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    const { attributes, status } = heard.span('invoke hello');
    expect(attributes['error.type']).toBe('CANCELLED');
    expect(status.code).toBe(SpanStatusCode.UNSET);
    const found = await heard.metrics();
    expect(found['faas.errors']).toBeUndefined();
    expect(found['faas.timeouts']).toBeUndefined();
  });
});
