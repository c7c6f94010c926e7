import { CONTRACT_AREAS, type ContractArea } from 'polyfaas/contract';

/** What disturbs every call in turn takes as long as all the rest, and has a run of its own. */
const DISTURBING: readonly ContractArea[] = ['faults', 'meanwhile'];

/** The areas of the contract that are quick. */
export const QUICK_AREAS = CONTRACT_AREAS.filter((area) => !DISTURBING.includes(area));
