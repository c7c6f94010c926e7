import { read } from '../arm/calls.ts';
import type { Executor } from '../model.ts';
import { API } from '../names.ts';
import { inputOf } from '../step-input.ts';
import { conflict } from './refusals.ts';

/** Deletes what a function app stood on, unless somebody has deployed it anew meanwhile: it would be taken from under it. */
export function unlessBack(executor: Executor): Executor {
  return async (azure, step, call) => {
    const { target, isGiven } = inputOf<{ isGiven?: boolean }>(step);
    // What is in somebody's storage account goes before the function app does.
    const site =
      isGiven === true ? undefined : await read(azure, target.siteId, API.web, call.signal);
    if (site !== undefined) throw conflict(target, 'it was deployed anew');
    return executor(azure, step, call);
  };
}
