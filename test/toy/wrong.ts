/** Wrong adapters: the right one with one deliberate fault each, and the cases of the contract that notice it. */
import { contractCases } from 'polyfaas/contract';
import { ServerlessError, type Binding, type InvokeResult, type JsonObject } from 'polyfaas/spi';
import type { Spoil, ToyProvider } from './toy-subject.ts';

export interface WrongToy {
  readonly what: string;
  readonly spoil: Spoil;
  /** The cases that are run. */
  readonly watched: readonly string[];
  /** Those of them that fail, and no others. */
  readonly noticedBy: readonly string[];
}

/** The ids of all cases that a pattern matches. */
export function cases(pattern: RegExp): readonly string[] {
  return contractCases.map(({ id }) => id).filter((id) => pattern.test(id));
}

export const planning = (
  provider: ToyProvider,
  change: Partial<ToyProvider['plan']>,
): ToyProvider => ({
  ...provider,
  plan: { ...provider.plan, ...change },
});

/** An adapter whose invocations go through something else first or last. */
export const invoking = (
  provider: ToyProvider,
  change: (result: Promise<InvokeResult>) => Promise<InvokeResult>,
): ToyProvider => ({
  ...provider,
  invoke: (...call) => change(provider.invoke(...call)),
});

/** An adapter that binds something else than it was asked to. */
export const binding = (provider: ToyProvider, change: (asked: Binding) => Binding): ToyProvider =>
  planning(provider, {
    deploy: (request, observed) => {
      const spec = { ...request.spec, bindings: request.spec.bindings.map(change) };
      return provider.plan.deploy({ ...request, spec }, observed);
    },
    configureEvent: (request, observed) =>
      provider.plan.configureEvent({ ...request, binding: change(request.binding) }, observed),
  });

function withoutDeadLetter(asked: Binding): Binding {
  if (asked.event.type !== 'queue' && asked.event.type !== 'topic') return asked;
  const { deadLetter: _deadLetter, ...event } = asked.event;
  return { ...asked, event };
}

function deliveredOnce(asked: Binding): Binding {
  if (asked.event.type !== 'queue') return asked;
  return { ...asked, event: { ...asked.event, retry: { ...asked.event.retry, maxAttempts: 1 } } };
}

