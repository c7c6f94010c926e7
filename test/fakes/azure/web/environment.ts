/** The settings that a host gets, and host.json with those that override it. */
import { isObject, type Json } from './body.ts';
import { callerOf, type AppState, type Files, type WebState } from './state.ts';

const REFERENCE = /^@Microsoft\.KeyVault\(.*\)$/i;
const OVERRIDE = /^AzureFunctionsJobHost__/i;

type Resolution = ReturnType<WebState['world']['vault']['resolve']>;

export function isReference(value: string): boolean {
  return REFERENCE.test(value.trim());
}

/** What a reference comes to, for the identity that the site reads the vault with. */
export function resolveReference(state: WebState, app: AppState, value: string): Resolution {
  const caller = callerOf(state, app, app.keyVaultReferenceIdentity);
  return caller
    ? state.world.vault.resolve(value.trim(), caller)
    : { status: 'AccessToKeyVaultDenied' };
}

/** App settings with their references resolved; one that cannot be stays the text that it is. */
export function resolvedSettings(state: WebState, app: AppState): Readonly<Record<string, string>> {
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(app.settings)) {
    const found = isReference(value) ? resolveReference(state, app, value) : { value };
    settings[name] = 'value' in found ? found.value : value;
  }
  return settings;
}

/** host.json of the package, with `AzureFunctionsJobHost__` settings over it. */
export function hostConfig(
  files: Files | undefined,
  settings: Readonly<Record<string, string>>,
): Json {
  let config = hostFile(files);
  for (const [name, value] of Object.entries(settings)) {
    if (!OVERRIDE.test(name)) continue;
    config = withMember(config, name.replace(OVERRIDE, '').split(/__|:/), value);
  }
  return config;
}

function hostFile(files: Files | undefined): Json {
  try {
    const config: unknown = JSON.parse(files?.get('host.json')?.toString('utf8') ?? '{}');
    return isObject(config) ? config : {};
  } catch {
    return {};
  }
}

/** Names of host.json are matched without regard to case. */
function withMember(config: Json, [first = '', ...rest]: readonly string[], value: string): Json {
  const name =
    Object.keys(config).find((key) => key.toLowerCase() === first.toLowerCase()) ?? first;
  const before = config[name];
  return {
    ...config,
    [name]: rest.length === 0 ? value : withMember(isObject(before) ? before : {}, rest, value),
  };
}
