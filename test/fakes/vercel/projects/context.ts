import { notFound } from '../core/fault.ts';
import type { Account } from '../core/identity.ts';
import type { FakeClock, Plan } from '../core/ports.ts';
import type { Project, ProjectStore } from './store.ts';

/** What the services of projects work with. */
export interface ProjectsContext {
  readonly clock: FakeClock;
  readonly account: Account;
  readonly store: ProjectStore;
  readonly plan: Plan;
}

/** @throws VercelFault 404 */
export function requireProject(store: ProjectStore, idOrName: string): Project {
  const found = store.find(idOrName);
  if (!found) throw notFound('Project not found.');
  return found;
}
