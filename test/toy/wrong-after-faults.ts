/** Wrong adapters that do well in peace: it shows when an operation ends half-way, or somebody else comes between. */
import { jsonObject, ServerlessError, type Binding } from 'polyfaas/spi';
import { ToyError, type ToyCloud } from './cloud.ts';
import type { ToyProvider } from './toy-subject.ts';
import { cases, planning, type WrongToy } from './wrong.ts';

/** An adapter that takes schedules, though they never fire: so that cases which need them can be run. */
export const withSchedules = (provider: ToyProvider): ToyProvider => ({
  ...provider,
  capabilities: {
    ...provider.capabilities,
    features: {
      ...provider.capabilities.features,
      'event.schedule': { support: 'native', via: 'nothing, for this test' },
    },
  },
});

/** An adapter that deletes versions in two acts: they are not listed any more, and then they are deleted. */
function forgetting(provider: ToyProvider, cloud: ToyCloud): ToyProvider {
  const forgotten = forgottenIn.get(cloud) ?? new Set<string>();
  forgottenIn.set(cloud, forgotten);
  return {
    ...provider,
    async observe(ref, call) {
      const observed = await provider.observe(ref, call);
      const { description } = observed;
      if (!description) return observed;
      const { physicalName } = description;
      const versions = description.versions.filter(
        ({ version }) => !forgotten.has(`${physicalName}/${version}`),
      );
      return { ...observed, description: { ...description, versions } };
    },
    async execute(step, call) {
      const { name, versions } = step.input;
      if (step.kind === 'retire' && typeof name === 'string' && Array.isArray(versions)) {
        for (const version of versions) forgotten.add(`${name}/${String(version)}`);
      }
      return provider.execute(step, call);
    },
  };
}

/** What the platform has stored, so it outlives the managers. */
const forgottenIn = new WeakMap<ToyCloud, Set<string>>();

/** An adapter that unbinds before it removes, and tells of what was bound until the function is gone. */
function unbindingUnnoted(provider: ToyProvider, cloud: ToyCloud): ToyProvider {
  const told = toldIn.get(cloud) ?? new Map<string, readonly Binding[]>();
  toldIn.set(cloud, told);
  return {
    ...planning(provider, {
      remove(request, observed) {
        const plan = provider.plan.remove(request, observed);
        const [last] = plan.steps;
        if (last === undefined) return plan;
        const { bindings } = observed.state;
        if (bindings.length > 0) told.set(request.ref.name, bindings);
        const input = { expected: observed.token, state: { ...observed.state, bindings: [] } };
        const unbind = {
          ...last,
          id: 'unbind',
          kind: 'put',
          input: jsonObject({ ...last.input, ...input }),
        };
        return { ...plan, steps: [unbind, last] };
      },
    }),
    async observe(ref, call) {
      const observed = await provider.observe(ref, call);
      const { description, state } = observed;
      if (!description) told.delete(ref.name);
      const bindings = told.get(ref.name);
      return !description || !bindings || state.bindings.length > 0
        ? observed
        : { ...observed, state: { ...state, bindings }, description: { ...description, bindings } };
    },
  };
}

/** What the platform has stored, so it outlives the managers. */
const toldIn = new WeakMap<ToyCloud, Map<string, readonly Binding[]>>();

export const WRONG_AFTER_FAULTS: readonly WrongToy[] = [
  {
    what: 'tells of what a removal that was broken off had unbound',
    spoil: unbindingUnnoted,
    watched: ['faults/remove-crash', 'faults/remove-then-deploy-crash'],
    noticedBy: ['faults/remove-then-deploy-crash'],
  },
  {
    what: 'forgets versions before they are deleted',
    spoil: forgetting,
    watched: cases(/^faults\/prune-/),
    noticedBy: ['faults/prune-crash'],
  },
  {
    what: 'takes every prune for done',
    spoil: (provider) =>
      planning(provider, {
        prune: (request, observed) => ({ ...provider.plan.prune(request, observed), steps: [] }),
      }),
    watched: cases(/^faults\/prune-/),
    noticedBy: cases(/^faults\/prune-/),
  },
  {
    what: 'deletes what was live before with every deploy',
    spoil: (provider) =>
      planning(provider, {
        deploy(request, observed) {
          const spec = { ...request.spec, keepVersions: 1 };
          return provider.plan.deploy({ ...request, spec }, observed);
        },
      }),
    watched: ['faults/deploy-429', 'faults/deploy-lost-reply', 'faults/prune-crash'],
    noticedBy: ['faults/deploy-429', 'faults/deploy-lost-reply'],
  },
  {
    what: 'leaves bound what the next process removes',
    spoil: (provider) =>
      planning(withSchedules(provider), {
        removeEvent: (request, observed) => ({
          ...provider.plan.removeEvent(request, observed),
          steps: [],
        }),
      }),
    watched: ['faults/event-then-none-crash'],
    noticedBy: ['faults/event-then-none-crash'],
  },
  {
    what: 'writes over what somebody else changed meanwhile',
    spoil: (provider, cloud) => ({
      ...provider,
      async execute(step, call) {
        const { name } = step.input;
        const found = typeof name === 'string' ? cloud.functions.get(name) : undefined;
        const input = { ...step.input, expected: String(found?.revision ?? 0) };
        return provider.execute(step.kind === 'put' ? { ...step, input } : step, call);
      },
    }),
    watched: ['meanwhile/deploys', 'meanwhile/deploy-event'],
    noticedBy: ['meanwhile/deploy-event'],
  },
  {
    what: 'blames the code of whoever lost',
    spoil: (provider) => ({
      ...provider,
      execute: (step, call) =>
        provider.execute(step, call).catch((error: unknown) => {
          if (!(error instanceof ToyError) || error.code !== 'CONFLICT') throw error;
          throw new ServerlessError({ code: 'FUNCTION_FAILED', message: 'It did not start.' });
        }),
    }),
    // Whether two equal first deploys collide depends on how busy the machine is.
    watched: ['meanwhile/deploys', 'meanwhile/events'],
    noticedBy: ['meanwhile/deploys', 'meanwhile/events'],
  },
];
