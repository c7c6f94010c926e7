/** The contract suite: shows that an adapter behaves like every other. */
export { CONTRACT_AREAS, type ContractArea, type ContractCase } from './case.ts';
export { contractCases } from './cases/index.ts';
export type { ContractContext } from './context.ts';
export { fixtureSource, type Variant } from './fixture.ts';
export {
  collectContract,
  runContract,
  type CollectOptions,
  type ContractResult,
  type ContractRunner,
} from './run.ts';
export {
  FAULT_KINDS,
  type ContractClock,
  type ContractConfig,
  type ContractDeadLetter,
  type ContractFaults,
  type ContractSubject,
  type Emission,
  type FaultKind,
  type MakeSubject,
  type ManagerVariation,
  type ServerlessManager,
  type SignedRequest,
  type Stranger,
} from './subject.ts';
export type { CaseMode, ContractSelection } from './suite.ts';
export {
  startWitness,
  type Answer,
  type Report,
  type ReportKind,
  type Witness,
} from './witness.ts';
