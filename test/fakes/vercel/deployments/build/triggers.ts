/** Triggers of Vercel Queues, beyond what the vendor's own check of `experimentalTriggers` sees. */
import { mapOf, textOf } from '../../core/json.ts';
import type { QueueTrigger } from '../../core/ports.ts';
import { BuildFailure } from './failure.ts';
import { USUAL_RETRY_SECONDS } from './limits.ts';

const NAME = /^[A-Za-z0-9_-]+$/;
const KEYS = new Set([
  'type',
  'topic',
  'consumer',
  'maxDeliveries',
  'retryAfterSeconds',
  'initialDelaySeconds',
  'maxConcurrency',
]);

export function checkedTriggers(name: string, given: readonly unknown[]): readonly QueueTrigger[] {
  if (given.length > 1) {
    throw fail(name, 'experimentalTriggers can only have one item for queue/v2beta');
  }
  return given.map((entry) => {
    const trigger = mapOf(entry);
    const unknown = Object.keys(trigger).find((key) => !KEYS.has(key));
    if (unknown !== undefined) throw fail(name, `a trigger has the unknown property "${unknown}"`);
    if (trigger['type'] !== 'queue/v2beta') {
      throw fail(name, `triggers of the type "${textOf(trigger['type'])}" are not taken`);
    }
    const topic = textOf(trigger['topic']);
    const consumer = textOf(trigger['consumer']);
    for (const text of [topic, consumer]) {
      if (!NAME.test(text)) {
        throw fail(name, `"${text}" must consist of letters, digits, hyphens and underscores`);
      }
    }
    return {
      topic,
      consumer,
      maxDeliveries: numberOf(trigger['maxDeliveries']) ?? null,
      retryAfterSeconds: numberOf(trigger['retryAfterSeconds']) ?? USUAL_RETRY_SECONDS,
      initialDelaySeconds: numberOf(trigger['initialDelaySeconds']) ?? 0,
      maxConcurrency: numberOf(trigger['maxConcurrency']) ?? null,
    };
  });
}

/** Two functions that take turns as one consumer would each miss messages. */
export function checkConsumers(
  all: readonly { readonly name: string; readonly triggers: readonly QueueTrigger[] }[],
): void {
  const owners = new Map<string, string>();
  for (const { name, triggers } of all) {
    for (const { topic, consumer } of triggers) {
      const key = `${topic} ${consumer}`;
      const owner = owners.get(key);
      if (owner !== undefined) {
        throw fail(name, `the consumer "${consumer}" of "${topic}" is that of "${owner}"`);
      }
      owners.set(key, name);
    }
  }
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function fail(name: string, what: string): BuildFailure {
  return new BuildFailure(`functions["${name}"]: ${what}.`, 'invalid_trigger');
}
