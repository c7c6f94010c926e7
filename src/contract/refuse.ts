/** What every adapter does about a capability that it does not have, per capability, once. */
import assert from 'node:assert/strict';
import type { TableRecord } from '../function/events.ts';
import type { JsonObject } from '../function/json.types.ts';
import type { CapabilityKey } from '../spi/capabilities.ts';
import type { EventSpec, FunctionSpec } from '../spec/types.ts';
import { begun, object, type ContractContext, type SpecChange } from './context.ts';

/** Asserts what holds where the support is `none`. */
export type RefusalCheck = (t: ContractContext) => Promise<void>;

const UNSUPPORTED = { code: 'UNSUPPORTED' } as const;

/** The declaration is refused as a whole, and nothing is sent. */
function refusesSpec(change: (t: ContractContext) => SpecChange): RefusalCheck {
  return async (t) => {
    const manager = await t.manager({ main: t.spec(change(t)) });
    await t.withoutWrites(() => t.refused(() => manager.deploy('main'), UNSUPPORTED));
    await t.withoutWrites(() => t.refused(() => manager.plan('main'), UNSUPPORTED));
    assert.equal(await manager.describe('main'), undefined);
  };
}

/** The event is refused, declared or added, and nothing is sent. */
function refusesEvent(event: (t: ContractContext) => EventSpec): RefusalCheck {
  return async (t) => {
    await refusesSpec((inner) => ({ events: [event(inner)] }))(t);
    const { manager } = await t.deployed();
    await t.withoutWrites(() =>
      t.refused(() => manager.configureEvent('main', event(t)), UNSUPPORTED),
    );
  };
}

/** A call on a deployed function is refused, and nothing is sent. */
function refusesCall(
  call: (
    t: ContractContext,
    manager: Awaited<ReturnType<ContractContext['manager']>>,
  ) => Promise<unknown>,
): RefusalCheck {
  return async (t) => {
    const { manager } = await t.deployed();
    await t.withoutWrites(() => t.refused(() => call(t, manager), UNSUPPORTED));
  };
}

/** A setting that the platform does not enforce is said aloud, and not silently dropped. */
function warnsAbout(field: keyof FunctionSpec, change: SpecChange): RefusalCheck {
  return async (t) => {
    const manager = await t.manager({ main: t.spec(change) });
    const { warnings } = await manager.plan('main');
    assert.ok(
      warnings.some((warning) => warning.field?.endsWith(field) ?? false),
      `a warning names ${field}: ${JSON.stringify(warnings)}`,
    );
  };
}

/** A number that is not known is null. */
function isNull(field: 'coldStarts' | 'durationMs' | 'maxMemoryMb'): RefusalCheck {
  return async (t) => {
    if (!t.supports('metrics.counts')) return await REFUSALS['metrics.counts'](t);
    const { manager } = await t.deployed();
    assert.equal((await manager.metrics('main', { last: '1h' }))[field], null);
  };
}

function created(t: ContractContext, suffix: string): { queue: string; create: true } {
  return { queue: t.name(suffix), create: true };
}

/** A handler that asks for single messages again loses none of them. */
async function wholeBatchAgain(t: ContractContext): Promise<void> {
  const retry = { maxAttempts: 3, backoff: 'fixed', delaySeconds: 1, jitter: false } as const;
  await t.deployed({ events: [{ type: 'queue', ...created(t, 'q'), retry }] });
  t.script('queue', [{ retry: [0] }]);
  await t.subject.emit({ kind: 'queue', queue: t.name('q'), messages: [{ data: 'again' }] });
  await t.until('the message comes again', () => t.reports('queue').length > 1);
}

