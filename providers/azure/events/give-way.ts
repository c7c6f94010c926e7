/**
 * Subscriptions take events in whether a function reads them or not, and nobody compares anything when one is made. So the
 * record is looked at before and after: who was overtaken takes away what no record names, and tells of the conflict.
 */
import { digestOf, type CallContext, type Step, type StepResult } from 'polyfaas/spi';
import { again, keptOf, ofPart, partOf } from '../arm/turn.ts';
import type { AzureClients } from '../clients/index.ts';
import { recordIfThere } from '../execute/mark.ts';
import { conflict } from '../execute/refusals.ts';
import type { Executor } from '../model.ts';
import type { FunctionRecord, MadeSource } from '../record.ts';
import { idKey } from './arm-id.ts';
import { deleteBound } from './made/delete-bound.ts';
import { inputOf, type Where } from './steps.ts';

/** What is half done is named in the record, so the next operation finds it: nobody is waited for for long. */
const PATIENCE_MS = 40_000;
/** Under which a step keeps since when it is known. */
const LOST = 'lostAt';

interface Claim {
  /** What is made. */
  readonly made: MadeSource;
  /** Digests of the records of this operation. Absent: there was no record to note anything in. */
  readonly knows?: readonly string[];
}

/** The executor, which gives way to another operation on the same function. */
export function givingWay(executor: Executor): Executor {
  return async (azure, step, call) => {
    const { target, knows } = inputOf<Claim>(step);
    if (knows === undefined) return await executor(azure, step, call);
    if (keptOf(call)[LOST] !== undefined) return await giveWay(azure, step, call);
    const isOvertaken = async (): Promise<boolean> => {
      const record = await recordIfThere(azure, target, call);
      return record === undefined || !knows.includes(digestOf({ ...record }));
    };
    // Only a later turn takes anything away: whoever repeats that one does not begin with the step itself.
    const lost = (): StepResult =>
      again(call, { stage: 'giving way', keep: { [LOST]: call.clock.now() } });
    if (call.resume === undefined && (await isOvertaken())) return lost();
    let result: StepResult;
    try {
      result = await executor(azure, step, call);
    } catch (error) {
      // What the other one took away meanwhile is missing.
      if (await isOvertaken()) return lost();
      throw error;
    }
    return result.done && (await isOvertaken()) ? lost() : result;
  };
}

async function giveWay(azure: AzureClients, step: Step, call: CallContext): Promise<StepResult> {
  const { target, made } = inputOf<Claim>(step);
  const since = keptOf(call)[LOST];
  const keep = { [LOST]: since ?? null };
  const record = await recordIfThere(azure, target, call);
  // As long as the other one is at it, its record is not yet what there is.
  const mayWait = call.clock.now() - Number(since) < PATIENCE_MS;
  if (mayWait && record !== undefined && isHalfDone(record)) {
    return again(call, { stage: 'waiting for the operation that goes on instead', keep });
  }
  if (record === undefined || !names(record, made)) {
    const result = await deleteBound(azure, step, partOf(call));
    if (!result.done) return ofPart(result, keep);
  }
  throw lostBy(target, record);
}

function isHalfDone({ next, pending }: FunctionRecord): boolean {
  return next !== null || pending.length > 0;
}

function names(record: FunctionRecord, { kind, id }: MadeSource): boolean {
  return record.made.some((one) => one.kind === kind && idKey(one.id) === idKey(id));
}

function lostBy(target: Where, record: FunctionRecord | undefined) {
  const what = record === undefined ? 'its function app is gone' : 'another operation goes on';
  return conflict(target, what);
}
