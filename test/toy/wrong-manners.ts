/** Wrong adapters that change what they are lent, or that misbehave where managers seldom look. */
import { jsonObject, type Binding, type Phase, type Plan } from 'polyfaas/spi';
import type { Spoil, ToyProvider } from './toy-subject.ts';
import { binding, cases, planning, type WrongToy } from './wrong.ts';

/** What types forbid, as an adapter without them would write it. */
const change = (given: object, wrong: object): void => void Object.assign(given, wrong);

const untyped = <Value extends object>(value: Value, wrong: object): Value =>
  Object.assign({ ...value }, wrong);

const planningDeploys = (
  provider: ToyProvider,
  before: (...call: Parameters<ToyProvider['plan']['deploy']>) => void,
): ToyProvider =>
  planning(provider, {
    deploy: (request, observed) => {
      before(request, observed);
      return provider.plan.deploy(request, observed);
    },
  });

/** Lets each step of a deploy stand in the phase that is given for its kind; the sort is stable. */
const inPhases =
  (phaseOf: (phase: Phase) => Phase, first: readonly string[] = []): Spoil =>
  (provider) => {
    const moved = (made: Plan): Plan => {
      const steps = made.steps.map((step) => ({ ...step, phase: phaseOf(step.phase) }));
      const early = steps.filter(({ kind }) => first.includes(kind));
      return { ...made, steps: [...early, ...steps.filter((step) => !early.includes(step))] };
    };
    return planning(provider, {
      deploy: (request, observed) => moved(provider.plan.deploy(request, observed)),
    });
  };

/** An adapter whose second end is another than its first. */
const closingAgain =
  (again: () => Promise<void>): Spoil =>
  (provider) => {
    let isClosed = false;
    return {
      ...provider,
      close: async () => {
        if (isClosed) await again();
        isClosed = true;
      },
    };
  };

const undelayed = (asked: Binding): Binding => {
  if (asked.event.type !== 'queue') return asked;
  const retry = { ...asked.event.retry, maxDelaySeconds: 43_200 };
  return { ...asked, event: { ...asked.event, retry } };
};

export const WRONG_MANNERS: readonly WrongToy[] = [
  {
    what: 'changes the declaration that it plans for',
    spoil: (provider) => planningDeploys(provider, ({ spec }) => change(spec.env, { MARK: 'x' })),
    watched: cases(/^plan\/(unchanged|json)$/),
    noticedBy: ['plan/unchanged', 'plan/json'],
  },
  {
    what: 'changes what was observed while it plans',
    spoil: (provider) =>
      planningDeploys(provider, (_, { description }) => {
        if (description) change(description, { liveVersion: 'none' });
      }),
    watched: cases(/^plan\/(unchanged|json)$/),
    noticedBy: ['plan/unchanged'],
  },
  {
    what: 'changes the declaration that it judges',
    spoil: (provider) => ({
      ...provider,
      validate: (spec) => {
        change(spec, { memoryMb: 512 });
        return provider.validate(spec);
      },
    }),
    watched: ['plan/unchanged'],
    noticedBy: ['plan/unchanged'],
  },
  {
    what: 'does before the switch what callers see',
    spoil: inPhases(() => 'prepare'),
    watched: cases(/^plan\//),
    noticedBy: ['plan/phases'],
  },
  {
    what: 'deletes what is live before the switch',
    spoil: inPhases((phase) => (phase === 'retire' ? 'prepare' : phase), ['retire']),
    watched: cases(/^plan\//),
    noticedBy: ['plan/phases'],
  },
  {
    what: 'never says when it switches',
    spoil: inPhases(() => 'retire'),
    watched: cases(/^plan\//),
    noticedBy: ['plan/phases'],
  },
  {
    what: 'passes over a step that it does not know',
    spoil: (provider) => ({
      ...provider,
      execute: async (step, call) =>
        step.kind.includes('no-such') ? { done: true } : provider.execute(step, call),
    }),
    watched: cases(/^plan\//),
    noticedBy: ['plan/unknown-step'],
  },
  {
    what: 'gives its own client for any token',
    spoil: (provider, cloud) => untyped(provider, { native: () => cloud }),
    watched: cases(/^fleet\/(native|describe)/),
    noticedBy: ['fleet/native-unknown'],
  },
  {
    what: 'throws at a token that it does not know',
    spoil: (provider) => ({
      ...provider,
      native: () => {
        throw new TypeError('no such token');
      },
    }),
    watched: cases(/^fleet\/(native|describe)/),
    noticedBy: ['fleet/native-unknown'],
  },
  {
    what: 'throws when it is closed again',
    spoil: closingAgain(() => Promise.reject(new Error('closed already'))),
    watched: cases(/^fleet\/(close|describe)/),
    noticedBy: ['fleet/close-twice'],
  },
  {
    what: 'hangs when it is closed again',
    spoil: closingAgain(() => new Promise(() => {})),
    watched: cases(/^fleet\/(close|describe)/),
    noticedBy: ['fleet/close-twice'],
  },
  {
    what: 'lets delays between attempts grow without end',
    spoil: (provider) => binding(provider, undelayed),
    watched: cases(/^queue\/(backoff|retried)$/),
    noticedBy: ['queue/backoff'],
  },
  {
    what: 'logs secrets',
    spoil: (provider, cloud) => ({
      ...provider,
      execute(step, call) {
        call.log.log(
          'debug',
          `does ${step.kind}`,
          jsonObject({ env: [...cloud.secrets.values()] }),
        );
        return provider.execute(step, call);
      },
    }),
    watched: cases(/^secrets\//),
    noticedBy: ['secrets/not-shown'],
  },
];
