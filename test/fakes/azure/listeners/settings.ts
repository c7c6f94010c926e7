/** How the Functions host reads app settings: without regard to case, and `__` is as good as `:`. */

export class HostSettings {
  readonly #values = new Map<string, string>();

  constructor(settings: Readonly<Record<string, string>>) {
    for (const [name, value] of Object.entries(settings)) this.#values.set(keyOf(name), value);
  }

  get(name: string): string | undefined {
    return this.#values.get(keyOf(name));
  }

  /** Whether a setting is `true` or `1`, as the host reads switches. */
  isOn(name: string): boolean {
    const value = this.get(name)?.toLowerCase();
    return value === 'true' || value === '1';
  }

  /** All settings below a name: of `DATA__queueServiceUri` and `DATA`, `queueserviceuri`. Names in lower case. */
  section(name: string): Readonly<Record<string, string>> {
    const start = `${keyOf(name)}:`;
    return Object.fromEntries(
      [...this.#values]
        .filter(([key]) => key.startsWith(start))
        .map(([key, value]) => [key.slice(start.length), value]),
    );
  }
}

function keyOf(name: string): string {
  return name.replaceAll('__', ':').toLowerCase();
}

/** A text in which a setting is named that is not there. */
export class UnresolvedSetting extends Error {
  constructor(name: string) {
    super(`'%${name}%' does not resolve to a value.`);
    this.name = 'UnresolvedSetting';
  }
}

/** Replaces `%NAME%` in every text of a binding. Throws an {@link UnresolvedSetting}. */
export function resolveNames(value: unknown, settings: HostSettings): unknown {
  if (typeof value === 'string') {
    return value.replaceAll(/%([^%\s]+)%/g, (_, name: string) => {
      const found = settings.get(name);
      if (found === undefined || found === '') throw new UnresolvedSetting(name);
      return found;
    });
  }
  return Array.isArray(value) ? value.map((member) => resolveNames(member, settings)) : value;
}
