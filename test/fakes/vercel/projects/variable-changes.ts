/** What happens to the environment variables of a project. */
import { badRequest } from '../core/fault.ts';
import { newId } from './ids.ts';
import type { Project, Variable } from './store.ts';
import type { VariableWish } from './variable-wish.ts';
import {
  checkKey,
  checkSize,
  checkTargets,
  envConflict,
  overlapping,
  sameTargets,
} from './variable-rules.ts';

/** @throws VercelFault for what is no variable of anybody's */
export function checkWish({ key, type, targets, gitBranch }: VariableWish): void {
  checkKey(key);
  checkTargets(type, targets);
  if (gitBranch !== null && !sameTargets(targets, ['preview'])) {
    throw badRequest('Invalid request: `gitBranch` needs the target `preview` alone.');
  }
}

/**
 * Makes a variable. With `upsert` it takes the place of the one that has the same name and just the same targets; one
 * with some of them is in the way all the same.
 *
 * @throws VercelFault ENV_CONFLICT
 */
export function putVariable(
  project: Project,
  wish: VariableWish,
  how: { readonly now: number; readonly upsert: boolean },
): Variable {
  const { now, upsert } = how;
  const [found, ...more] = overlapping(project, wish);
  const isReplaced =
    found && upsert && more.length === 0 && sameTargets(found.targets, wish.targets);
  if (found && !isReplaced) throw envConflict(found);
  const others = [...project.variables.values()].filter((variable) => variable !== found);
  checkSize([...others, wish]);
  if (found) return change(found, wish, now);
  const made: Variable = { ...wish, id: newId('', 16), createdAt: now, updatedAt: now };
  project.variables.set(made.id, made);
  return made;
}

/** @throws VercelFault for a change that would be in the way of another variable */
export function editVariable(
  project: Project,
  variable: Variable,
  wish: VariableWish,
  now: number,
): Variable {
  checkWish(wish);
  if (variable.type === 'sensitive' && wish.type !== 'sensitive') {
    throw badRequest('You cannot change the type of a Sensitive Environment Variable.');
  }
  const other = overlapping(project, wish).find((found) => found !== variable);
  if (other) throw envConflict(other);
  const others = [...project.variables.values()].filter((found) => found !== variable);
  checkSize([...others, wish]);
  return change(variable, wish, now);
}

function change(variable: Variable, wish: VariableWish, now: number): Variable {
  variable.key = wish.key;
  variable.value = wish.value;
  variable.type = wish.type;
  variable.targets = wish.targets;
  variable.gitBranch = wish.gitBranch;
  variable.comment = wish.comment ?? variable.comment;
  variable.updatedAt = now;
  return variable;
}