export const WRONG_TOYS: readonly WrongToy[] = [
  {
    what: 'goes live before the new version was tried',
    spoil: (provider, cloud) => ({
      ...provider,
      async execute(step, call) {
        const result = await provider.execute(step, call);
        const found = cloud.functions.get(textIn(step.input, 'name'));
        if (step.kind === 'publish' && found && result.done) {
          found.state = { ...found.state, live: textIn(result.output, 'version') };
        }
        return result;
      },
    }),
    watched: cases(/^deploy\/(failed|live|code-changed|syntax)/),
    noticedBy: ['deploy/failed-init', 'deploy/failed-first'],
  },
  {
    what: 'changes the environment of the old version before the switch',
    spoil: (provider, cloud) => ({
      ...provider,
      async execute(step, call) {
        const found = cloud.functions.get(textIn(step.input, 'name'));
        const { body } = step.input;
        if (step.kind === 'publish' && found && isObject(body)) {
          found.versions = found.versions.map((one) => Object.assign(one, { env: body['env'] }));
        }
        return provider.execute(step, call);
      },
    }),
    watched: ['faults/deploy-429', 'faults/deploy-crash'],
    noticedBy: ['faults/deploy-crash'],
  },
  {
    what: 'plans a step though nothing changed',
    spoil: (provider) =>
      planning(provider, {
        deploy(request, observed) {
          const made = provider.plan.deploy(request, observed);
          const { remove } = provider.plan;
          const [step] = remove(request, { ...observed, owner: 'us' }).steps;
          if (!step || made.steps.length > 0) return made;
          const retire = { ...step, kind: 'retire', input: { ...step.input, versions: [] } };
          return { ...made, steps: [retire] };
        },
      }),
    watched: cases(/^plan\//),
    noticedBy: ['plan/unchanged', 'plan/apply-is-deploy', 'plan/ignores-aloud'],
  },
  {
    what: 'does not notice that the world has moved',
    spoil: (provider) => ({
      ...provider,
      observe: async (...call) => ({ ...(await provider.observe(...call)), token: 'same' }),
      async execute(step, call) {
        if (step.kind !== 'put' || step.input['expected'] !== 'same') {
          return provider.execute(step, call);
        }
        const { token } = await provider.observe(refOf(step.input), call);
        return provider.execute({ ...step, input: { ...step.input, expected: token } }, call);
      },
    }),
    watched: cases(/^plan\//),
    noticedBy: ['plan/stale', 'plan/applied-twice'],
  },
  {
    what: 'swallows the errors of the function',
    spoil: (provider) =>
      invoking(provider, (result) =>
        result.catch((error: unknown) => {
          if (!ServerlessError.isInstance(error) || error.code !== 'FUNCTION_FAILED') throw error;
          return {
            output: null,
            requestId: 'swallowed',
            version: '1',
            coldStart: false,
            durationMs: null,
            initDurationMs: null,
            instanceId: null,
          };
        }),
      ),
    watched: cases(/^invoke\/error/),
    noticedBy: cases(/^invoke\/error/),
  },
  {
    what: 'loses the name of an error',
    spoil: (provider) =>
      invoking(provider, (result) =>
        result.catch((error: unknown) => {
          if (!ServerlessError.isInstance(error) || error.code !== 'FUNCTION_FAILED') throw error;
          const cause = new Error(error.message, { cause: error.cause });
          throw new ServerlessError({ code: error.code, message: error.message, cause });
        }),
      ),
    watched: cases(/^invoke\/error/),
    noticedBy: ['invoke/error-shape', 'invoke/error-custom', 'invoke/error-in-sources'],
  },
  {
    what: 'repeats a failed invocation by itself',
    spoil: (provider) => ({
      ...provider,
      invoke: (...call) => provider.invoke(...call).catch(() => provider.invoke(...call)),
    }),
    watched: cases(/^invoke\/error/),
    noticedBy: ['invoke/error-not-retried'],
  },
  {
    what: 'keeps the first environment for ever',
    spoil: (provider) => {
      return planning(provider, {
        deploy: (request, observed) => {
          const env = firstEnv.get(request.ref.app) ?? request.spec.env;
          firstEnv.set(request.ref.app, env);
          return provider.plan.deploy({ ...request, spec: { ...request.spec, env } }, observed);
        },
      });
    },
    watched: cases(/^deploy\/env/),
    noticedBy: ['deploy/env-changed', 'deploy/env-removed'],
  },
  {
    what: 'removes what is not its own',
    spoil: (provider) =>
      planning(provider, {
        remove: (request, observed) =>
          provider.plan.remove(
            request,
            observed.owner === 'stranger' ? { ...observed, owner: 'us' } : observed,
          ),
      }),
    watched: cases(/^ownership\//),
    noticedBy: ['ownership/stranger-not-removed'],
  },
  {
    what: 'takes over what is not its own',
    spoil: (provider) =>
      planning(provider, {
        deploy: (request, observed) => provider.plan.deploy({ ...request, adopt: true }, observed),
      }),
    watched: cases(/^ownership\//),
    noticedBy: ['ownership/stranger-kept', 'ownership/names-apart'],
  },
  {
    what: 'removes what configureEvent added with every deploy',
    spoil: (provider) =>
      planning(provider, {
        deploy: (request, observed) => provider.plan.deploy({ ...request, prune: true }, observed),
      }),
    watched: cases(/^binding\/(queue|topic|pruned)/),
    noticedBy: ['binding/queue-survives', 'binding/topic-survives'],
  },
  {
    what: 'delivers a message once, whatever comes of it',
    spoil: (provider) => binding(provider, deliveredOnce),
    watched: cases(/^queue\//),
    noticedBy: [
      'queue/own-fields',
      'queue/retried',
      'queue/partial',
      'queue/attempts',
      'queue/dead-letter',
      'queue/no-dead-letter',
      'queue/backoff',
    ],
  },
  {
    what: 'drops what failed for good though there is a dead-letter queue',
    spoil: (provider) => binding(provider, withoutDeadLetter),
    watched: cases(/^(queue|topic)\//),
    noticedBy: ['queue/attempts', 'queue/dead-letter', 'topic/dead-letter'],
  },
  {
    what: 'claims a capability that it does not have',
    spoil: (provider) => ({
      ...provider,
      capabilities: {
        ...provider.capabilities,
        features: {
          ...provider.capabilities.features,
          'event.topic.filter': { support: 'native', via: 'nothing' },
        },
      },
    }),
    watched: cases(/^topic\//),
    noticedBy: ['topic/filter'],
  },
  {
    what: 'says that every start is cold',
    spoil: (provider) =>
      invoking(provider, async (result) => ({ ...(await result), coldStart: true })),
    watched: cases(/^invoke\/(cold|state|new-version|version)/),
    noticedBy: ['invoke/cold-then-warm'],
  },
  {
    what: 'cuts off what is long of an answer',
    spoil: (provider) =>
      invoking(provider, async (result) => {
        const reply = await result;
        const { output } = reply;
        return typeof output === 'string' ? { ...reply, output: output.slice(0, 4096) } : reply;
      }),
    watched: cases(/^invoke\/(answer-limit|json)/),
    noticedBy: ['invoke/answer-limit', 'invoke/json-large'],
  },
  {
    what: 'makes up request ids of its own',
    spoil: (provider) =>
      invoking(provider, async (result) => ({ ...(await result), requestId: 'made-up' })),
    watched: cases(/^invoke\/request-id/),
    noticedBy: ['invoke/request-id-given', 'invoke/request-id-made'],
  },
  {
    what: 'shows secrets in its plans',
    spoil: (provider, cloud) =>
      planning(provider, {
        deploy(request, observed) {
          const made = provider.plan.deploy(request, observed);
          const to = [...cloud.secrets.values()];
          return { ...made, changes: [...made.changes, { action: 'update', subject: 'env', to }] };
        },
      }),
    watched: cases(/^secrets\//),
    noticedBy: ['secrets/not-shown'],
  },
  {
    what: 'says that it rolled back, and did not',
    spoil: (provider) =>
      planning(provider, {
        rollback: (request, observed) => ({
          ...provider.plan.rollback(request, observed),
          steps: [],
        }),
      }),
    watched: cases(/^rollback\//),
    noticedBy: [
      'rollback/default',
      'rollback/to-version',
      'rollback/one-back',
      'rollback/keeps-bindings',
      'rollback/and-forward',
      'rollback/never-started',
    ],
  },
  {
    what: 'counts no errors',
    spoil: (provider) => ({
      ...provider,
      metrics: async (...call) => ({ ...(await provider.metrics(...call)), errors: 0 }),
    }),
    watched: cases(/^metrics\//),
    noticedBy: ['metrics/counts', 'metrics/timeouts'],
  },
];

/** Outlives the managers, as a forgetful platform would. Every case has an app of its own. */
const firstEnv = new Map<string, Parameters<ToyProvider['plan']['deploy']>[0]['spec']['env']>();

export function textIn(from: JsonObject | undefined, key: string): string {
  const value = from?.[key];
  return typeof value === 'string' ? value : '';
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refOf({ ref }: JsonObject): { app: string; stage: string; name: string } {
  if (!isObject(ref)) throw new Error('the step has no ref');
  return { app: textIn(ref, 'app'), stage: textIn(ref, 'stage'), name: textIn(ref, 'name') };
}
