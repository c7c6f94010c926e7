import { sameJson, type Binding, type Step } from 'polyfaas/spi';
import type { Target } from '../../model.ts';
import type { FunctionRecord } from '../../record.ts';
import { eventStep } from '../steps.ts';
import { httpMode, type HttpMode } from './mode.ts';
import { apiWish } from './wish.ts';

export interface HttpPlan {
  readonly steps: readonly Step[];
  readonly touched: readonly string[];
  readonly url: string | null | { readonly $from: string };
}

/** All routes of a function are one thing: when one changes, the whole is brought into line. */
export function planHttp(
  target: Target,
  record: FunctionRecord,
  wished: readonly Binding[],
  drifted: ReadonlySet<string> = new Set(),
): HttpPlan {
  const now = routesIn(record.bindings);
  const next = routesIn(wished);
  const mode = httpMode(next);
  const before = httpMode(now);
  const known = new Map([...now, ...next].map(({ id }) => [id, true]));
  const others = new Set([...record.bindings, ...wished].map(({ id }) => id));
  // What is half done and named nowhere any more may have been a route.
  const isHalfDone = record.pending.some((id) => known.has(id) || !others.has(id));
  const hasDrifted = now.some(({ id }) => drifted.has(id));
  const isSame =
    !isHalfDone &&
    !hasDrifted &&
    sameJson(enabledOnly(now), enabledOnly(next)) &&
    (mode === 'none' || record.url !== null);
  if (isSame) return { steps: [], touched: [], url: mode === 'none' ? null : record.url };
  const steps = [
    ...putSteps(target, mode, next),
    ...(before === mode ? [] : removalSteps(target, before, 'bind')),
  ];
  return {
    steps,
    touched: [...known.keys()],
    url: mode === 'none' ? null : { $from: 'http-bind.url' },
  };
}

/** Takes away what serves the routes. */
export function planHttpRemoval(target: Target, record: FunctionRecord): readonly Step[] {
  return removalSteps(target, httpMode(record.bindings), 'retire');
}

function routesIn(bindings: readonly Binding[]): readonly Binding[] {
  return bindings.filter(({ event }) => event.type === 'http');
}

function enabledOnly(bindings: readonly Binding[]): readonly unknown[] {
  return bindings
    .flatMap(({ id, event }) => (event.type === 'http' && event.enabled ? [{ id, event }] : []))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function putSteps(target: Target, mode: HttpMode, bindings: readonly Binding[]): readonly Step[] {
  if (mode === 'none') return [];
  return [
    mode === 'url'
      ? eventStep(target, {
          id: 'http-bind',
          kind: 'put-function-url',
          title: 'Open the URL of the function',
        })
      : eventStep(target, {
          id: 'http-bind',
          kind: 'put-http-api',
          title: 'Set the routes of the API',
          input: { api: apiWish(target, bindings) },
          deadlineSeconds: 600,
        }),
  ];
}

function removalSteps(target: Target, mode: HttpMode, phase: 'bind' | 'retire'): readonly Step[] {
  if (mode === 'none') return [];
  return [
    eventStep(target, {
      id: 'http-unbind',
      kind: mode === 'url' ? 'delete-function-url' : 'delete-http-api',
      title: mode === 'url' ? 'Close the URL of the function' : 'Delete the API',
      phase,
    }),
  ];
}
