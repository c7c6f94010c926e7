/**
 * Remembers the variables of this process, and gives what puts them back.
 *
 * Put back one by one: an object in the place of `process.env` would part it from the one that the runner of the tests
 * and native code go on with, for every file that follows in the same worker.
 */
export function keepEnvironment(): () => void {
  const before = { ...process.env };
  return () => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  };
}