/** For each capability: what is asserted instead of its cases. */
export const REFUSALS: Readonly<Record<CapabilityKey, RefusalCheck>> = {
  'deploy.rollback': refusesCall((_, manager) => manager.rollback('main')),
  'deploy.prebuilt': async (t) => {
    const manager = await t.manager({ main: { artifact: './function.zip' } });
    await t.withoutWrites(() => t.refused(() => manager.deploy('main'), UNSUPPORTED));
  },
  'deploy.image': async (t) => {
    const manager = await t.manager({ main: { image: 'registry.example/shop/orders:1' } });
    await t.withoutWrites(() => t.refused(() => manager.deploy('main'), UNSUPPORTED));
  },
  'deploy.foreignRuntime': async (t) => {
    const manager = await t.manager({
      main: { artifact: './function.zip', runtime: 'python3.13' },
    });
    await t.withoutWrites(() => t.refused(() => manager.deploy('main'), UNSUPPORTED));
  },
  'deploy.adopt': async (t) => {
    const stranger = await t.subject.stranger(t.ref());
    try {
      const manager = await t.manager();
      await t.withoutWrites(() =>
        t.refused(() => manager.deploy('main', { adopt: true }), UNSUPPORTED),
      );
      assert.equal(await stranger.untouched(), true);
    } finally {
      await stranger.remove();
    }
  },
  'deploy.architecture': refusesSpec(() => ({ architecture: 'arm64' })),
  'deploy.secrets': refusesSpec((t) => ({ env: { API_KEY: { $secret: t.name('key') } } })),
  'deploy.tags': refusesSpec(() => ({ tags: { team: 'shop' } })),
  'invoke.sync': refusesCall((_, manager) => manager.invoke('main', null)),
  'invoke.async': refusesCall((_, manager) => manager.invoke('main', null, { mode: 'async' })),
  'invoke.asyncRetry': refusesSpec(() => ({ async: { retry: { maxAttempts: 2 } } })),
  'invoke.destinations': refusesSpec((t) => ({
    async: { onFailure: { type: 'queue', name: t.name('failed') } },
  })),
  // The caller is free at once; only the function is not told.
  'invoke.cancel': async (t) => {
    if (!t.supports('invoke.sync')) return await REFUSALS['invoke.sync'](t);
    const { manager } = await t.deployed();
    t.script('invoke', [{ hold: true }]);
    const controller = new AbortController();
    const call = begun(
      t.refused(() => manager.invoke('main', { op: 'hold' }, { signal: controller.signal }), {
        code: 'CANCELLED',
      }),
    );
    await t.arrived('invoke', 1);
    controller.abort();
    await call;
  },
  // Even the live version is refused by name, and it does not run.
  'invoke.version': async (t) => {
    const { manager, deployment } = await t.deployed();
    const { version } = deployment;
    await t.refused(() => manager.invoke('main', { op: 'report' }, { version }), UNSUPPORTED);
    await t.subject.settle();
    assert.equal(t.reports('invoke').length, 0);
  },
  'invoke.signedRoute': async (t) => {
    const { deployment } = await t.deployed();
    assert.equal(deployment.url, null, 'there is no door to call through');
  },
  'instance.memoryLimit': warnsAbout('memoryMb', { memoryMb: 512 }),
  'instance.timeout': warnsAbout('timeoutSeconds', { timeoutSeconds: 20 }),
  'instance.concurrency': refusesSpec(() => ({ concurrency: 2 })),
  'instance.minInstances': refusesSpec(() => ({ minInstances: 1 })),
  'instance.maxInstances': refusesSpec(() => ({ maxInstances: 1 })),
  'event.http': refusesEvent(() => ({ type: 'http', path: '/a' })),
  'event.http.cors': refusesEvent(() => ({ type: 'http', path: '/a', cors: true })),
  'event.http.jwt': refusesEvent((t) => ({
    type: 'http',
    path: '/a',
    jwt: { issuer: t.witness.issuer, audience: ['orders-api'] },
  })),
  'event.http.rateLimit': refusesEvent(() => ({
    type: 'http',
    path: '/a',
    rateLimit: { requestsPerSecond: 1 },
  })),
  // Without streaming the response arrives whole.
  'event.http.streaming': async (t) => {
    if (!t.supports('event.http')) return await REFUSALS['event.http'](t);
    const { manager } = await t.deployed({ events: [{ type: 'http' }] });
    assert.equal((await t.fetch(manager, '/stream')).text, 'first;last');
  },
  'event.schedule': refusesEvent(() => ({ type: 'schedule', every: '1 minute' })),
  'event.schedule.timezone': refusesEvent(() => ({
    type: 'schedule',
    cron: '0 9 * * *',
    timezone: 'Asia/Kolkata',
  })),
  'event.queue': refusesEvent((t) => ({ type: 'queue', ...created(t, 'q') })),
  'event.queue.partialBatch': wholeBatchAgain,
  // Failed messages come again, though at times of the platform's own choosing.
  'event.queue.backoff': wholeBatchAgain,
  'event.queue.deadLetter': refusesEvent((t) => ({
    type: 'queue',
    ...created(t, 'q'),
    deadLetter: t.name('dead'),
  })),
  'event.queue.redrive': async (t) => {
    assert.equal(t.subject.redrive, undefined, 'there is nothing to send back with');
  },
  'event.topic': refusesEvent((t) => ({ type: 'topic', topic: t.name('t'), create: true })),
  'event.topic.filter': refusesEvent((t) => ({
    type: 'topic',
    topic: t.name('t'),
    create: true,
    filter: { tenant: ['blue'] },
  })),
  'event.topic.deadLetter': refusesEvent((t) => ({
    type: 'topic',
    topic: t.name('t'),
    create: true,
    deadLetter: t.name('dead'),
  })),
  'event.object': refusesEvent((t) => ({ type: 'object', bucket: t.name('b'), create: true })),
  'event.object.filter': refusesEvent((t) => ({
    type: 'object',
    bucket: t.name('b'),
    create: true,
    prefix: 'in/',
  })),
  'event.object.deadLetter': refusesEvent((t) => ({
    type: 'object',
    bucket: t.name('b'),
    create: true,
    deadLetter: t.name('dead'),
  })),
  'event.stream': refusesEvent((t) => ({ type: 'stream', stream: t.name('s'), create: true })),
  'event.stream.deadLetter': refusesEvent((t) => ({
    type: 'stream',
    stream: t.name('s'),
    create: true,
    deadLetter: t.name('dead'),
  })),
  'event.table': refusesEvent((t) => ({ type: 'table', table: t.name('t'), create: true })),
  // What a row has become is told, though not what it was, nor that it is gone.
  'event.table.history': async (t) => {
    if (!t.supports('event.table')) return await REFUSALS['event.table'](t);
    await t.deployed({ events: [{ type: 'table', table: t.name('t'), create: true }] });
    const write = (id: string, item?: JsonObject): Promise<void> =>
      t.subject.emit({ kind: 'table', table: t.name('t'), key: { id }, ...(item && { item }) });
    const records = (): readonly TableRecord[] =>
      t.reports('table').flatMap(({ event }) => event.records);
    await write('a', { count: 1 });
    await t.until('the new row is told', () => records().length > 0);
    await write('a', { count: 2 });
    await t.until('the change is told', () => records().length > 1);
    await write('a');
    await t.subject.clock.advance(60_000);
    await t.subject.settle();
    assert.deepEqual(
      records().map(({ newImage, oldImage }) => [newImage?.['count'], oldImage]),
      [
        [1, undefined],
        [2, undefined],
      ],
    );
  },
  // Each change is told, if not in the order in which it happened.
  'event.table.order': async (t) => {
    if (!t.supports('event.table')) return await REFUSALS['event.table'](t);
    await t.deployed({ events: [{ type: 'table', table: t.name('t'), create: true }] });
    const counts = [0, 1, 2, 3, 4];
    for (const count of counts) {
      await t.subject.emit({
        kind: 'table',
        table: t.name('t'),
        key: { id: 'a' },
        item: { count },
      });
    }
    const seen = (): readonly number[] =>
      t
        .reports('table')
        .flatMap(({ event }) => event.records.map((one) => Number(one.newImage?.['count'])));
    await t.until('all changes are told', () => seen().length >= counts.length);
    assert.deepEqual(
      seen().toSorted((one, other) => one - other),
      counts,
    );
  },
  'event.table.deadLetter': refusesEvent((t) => ({
    type: 'table',
    table: t.name('t'),
    create: true,
    deadLetter: t.name('dead'),
  })),
  'event.bus': refusesEvent((t) => ({ type: 'bus', bus: t.name('bus'), create: true })),
  'event.bus.pattern': refusesEvent((t) => ({
    type: 'bus',
    bus: t.name('bus'),
    create: true,
    pattern: { type: ['Paid'] },
  })),
  'event.bus.deadLetter': refusesEvent((t) => ({
    type: 'bus',
    bus: t.name('bus'),
    create: true,
    deadLetter: t.name('dead'),
  })),
  'warm.ping': refusesCall((_, manager) => manager.preWarm('main', { instances: 1 })),
  'warm.guaranteed': async (t) => {
    if (!t.supports('warm.ping')) return await REFUSALS['warm.ping'](t);
    const { manager } = await t.deployed();
    assert.equal((await manager.preWarm('main', { instances: 1 })).guaranteed, false);
  },
  'metrics.counts': refusesCall((_, manager) => manager.metrics('main', { last: '1h' })),
  'metrics.coldStarts': isNull('coldStarts'),
  'metrics.percentiles': isNull('durationMs'),
  'metrics.memory': isNull('maxMemoryMb'),
  'logs.query': refusesCall(async (_, manager) => {
    for await (const entry of manager.logs('main', { last: '1h' })) assert.fail(entry.message);
  }),
  'trace.propagation': async (t) => {
    if (!t.supports('invoke.sync')) return await REFUSALS['invoke.sync'](t);
    const { manager } = await t.deployed();
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const { output } = await manager.invoke('main', { op: 'context' }, { traceparent });
    assert.equal(object(output)['trace'], null);
  },
};

/** What stands in for a case that needs something which is not there. */
export function refusalOf(missing: CapabilityKey): RefusalCheck {
  return REFUSALS[missing];
}
