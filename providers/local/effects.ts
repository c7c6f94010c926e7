/** The points at which the local provider touches what lasts. Tests disturb it there. */

/** Runs what the provider does to the outside. */
export interface Effects {
  /**
   * @param name what is done: `artifact.write`.
   * @param changes false for a mere look.
   */
  run<Value>(name: string, changes: boolean, act: () => Value | Promise<Value>): Promise<Value>;
}

/** Simply does it. */
export const directEffects: Effects = {
  run: async (_name, _changes, act) => act(),
};
