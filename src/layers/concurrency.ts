/** Bounds how many management calls are under way at once. */
import { abortable } from '../engine/keyed-mutex.ts';
import type { Layer } from './layer.ts';

export function concurrencyLayer(options: { readonly concurrentCalls: number }): Layer {
  let running = 0;
  const waiting: (() => void)[] = [];
  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  };
  const enter = async (signal: AbortSignal): Promise<void> => {
    if (running < options.concurrentCalls) {
      running += 1;
      return;
    }
    let start = (): void => {};
    const turn = new Promise<void>((resolve) => {
      start = resolve;
    });
    waiting.push(start);
    try {
      await abortable(turn, signal);
    } catch (error) {
      const index = waiting.indexOf(start);
      if (index >= 0) waiting.splice(index, 1);
      else leave();
      throw error;
    }
  };
  return {
    name: 'concurrency',
    applies: (call) => call !== 'invoke',
    async around(_info, context, next) {
      await enter(context.signal);
      try {
        return await next(context);
      } finally {
        leave();
      }
    },
  };
}
