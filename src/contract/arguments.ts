/** Checks of what authors of adapters give to the suite: those without types get a typed error, not a green run of all. */
import { ServerlessError } from '../errors/index.ts';
import { told } from '../manager/told.ts';
import { nearestName } from '../spec/nearest.ts';
import { unknownField } from '../spec/unknown-field.ts';

export function wrongArgument(message: string): ServerlessError {
  return new ServerlessError({ code: 'INVALID_ARGUMENT', message });
}

/** Refuses what is no object, and every field that is none of these. */
export function checkFields(selection: unknown, known: readonly string[]): void {
  if (!isObject(selection)) {
    throw wrongArgument(
      `selection: ${told(selection)} is not an object. Write { areas: ["plan"] }.`,
    );
  }
  for (const field of Object.keys(selection)) {
    if (known.includes(field)) continue;
    throw wrongArgument(
      `${field.slice(0, 80)}: ${unknownField(field, known, 'a selection of the contract')}`,
    );
  }
}

/** Refuses what is no list of these names. */
export function checkNames(
  field: string,
  given: unknown,
  known: readonly string[],
  shown: readonly string[],
): void {
  if (given === undefined) return;
  if (!Array.isArray(given)) {
    throw wrongArgument(
      `${field}: ${told(given)} is not a list of names. Write ${field}: ["${shown[0]}"].`,
    );
  }
  for (const name of given) {
    if (typeof name !== 'string') {
      throw wrongArgument(`${field}: a list that holds ${told(name)} is not a list of names.`);
    }
    if (known.includes(name)) continue;
    const nearest = nearestName(name, known);
    const hint =
      nearest === undefined ? `There are ${shown.join(', ')}.` : `Did you mean "${nearest}"?`;
    throw wrongArgument(`${field}: there is no ${told(name)} in the contract. ${hint}`);
  }
}

/** A runner may be a function with the others on it, as that of `node:test` is. */
export function checkRunner(runner: unknown): void {
  if (!isObject(runner) && typeof runner !== 'function') {
    throw wrongArgument(
      `runner: ${told(runner)} is not a test runner. Give { describe, it, afterAll } of yours.`,
    );
  }
  for (const field of ['describe', 'it', 'beforeAll', 'afterAll']) {
    const value: unknown = Reflect.get(runner, field);
    const mayMiss = field === 'beforeAll' || field === 'afterAll';
    if (typeof value === 'function' || (mayMiss && value === undefined)) continue;
    throw wrongArgument(
      `runner.${field}: ${told(value)} is not a function. Give that of your test runner.`,
    );
  }
}

export function checkMakeSubject(makeSubject: unknown): void {
  if (typeof makeSubject === 'function') return;
  throw wrongArgument(
    `makeSubject: ${told(makeSubject)} is not a function that makes a subject. Write async () => ({ manager, ... }).`,
  );
}

/** Once, when it is made: else every case tells of it in words of the engine. */
export function checkSubject(subject: unknown): void {
  if (!isObject(subject)) {
    throw wrongArgument(
      `makeSubject: it answered ${told(subject)}, and not a subject. Answer an object with manager(config) and the levers of ContractSubject.`,
    );
  }
  const manager: unknown = Reflect.get(subject, 'manager');
  if (typeof manager === 'function') return;
  throw wrongArgument(
    `subject.manager: ${told(manager)} is not a function. A subject's manager(config) answers a new createServerlessManager(config) over the same platform.`,
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
