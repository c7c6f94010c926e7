import { describe, expect, it } from 'vitest';
import { planBindings, planRemoval } from '../../../providers/aws/events/plan.ts';
import { EVENT_EXECUTORS } from '../../../providers/aws/events/execute.ts';
import type { Binding, Step } from 'polyfaas/spi';
import { dependenciesOf } from '../../../src/engine/step-order.ts';
import {
  bucket,
  bus,
  http,
  ONE_OF_EACH,
  queue,
  record,
  RETRY,
  schedule,
  table,
  TARGET,
  topic,
  wish,
} from './bindings.ts';

function kinds(steps: readonly Step[]): readonly string[] {
  return steps.map(({ id, kind }) => `${id} ${kind}`);
}

function settled(...bindings: readonly Binding[]) {
  return record({ bindings, url: 'https://x.example' });
}

function plan(steps: readonly Step[]) {
  return {
    specVersion: 1,
    provider: 'aws',
    operation: 'deploy',
    function: TARGET.ref,
    basedOn: '',
    steps,
    changes: [],
    warnings: [],
    result: {},
  } as const;
}

describe('plans of bindings', () => {
  it('are well-formed, and every step can be done', () => {
    const { steps } = planBindings(wish(ONE_OF_EACH, { record: record({ pending: ['old'] }) }));
    expect(() => dependenciesOf(plan(steps))).not.toThrow();
    for (const { kind, phase } of steps) {
      expect(Object.keys(EVENT_EXECUTORS)).toContain(kind);
      expect(phase).toBe('bind');
    }
    const removal = planRemoval(wish([], { record: record({ bindings: ONE_OF_EACH }) }));
    expect(() => dependenciesOf(plan(removal))).not.toThrow();
    for (const { kind, phase } of removal) {
      expect(Object.keys(EVENT_EXECUTORS)).toContain(kind);
      expect(phase).toBe('retire');
    }
  });

  it('have no steps for what is as wished', () => {
    const result = planBindings(wish(ONE_OF_EACH, { record: settled(...ONE_OF_EACH) }));
    expect(result.steps).toEqual([]);
    expect(result.touched).toEqual([]);
    expect(result.url).toBe('https://x.example');
  });

  it('do not mind where a binding came from', () => {
    const known = queue('q');
    const result = planBindings(wish([{ ...known, origin: 'api' }], { record: settled(known) }));
    expect(result.steps).toEqual([]);
  });

  it('make sources and dead letters before they bind', () => {
    const { steps, made } = planBindings(wish([queue('q', { deadLetter: 'dead' })]));
    expect(kinds(steps)).toEqual([
      'event-q-dead ensure-queue',
      'event-q-source ensure-queue',
      'event-q-bind put-mapping',
      'mappings-settle settle-mappings',
    ]);
    expect(made).toEqual([
      { kind: 'queue', name: 'orders' },
      { kind: 'queue', name: 'dead' },
    ]);
  });

  it('name as made what was made before, and nothing that is not to be made', () => {
    const before = record({ made: [{ kind: 'topic', name: 'old' }] });
    const bindings = [queue('q', { create: false }), bus('b', { bus: 'default' })];
    expect(planBindings(wish(bindings, { record: before })).made).toEqual([
      { kind: 'topic', name: 'old' },
    ]);
  });

  it('untie what is wished no more, and leave its source', () => {
    const { steps, touched, made } = planBindings(
      wish([], { record: record({ bindings: ONE_OF_EACH, url: 'https://x.example' }) }),
    );
    expect(kinds(steps)).toEqual([
      'event-q-unbind delete-mapping',
      'event-t-unbind delete-subscription',
      'event-s-unbind delete-mapping',
      'event-d-unbind delete-mapping',
      'event-b-unbind delete-rule',
      'event-c-unbind delete-schedule',
      'event-o-unbind put-notifications',
      'http-unbind delete-function-url',
      'scheduler-role-delete delete-scheduler-role',
      'mappings-settle settle-mappings',
    ]);
    expect(touched).toEqual(['b', 'c', 'd', 'h', 'o', 'q', 's', 't']);
    expect(made).toEqual([]);
  });

  it('untie the old source of a binding that moved', () => {
    const { steps } = planBindings(
      wish([topic('t', { topic: 'new' })], { record: settled(topic('t')) }),
    );
    expect(kinds(steps)).toEqual([
      'event-t-unbind delete-subscription',
      'event-t-source ensure-topic',
      'event-t-bind put-subscription',
    ]);
  });

  it('keep a mapping whose binding only got another name', () => {
    const { steps } = planBindings(wish([queue('new')], { record: settled(queue('old')) }));
    expect(kinds(steps)).toEqual([
      'event-new-source ensure-queue',
      'event-new-bind put-mapping',
      'mappings-settle settle-mappings',
    ]);
  });

  it('do again what was left half done, and look for what was left behind', () => {
    const known = queue('q');
    const { steps, touched } = planBindings(
      wish([known], { record: record({ bindings: [known], pending: ['q', 'lost'] }) }),
    );
    expect(kinds(steps)).toEqual([
      'event-q-source ensure-queue',
      'event-q-bind put-mapping',
      'events-sweep sweep-bindings',
      'scheduler-role-delete delete-scheduler-role',
      'mappings-settle settle-mappings',
    ]);
    expect(touched).toEqual(['lost', 'q']);
  });

  it('bring a queue into line when the function may take longer', () => {
    const known = [queue('q'), topic('t')];
    const before = { timeoutSeconds: 10, hasShim: true };
    const { steps } = planBindings(wish(known, { record: settled(...known), before }));
    expect(kinds(steps)).toContain('event-q-source ensure-queue');
    expect(kinds(steps)).not.toContain('event-t-bind put-subscription');
    const same = { timeoutSeconds: 30, hasShim: true };
    expect(planBindings(wish(known, { record: settled(...known), before: same })).steps).toEqual(
      [],
    );
  });

  it('set a bucket once for all of its bindings', () => {
    const bindings = [bucket('a', { prefix: 'a/' }), bucket('b', { prefix: 'b/' })];
    const { steps } = planBindings(wish(bindings, { record: settled(bindings[0] ?? bucket('a')) }));
    const put = steps.filter(({ kind }) => kind === 'put-notifications');
    expect(put.map(({ id }) => id)).toEqual(['event-b-bind']);
    expect(JSON.stringify(put[0]?.input)).toContain('polyfaas-shop-dev-orders-a');
    expect(put[0]?.locks).toContain('bucket:pictures');
  });

  it('subscribe nobody while a topic is disabled', () => {
    const { steps } = planBindings(wish([topic('t', { enabled: false })]));
    expect(steps.at(-1)?.kind).toBe('delete-subscription');
  });

  it('serve one plain route by the URL of the function, and all else by an API', () => {
    const bind = (...bindings: readonly Binding[]) => planBindings(wish(bindings)).steps[0]?.kind;
    expect(bind(http('h'))).toBe('put-function-url');
    expect(bind(http('h', { path: '/a' }))).toBe('put-http-api');
    expect(bind(http('h', { methods: ['GET'] }))).toBe('put-http-api');
    expect(bind(http('h', { maxBodyBytes: 1 }))).toBe('put-http-api');
    expect(bind(http('a'), http('b', { path: '/b' }))).toBe('put-http-api');
    expect(bind(http('a'), http('b', { path: '/b', enabled: false }))).toBe('put-function-url');
    expect(bind(http('a', { enabled: false }))).toBeUndefined();
  });

  it('take the old front away after the new one works', () => {
    const api = [http('h', { path: '/a' })];
    const { steps, url } = planBindings(wish(api, { record: settled(http('h')) }));
    expect(kinds(steps)).toEqual(['http-bind put-http-api', 'http-unbind delete-function-url']);
    expect(url).toEqual({ $from: 'http-bind.url' });
    expect(kinds(planBindings(wish([http('h')], { record: settled(...api) })).steps)).toEqual([
      'http-bind put-function-url',
      'http-unbind delete-http-api',
    ]);
  });

  it('send bare input to code that knows no envelope', () => {
    const bindings = [bus('b'), schedule('c', { input: { a: 1 } })];
    const text = JSON.stringify(planBindings(wish(bindings, { hasShim: false })).steps);
    expect(text).not.toContain('$polyfaas');
    expect(JSON.stringify(planBindings(wish(bindings)).steps)).toContain('$polyfaas');
  });

  it('keep what the user sends from being taken for words of the scheduler', () => {
    const input = { text: '<aws.scheduler.execution-id>' };
    const { steps } = planBindings(wish([schedule('c', { input })]));
    const put: unknown = steps.find(({ kind }) => kind === 'put-schedule')?.input['schedule'];
    const isText = typeof put === 'object' && put !== null && 'input' in put;
    const text = isText && typeof put.input === 'string' ? put.input : '';
    expect(text.match(/<aws\.scheduler/g)).toHaveLength(2);
    expect(JSON.parse(text)).toMatchObject({
      $polyfaas: { kind: 'schedule', binding: 'c' },
      data: input,
    });
  });

  it('read a stream no more often than it may be delivered', () => {
    const { steps } = planBindings(
      wish([table('d', { retry: { ...RETRY, maxAttempts: 2 }, from: 'oldest' })]),
    );
    const bind = steps.find(({ kind }) => kind === 'put-mapping');
    expect(bind?.input['mapping']).toMatchObject({
      sourceArn: { $from: 'event-d-source.streamArn' },
      retries: 1,
      from: 'oldest',
    });
  });

  it('refuse two bindings of one source', () => {
    expect(() => planBindings(wish([queue('a'), queue('b')]))).toThrow(/"a"/);
    expect(() => planBindings(wish([topic('a'), topic('b')]))).toThrow(/once/);
    expect(() => planBindings(wish([bus('a'), bus('b')]))).not.toThrow();
  });

  it('refuse two bindings that S3 would not tell apart', () => {
    const two = (a: Parameters<typeof bucket>[1], b: Parameters<typeof bucket>[1]) => () =>
      planBindings(wish([bucket('a', a), bucket('b', b)]));
    expect(two({}, {})).toThrow(/one listener/);
    expect(two({ prefix: 'in/' }, { prefix: 'in/deep/' })).toThrow(/one listener/);
    expect(two({ prefix: 'in/' }, { suffix: '.png' })).toThrow(/one listener/);
    expect(two({ prefix: 'in/' }, { prefix: 'out/' })).not.toThrow();
    expect(two({ on: ['created'] }, { on: ['deleted'] })).not.toThrow();
    expect(two({ bucket: 'one' }, { bucket: 'two' })).not.toThrow();
  });
});

describe('removal', () => {
  it('unties everything, then takes away what was made', () => {
    const made = [
      { kind: 'queue', name: 'orders' },
      { kind: 'queue', name: 'orders-dead' },
    ] as const;
    const steps = planRemoval(
      wish([], { record: record({ bindings: [queue('q'), schedule('c')], made }) }),
    );
    expect(kinds(steps)).toEqual([
      'event-q-unbind delete-mapping',
      'event-c-unbind delete-schedule',
      'mappings-settle settle-mappings',
      'scheduler-role-delete delete-scheduler-role',
      'source-0-delete delete-source',
      'source-1-delete delete-source',
    ]);
  });

  it('of a function without bindings has no steps', () => {
    expect(planRemoval(wish([]))).toEqual([]);
  });
});
