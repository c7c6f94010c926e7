/** A function `main` of an app of its own for each case, all on one stage. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ServerlessManager } from 'polyfaas/contract';
import type { Stage } from './stage.ts';

export interface MainFunctions {
  /** Versions, one after the other. */
  deployed(app: string, ...parts: readonly string[]): Promise<void>;
  /** What of it is at Vercel, as the fake tells it. */
  linesOf(app: string, what: string): readonly string[];
  /** A promotion goes on, whoever asked for it. */
  promotionEnds(): Promise<void>;
}

/** @param of a new manager, as a new process has, with a version of the function. */
export function mainFunctions(
  stageOf: () => Stage,
  of: (app: string, part: string) => Promise<ServerlessManager>,
): MainFunctions {
  return {
    async deployed(app, ...parts) {
      for (const part of parts) await (await of(app, part)).deploy('main');
    },
    linesOf: (app, what) =>
      stageOf()
        .fake.inventory()
        .filter((line) => line.includes(`${app}-dev-main`) && line.includes(what)),
    async promotionEnds() {
      await stageOf().clock.advance(5_000);
      await pause(1);
    },
  };
}
