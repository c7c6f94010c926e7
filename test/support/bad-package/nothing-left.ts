import { expect } from 'vitest';
import type { RefusingStage } from '../refusals.ts';

/** Nothing of the app is there any more. */
export function assertNothingLeft({ fake }: Pick<RefusingStage, 'fake'>, app: string): void {
  expect(fake.inventory().filter((line) => line.includes(app))).toEqual([]);
}
