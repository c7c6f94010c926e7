/** What an operator does with dead letters: sends them back to the queue that they came from. */
import type { BindingPolicy } from '../../../providers/azure/manifest.ts';
import { MESSAGE_MARK } from 'polyfaas/function';
import { isMap } from './core/json.ts';
import type { FakeWorld } from './world.ts';

/** The policies of a package; its key is in the name. */
const OF_BINDINGS = /^POLYFAAS_P[0-9a-f]+_BINDINGS$/;

/**
 * Which queue that was is in the settings of the app whose binding gave the messages up.
 *
 * @returns how many messages that were
 */
export function redrive(world: FakeWorld, queue: string): number {
  let count = 0;
  for (const { deadLetter, again } of policies(world)) {
    if (deadLetter?.service !== 'storageQueue' || again?.service !== 'storageQueue') continue;
    const from = partsOf(deadLetter.url);
    const to = partsOf(again.url);
    if (from.queue !== queue || !world.queues.exists(from.account, from.queue)) continue;
    for (const { text } of world.queues.drain(from.account, from.queue)) {
      world.queues.put(to.account, to.queue, anew(text));
      count += 1;
    }
  }
  return count;
}

function policies(world: FakeWorld): readonly BindingPolicy[] {
  return world.web.siteIds().flatMap((id) => {
    return Object.entries(world.web.settingsOf(id)).flatMap(([name, text]) =>
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the adapter wrote it in this form
      OF_BINDINGS.test(name) ? (JSON.parse(text) as readonly BindingPolicy[]) : [],
    );
  });
}

/** The URL of a queue here ends with the names of its account and of itself. */
function partsOf(url: string): { readonly account: string; readonly queue: string } {
  const [account = '', queue = ''] = new URL(url).pathname.split('/').filter(Boolean).slice(-2);
  return { account, queue };
}

/** A message without the count of its deliveries. */
function anew(text: string): string {
  const message: unknown = JSON.parse(Buffer.from(text, 'base64').toString());
  const envelope = isMap(message) ? message[MESSAGE_MARK] : undefined;
  if (!isMap(message) || !isMap(envelope)) return text;
  const { attempts: _, ...rest } = envelope;
  return Buffer.from(JSON.stringify({ ...message, [MESSAGE_MARK]: rest })).toString('base64');
}
