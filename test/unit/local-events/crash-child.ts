/**
 * Sends and handles events until it is killed. Prints, in one system call each, `accepted <id>` once a sender's promise
 * resolved and `handled <id>` at the end of a handler.
 *
 * Parameters: the state folder; `send`, `drain`, or `leave`, which removes the bindings while handlers run that do not
 * end; the prefix of the ids.
 */
import { writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { createEventPlatform } from '../../../providers/local/events/index.ts';
import type { EventCall } from '../../../providers/local/ports.ts';
import { openStore } from '../../../providers/local/store/index.ts';
import { systemClock } from '../../../src/engine/system-clock.ts';
import type { Binding } from '../../../src/spi/index.ts';

const [folder = '', mode = 'send', prefix = ''] = process.argv.slice(2);
const worker = { app: 'shop', stage: 'dev', name: 'worker' };
const retry = {
  maxAttempts: 20,
  backoff: 'fixed',
  delaySeconds: 0,
  maxDelaySeconds: 0,
  jitter: false,
} as const;
const delivered = { enabled: true, create: false, retry, deadLetter: 'dead' } as const;
const batched = { batchSize: 10, batchWindowSeconds: 0 } as const;

let begun = 0;

const say = (what: string, id: string): void => void writeSync(1, `${what} ${id}\n`);

const store = openStore({ folder, durability: 'process' });
const platform = createEventPlatform({
  store,
  clock: systemClock,
  random: Math.random,
  warn: (message) => say('warning', message),
  tell: () => {},
  async dispatch(_ref, call) {
    if (mode === 'send') {
      await pause(Math.random() * 8);
      if (Math.random() < 0.2) throw new Error('injected');
    }
    if (mode === 'leave') {
      begun += 1;
      await new Promise(() => {});
    }
    for (const id of idsOf(call)) say('handled', id);
    return null;
  },
});

const bind = (id: string, event: Binding['event']): Binding => ({ id, origin: 'spec', event });
platform.setBindings(worker, [
  bind('queue', { type: 'queue', queue: 'q', ...delivered, ...batched }),
  bind('topic', { type: 'topic', topic: 't', ...delivered }),
  bind('stream', { type: 'stream', stream: 's', from: 'oldest', ...delivered, ...batched }),
  bind('object', {
    type: 'object',
    bucket: 'b',
    on: ['created'],
    prefix: '',
    suffix: '',
    ...delivered,
  }),
]);
platform.start();

if (mode === 'send') await send();
else if (mode === 'leave') await leave();
else {
  await platform.settle();
  for (const { data } of await platform.sources.deadLetters('dead').list(100_000))
    say('dead', JSON.stringify(data));
  await platform.stop();
  store.close();
}

async function leave(): Promise<never> {
  const { sources } = platform;
  for (const [number, way] of [
    (id: string) => sources.topic('t').publish(id),
    (id: string) => sources.stream('s').put(id, id),
    (id: string) => sources.bucket('b').put(id, id),
  ].entries())
    await way(`${prefix}-${number}`);
  // The calls begin with a later turn of the loop.
  while (begun < 3) await pause(1);
  platform.setBindings(worker, []);
  say('removed', prefix);
  for (;;) await pause(1_000);
}

async function send(): Promise<never> {
  const { sources } = platform;
  const policy = { retry, maxAgeSeconds: 3_600 };
  const ways: readonly ((id: string) => Promise<unknown>)[] = [
    (id) => sources.queue('q').send(id),
    (id) => sources.queue('q').send(id, { group: `group-${id.length % 3}` }),
    (id) => sources.topic('t').publish(id),
    (id) => sources.stream('s').put(id, id),
    (id) => sources.bucket('b').put(id, id),
    (id) => platform.invokeAsync(worker, id, id, policy),
  ];
  for (let number = 0; ; number += 1) {
    const id = `${prefix}-${number}`;
    await ways[number % ways.length]?.(id);
    say('accepted', id);
    if (number % 10 === 9) await pause(2);
  }
}

function idsOf({ event }: EventCall): ReadonlySet<string> {
  return new Set(JSON.stringify(event).match(/run\d+-\d+/g) ?? []);
}
