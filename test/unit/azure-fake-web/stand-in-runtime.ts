/** Stands in for what really runs packages: `functions.json` says what a package registers. */
import type {
  HostSetup,
  RegisteredFunction,
  RuntimePort,
  TriggerCall,
} from '../../fakes/azure/core/ports.ts';

export class StandInRuntime implements RuntimePort {
  /** Of every host that was started. */
  readonly setups: HostSetup[] = [];
  readonly stopped: string[] = [];
  readonly invoked: TriggerCall[] = [];

  start(setup: HostSetup): ReturnType<RuntimePort['start']> {
    this.setups.push(setup);
    const generation = this.setups.length;
    const registered = functionsOf(setup);
    return {
      status: () => Promise.resolve({ state: 'Running', errors: [] }),
      functions: () => Promise.resolve(registered),
      invoke: (call) => {
        this.invoked.push(call);
        return Promise.resolve({ ok: true });
      },
      stop: () => {
        this.stopped.push(setup.siteName);
        return Promise.resolve();
      },
      http: ({ url, keyLevel }) => {
        const path = url.split('?')[0]?.slice(1);
        const found = registered.find(({ bindings }) => bindings['req']?.['route'] === path);
        if (!found) return Promise.resolve({ status: 404 });
        const isOpen = found.bindings['req']?.['authLevel'] === 'anonymous';
        if (!isOpen && keyLevel === 'anonymous') return Promise.resolve({ status: 401 });
        return Promise.resolve({
          status: 200,
          headers: { 'x-generation': String(generation) },
          body: { function: found.name, keyLevel, flag: setup.settings['FLAG'] ?? null },
        });
      },
    };
  }
}

function functionsOf(setup: HostSetup): readonly RegisteredFunction[] {
  const text = setup.files?.get('functions.json')?.toString('utf8');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the tests wrote it themselves
  return text === undefined ? [] : (JSON.parse(text) as readonly RegisteredFunction[]);
}
