/** The other hosting plans: Elastic Premium, which has slots, and the older Consumption plan. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

type AzureOptions = NonNullable<NonNullable<FunctionSpec['providerOptions']>['azure']>;

interface More {
  readonly events?: NonNullable<FunctionSpec['events']>;
}

function saying(answer: string, azure: AzureOptions, more: More = {}): FunctionSpec {
  const source = `export default {
  [Symbol.for('polyfaas.function')]: true,
  invoke: async (input) => ({ said: '${answer}', place: process.env.PLACE ?? null, input }),
  http: async () => new Response('${answer}'),
  queue: async ({ messages }) => { for (const { data } of messages) console.log('GOT ${answer} ' + data.id); },
};`;
  return {
    source,
    memoryMb: 512,
    env: { PLACE: answer },
    providerOptions: { azure },
    ...more,
  };
}

const EVENTS: NonNullable<FunctionSpec['events']> = [
  { type: 'http', id: 'route', path: '/say' },
  { type: 'queue', id: 'in', queue: 'incoming', create: true, batchSize: 1 },
];

const PLANS: readonly (readonly [string, AzureOptions])[] = [
  ['premium', { plan: 'premium' }],
  ['premium, larger', { plan: 'premium', planSku: 'EP2', premium: { minimumInstances: 2 } }],
  ['consumption', { plan: 'consumption' }],
];

describe.each(PLANS)('a function on plan %s', (name, azure) => {
  const app = name.replaceAll(/\W+/g, '-');
  const of = (answer: string, more?: More) =>
    stage.manager({ app, functions: { main: saying(answer, azure, more) } });

  it('is deployed, called, changed, rolled back, and removed', async () => {
    const { fake } = stage;
    const before = fake.inventory();
    const first = await of('a');
    const { version } = await first.deploy('main');
    expect((await first.invoke('main', 1)).output).toEqual({ said: 'a', place: 'a', input: 1 });
    const writes = fake.faults.writes;
    expect((await first.deploy('main')).changed).toBe(false);
    expect((await first.plan('main', { drift: 'full' })).steps).toEqual([]);
    expect(fake.faults.writes).toBe(writes);

    const second = await of('b', { events: EVENTS });
    const { url } = await second.deploy('main');
    expect((await second.invoke('main', 2)).output).toEqual({ said: 'b', place: 'b', input: 2 });
    expect(await (await fetch(`${url}/say`)).text()).toBe('b');
    const emitted = Buffer.from('{"id":7}').toString('base64');
    const [place = ''] = fake
      .inventory()
      .filter((line) => line.startsWith('storage queue ') && line.endsWith('/incoming'));
    fake.world.queues.put(
      place.slice('storage queue '.length).split('/')[0] ?? '',
      'incoming',
      emitted,
    );
    await stage.until('the queue was read', async () => {
      for await (const { message } of second.logs('main', { last: '1h' })) {
        if (message === 'GOT b 7') return true;
      }
      return false;
    });
    expect((await second.deploy('main')).changed).toBe(false);

    const back = await second.rollback('main');
    expect(back.version).toBe(version);
    expect((await second.invoke('main', 3)).output).toEqual({ said: 'a', place: 'a', input: 3 });
    expect((await second.metrics('main', { last: '1h' })).invocations).toBeGreaterThan(0);
    // The bindings stay as they are, for a handler that has what they need.
    expect(await (await fetch(`${url}/say`)).text()).toBe('a');

    await second.removeEvent('main', 'in');
    await second.remove('main');
    expect(fake.inventory()).toEqual(before);
  });
});

describe('the slots of Elastic Premium', () => {
  it('serve the version before until the next one answers, and go when it does', async () => {
    const { fake } = stage;
    const config = { app: 'swapping' };
    const azure = { plan: 'premium' } as const;
    const first = await stage.manager({
      ...config,
      functions: { main: saying('a', azure, { events: EVENTS }) },
    });
    const { url } = await first.deploy('main');
    const second = await stage.manager({
      ...config,
      functions: { main: saying('b', azure, { events: EVENTS }) },
    });
    const heard: Promise<string>[] = [];
    const slots = new Set<string>();
    await second.deploy('main', {
      onProgress: ({ step }) => {
        if (step !== 'activate') return;
        for (const line of fake.inventory()) if (line.startsWith('web slot')) slots.add(line);
        heard.push(fetch(`${url}/say`).then((reply) => reply.text()));
      },
    });
    expect([...slots]).toEqual([expect.stringMatching(/^web slot swapping-.*\/polyfaas-next$/)]);
    expect(fake.inventory().filter((line) => line.startsWith('web slot'))).toEqual([]);
    // Nobody met a host that was starting.
    const texts = await Promise.all(heard);
    expect(texts[0]).toBe('a');
    expect(texts.filter((text) => text !== 'a' && text !== 'b')).toEqual([]);
    expect(await (await fetch(`${url}/say`)).text()).toBe('b');
    await second.remove('main');
  });
});
