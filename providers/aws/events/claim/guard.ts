/** Has steps that make something look whether their operation is still the one who goes on. */
import { ServerlessError, type StepResult } from 'polyfaas/spi';
import type { Executor } from '../../model.ts';
import { inputOf } from '../steps.ts';
import type { Claimed } from './claim.ts';
import { isGivingWay, unlessOvertaken } from './give-way.ts';

type Executors = Readonly<Record<string, Executor>>;

/** Only looks. Belongs where others had time to overtake this operation. */
export function seeRecord(executors: Executors): Executor {
  return async (aws, step, call): Promise<StepResult> =>
    (await unlessOvertaken(aws, executors, inputOf<Claimed>(step), call)) ?? { done: true };
}

/**
 * Looks before each turn but the first, which follows another look; and when the step fails, for that may be why: the
 * winner has taken away what the step stands on.
 */
export function guarded(executor: Executor, executors: Executors): Executor {
  return async (aws, step, call): Promise<StepResult> => {
    const { target, knows, claim } = inputOf<Partial<Claimed>>(step);
    if (knows === undefined) return await executor(aws, step, call);
    const look = () => unlessOvertaken(aws, executors, { target, knows, claim }, call);
    const isLater = call.resume !== undefined;
    const lost = isLater && (isGivingWay(call) || makes(step.kind)) ? await look() : undefined;
    if (lost !== undefined) return lost;
    try {
      return await executor(aws, step, call);
    } catch (error) {
      const answer = await look().catch((other: unknown) => {
        // When that look fails too, the first failure says more.
        throw isConflict(other) ? other : error;
      });
      if (answer === undefined) throw error;
      return answer;
    }
  };
}

/** Others only wait for what was made. */
function makes(kind: string): boolean {
  return kind.startsWith('put-');
}

function isConflict(error: unknown): boolean {
  return ServerlessError.isInstance(error) && error.code === 'CONFLICT';
}
