/** Two processes that work on one function: what each of them does, with a manager of its own, and how that ends. */
import { ServerlessError, type EventSpec, type FunctionSpec } from 'polyfaas';
import type { ServerlessManager } from 'polyfaas/contract';
import { EVENTS_SOURCE } from './refusals.ts';

export const withEvents = (...events: readonly EventSpec[]): FunctionSpec => ({
  source: EVENTS_SOURCE,
  events,
});

/** What one of the two does to the function `main`. */
export interface Part {
  /** As its configuration declares it. */
  readonly main: FunctionSpec;
  work(manager: ServerlessManager): Promise<unknown>;
}

export const deploying = (...events: readonly EventSpec[]): Part => ({
  main: withEvents(...events),
  work: (manager) => manager.deploy('main'),
});

export const configuring = (event: EventSpec): Part => ({
  main: withEvents(),
  work: (manager) => manager.configureEvent('main', event),
});

export const unbinding = (id: string): Part => ({
  main: withEvents(),
  work: (manager) => manager.removeEvent('main', id),
});

export const removing: Part = {
  main: withEvents(),
  work: (manager) => manager.remove('main'),
};

export type Ending = 'ok' | ServerlessError;

export async function ended(work: Promise<unknown>): Promise<Ending> {
  try {
    await work;
    return 'ok';
  } catch (error) {
    if (ServerlessError.isInstance(error)) return error;
    throw error;
  }
}
