/** Runs single cases against one subject. */
import { randomBytes } from 'node:crypto';
import type { Capabilities, CapabilityKey } from '../spi/capabilities.ts';
import {
  checkFields,
  checkMakeSubject,
  checkNames,
  checkSubject,
  wrongArgument,
} from './arguments.ts';
import { CONTRACT_AREAS, type ContractArea, type ContractCase } from './case.ts';
import { contractCases } from './cases/index.ts';
import { openContext, type OpenContext } from './context.ts';
import { refusalOf } from './refuse.ts';
import { withNamedLevers } from './levers.ts';
import { Pace } from './pace.ts';
import { StandingFunctions } from './standing.ts';
import { FAULT_KINDS, type ContractSubject, type FaultKind, type MakeSubject } from './subject.ts';
import { startWitness, type Witness } from './witness.ts';

/** Which cases. */
export interface ContractSelection {
  /** Default: all. */
  readonly areas?: readonly ContractArea[];
  /** The faults that the subject can inject. Default: all kinds. */
  readonly faults?: readonly FaultKind[];
  /** Only these cases, by id, or by area for all of it. */
  readonly only?: readonly string[];
  /** All but these cases, by id, or by area for all of it: for a platform where one of them would cost too much. */
  readonly except?: readonly string[];
}

const SELECTION_FIELDS = {
  areas: true,
  faults: true,
  only: true,
  except: true,
} satisfies Record<keyof ContractSelection, true>;

/** `held`: the case itself. `refused`: the platform lacks something, and the refusal was asserted. */
export type CaseMode = 'held' | 'refused';

/** How a case went. */
export interface CaseRun {
  readonly mode: CaseMode;
  /** What was missing, where the mode is `refused`. */
  readonly missing?: CapabilityKey;
}

/**
 * The cases of a selection, in order.
 *
 * @param more fields that the selection may have besides, for who reads them
 * @throws ServerlessError INVALID_ARGUMENT for a field, a case or an area that is not there, and where nothing is selected: a suite
 *   without cases is green, and shows nothing.
 */
export function selectCases(
  selection: ContractSelection = {},
  more: readonly string[] = [],
): readonly ContractCase[] {
  checkFields(selection, [...Object.keys(SELECTION_FIELDS), ...more]);
  const { areas, only, except = [], faults = FAULT_KINDS } = selection;
  const ids = contractCases.map(({ id }) => id);
  checkNames('areas', areas, CONTRACT_AREAS, CONTRACT_AREAS);
  checkNames('only', only, [...ids, ...CONTRACT_AREAS], CONTRACT_AREAS);
  checkNames('except', selection.except, [...ids, ...CONTRACT_AREAS], CONTRACT_AREAS);
  checkNames('faults', selection.faults, FAULT_KINDS, FAULT_KINDS);
  const selected = contractCases.filter(
    ({ id, area, fault }) =>
      (areas === undefined || areas.includes(area)) &&
      (only === undefined || only.includes(id) || only.includes(area)) &&
      !(except.includes(id) || except.includes(area)) &&
      (fault === undefined || faults.includes(fault)),
  );
  if (selected.length > 0) return selected;
  throw wrongArgument('selection: it selects no case. Leave out a part of it.');
}

/** Rejects when the work takes too long. */
export type Limit = <Value>(work: Promise<Value>) => Promise<Value>;

/** One subject and its witness, made on first use and shared by all cases. */
export interface Suite {
  /** Makes the subject, if it is not there yet. */
  open(): Promise<void>;
  /** Rejects when the adapter does not hold the contract. */
  run(contractCase: ContractCase): Promise<CaseRun>;
  /**
   * Ends everything, whatever fails on the way; rejects with the first that did.
   *
   * @param limit ends the waiting for each part of it. Default: it may take as long as it likes.
   */
  close(limit?: Limit): Promise<void>;
}

interface Ready {
  readonly subject: ContractSubject;
  readonly witness: Witness;
  readonly capabilities: Capabilities;
  readonly standing: StandingFunctions;
  open(app: string): OpenContext;
}

/** Opens a suite. Nothing is made before the first case runs. */
export function openSuite(makeSubject: MakeSubject): Suite {
  checkMakeSubject(makeSubject);
  const runId = randomBytes(3).toString('hex');
  let ready: Promise<Ready> | undefined;
  let count = 0;

  const prepare = async (): Promise<Ready> => {
    const made = await makeSubject();
    checkSubject(made);
    const subject = withNamedLevers(made);
    let witness: Witness | undefined = subject.witness;
    try {
      witness ??= await startWitness();
      return await readyWith(subject, witness, runId);
    } catch (error) {
      // Nobody else knows of them. What failed first is what is told.
      await endAll([() => subject.close(), () => witness?.close()]).catch(() => {});
      throw error;
    }
  };

  return {
    async open() {
      await (ready ??= prepare());
    },
    async run(contractCase) {
      const { subject, open } = await (ready ??= prepare());
      count += 1;
      // Unique also among the runs that share one account.
      const app = `case${count.toString(36)}-${runId}`;
      const { context, close } = open(app);
      const missing = contractCase.requires.find((key) => !context.supports(key));
      try {
        if (missing === undefined) await contractCase.run(context);
        else await refusalOf(missing)(context);
      } finally {
        subject.faults?.disarm();
        await close();
      }
      return missing === undefined ? { mode: 'held' } : { mode: 'refused', missing };
    },
    async close(limit = (work) => work) {
      if (!ready) return;
      // One that was never ready has closed what it had, and every case told why.
      const made = await limit(ready.catch(() => undefined));
      if (!made) return;
      const { subject, witness, standing } = made;
      const ends = [...standing.ends(), () => subject.close(), () => witness.close()];
      await endAll(ends.map((end) => () => limit(end())));
    },
  };
}

async function readyWith(
  subject: ContractSubject,
  witness: Witness,
  runId: string,
): Promise<Ready> {
  const manager = await subject.manager({ app: `probe-${runId}`, stage: 'test', functions: {} });
  const { capabilities } = manager;
  const pace = new Pace();
  const open = (app: string): OpenContext =>
    openContext({
      subject,
      witness,
      capabilities,
      app,
      pace,
      standing: (change) => standing.take(change),
    });
  const standing = new StandingFunctions(runId, open);
  // One that hangs is given up only when the clock of the platform moves.
  await open('probe').context.drive(manager.close());
  return { subject, capabilities, witness, standing, open };
}

/** All of them, one after the other. @throws what the first that failed threw. */
async function endAll(ends: readonly (() => Promise<void> | undefined)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const end of ends) {
    try {
      await end();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
