/** What the adapter wrote into an app setting: JSON of its own. Undefined when it is not there. */
export function settingOf<T extends object>(name: string): T | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  const value: unknown = JSON.parse(text);
  return isOurs<T>(value) ? value : undefined;
}

// Only the adapter writes settings of these names; a hand that changed one breaks the start, aloud.
function isOurs<T extends object>(value: unknown): value is T {
  return typeof value === 'object' && value !== null;
}
