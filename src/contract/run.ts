/** The contract as tests of any runner, and as data. */
import type { CapabilityKey } from '../spi/capabilities.ts';
import { checkRunner } from './arguments.ts';
import type { ContractArea } from './case.ts';
import { CONTRACT_AREAS } from './case.ts';
import {
  openSuite,
  selectCases,
  type CaseMode,
  type ContractSelection,
  type Limit,
} from './suite.ts';
import type { MakeSubject } from './subject.ts';

/** What the suite uses of a test runner: the functions of vitest, jest, mocha or `node:test` fit. */
export interface ContractRunner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: (name: string, body: () => Promise<void>) => unknown;
  /** Without it, the first case makes the subject. */
  readonly beforeAll?: (body: () => Promise<void>) => unknown;
  /** Without it, a last test closes the subject. */
  readonly afterAll?: (body: () => Promise<void>) => unknown;
}

/**
 * Registers every case as a test. Where the adapter's capabilities say `none`, the test asserts the typed refusal.
 *
 * @param id the adapter's id, for the names of the tests
 * @param makeSubject called once, before the first case
 *
 * @example
 * ```ts
 * import { describe, it, afterAll } from 'vitest';
 * import { runContract } from 'polyfaas/contract';
 * import { makeToySubject } from './toy-subject.ts';
 *
 * runContract('toy', makeToySubject, { describe, it, afterAll }, { faults: ['crash'] });
 * ```
 */
export function runContract(
  id: string,
  makeSubject: MakeSubject,
  runner: ContractRunner,
  selection: ContractSelection = {},
): void {
  checkRunner(runner);
  const { describe, it, beforeAll, afterAll } = runner;
  const cases = selectCases(selection);
  const suite = openSuite(makeSubject);
  describe(`${id} contract`, () => {
    beforeAll?.(() => suite.open());
    for (const area of CONTRACT_AREAS) {
      const ofArea = cases.filter((contractCase) => contractCase.area === area);
      if (ofArea.length === 0) continue;
      describe(area, () => {
        for (const contractCase of ofArea) {
          it(`${contractCase.id}: ${contractCase.title}`, async () => {
            await suite.run(contractCase);
          });
        }
      });
    }
    if (afterAll) afterAll(() => suite.close());
    else it('closes', () => suite.close());
  });
}

/** One row of the contract's table. */
export interface ContractResult {
  readonly id: string;
  readonly area: ContractArea;
  readonly title: string;
  readonly status: 'passed' | 'failed';
  readonly mode: CaseMode;
  /** The capability that is missing, where the mode is `refused`. */
  readonly missing?: CapabilityKey;
  readonly error?: unknown;
}

/** How to collect. */
export interface CollectOptions extends ContractSelection {
  /** A case that takes longer has failed. Nothing that is closed at the end is waited for any longer either. Default 60,000. */
  readonly caseTimeoutMs?: number;
  /** Told of each result as it comes. */
  readonly onResult?: (result: ContractResult) => void;
  /** Told when the subject could not be closed at the end. Default: a warning of the process. */
  readonly onCloseFailed?: (error: unknown) => void;
}

const COLLECT_FIELDS = {
  caseTimeoutMs: true,
  onResult: true,
  onCloseFailed: true,
} satisfies Record<Exclude<keyof CollectOptions, keyof ContractSelection>, true>;

/**
 * Runs the cases, one after the other, and answers how each went. Does not reject for a failed case, nor for a subject that
 * cannot be made or closed: what is known by then is answered.
 *
 * @throws ServerlessError INVALID_ARGUMENT for a selection that names what is not there, before anything is made.
 */
export async function collectContract(
  makeSubject: MakeSubject,
  options: CollectOptions = {},
): Promise<readonly ContractResult[]> {
  const cases = selectCases(options, Object.keys(COLLECT_FIELDS));
  const { caseTimeoutMs = 60_000 } = options;
  const suite = openSuite(makeSubject);
  const results: ContractResult[] = [];
  try {
    for (const contractCase of cases) {
      const { id, area, title } = contractCase;
      const result = await within(caseTimeoutMs, suite.run(contractCase)).then(
        (run): ContractResult => ({ id, area, title, status: 'passed', ...run }),
        (error: unknown): ContractResult => ({
          id,
          area,
          title,
          status: 'failed',
          mode: 'held',
          error,
        }),
      );
      results.push(result);
      options.onResult?.(result);
    }
  } finally {
    const limit: Limit = (work) => within(caseTimeoutMs, work);
    await suite.close(limit).catch(options.onCloseFailed ?? warnOfClose);
  }
  return results;
}

function warnOfClose(error: unknown): void {
  const why = error instanceof Error ? error.message : String(error);
  process.emitWarning(`The subject of the contract could not be closed: ${why}`);
}

async function within<Value>(limitMs: number, work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
