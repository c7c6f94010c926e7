/** Wrong adapters whose plans do not say what they should. */
import { jsonObject, type Change } from 'polyfaas/spi';
import type { ToyProvider } from './toy-subject.ts';
import { cases, planning, type WrongToy } from './wrong.ts';

/** What plans of deploys say of the difference, in other words. */
const telling = (
  provider: ToyProvider,
  change: (changes: readonly Change[], env: object) => readonly Change[],
): ToyProvider =>
  planning(provider, {
    deploy: (request, observed) => {
      const made = provider.plan.deploy(request, observed);
      if (made.steps.length === 0) return made;
      return { ...made, changes: change(made.changes, request.spec.env) };
    },
  });

export const WRONG_PLANS: readonly WrongToy[] = [
  {
    what: 'does not name the variables that change',
    spoil: (provider) =>
      telling(provider, (changes) => changes.filter(({ subject }) => !subject.startsWith('env '))),
    watched: cases(/^plan\/names-change$/),
    noticedBy: ['plan/names-change'],
  },
  {
    what: 'tells that something changes, and not what',
    spoil: (provider) => telling(provider, () => [{ action: 'update', subject: 'function' }]),
    watched: cases(/^plan\/names-change$/),
    noticedBy: ['plan/names-change'],
  },
  {
    what: 'tells that the code is another, whatever is',
    spoil: (provider) =>
      telling(provider, (changes) => [...changes, { action: 'update', subject: 'code' }]),
    watched: cases(/^plan\/names-change$/),
    noticedBy: ['plan/names-change'],
  },
  {
    what: 'calls versions by their digests',
    spoil: (provider) =>
      telling(provider, (changes) =>
        changes.map((change) =>
          change.subject === 'version' ? { ...change, from: 'sha256' } : change,
        ),
      ),
    watched: cases(/^plan\/names-versions$/),
    noticedBy: ['plan/names-versions'],
  },
  {
    what: 'takes any runtime without a word',
    spoil: (provider) => ({ ...provider, validate: () => [] }),
    watched: cases(/^deploy\/(old-runtime|missing-entry)$/),
    noticedBy: ['deploy/old-runtime'],
  },
  {
    what: 'ignores without a word what it has no place for',
    spoil: (provider) => ({
      ...provider,
      validate: (spec) => provider.validate(spec).filter(({ warning }) => warning === undefined),
    }),
    watched: cases(/^plan\/(ignores-aloud|unchanged)$/),
    noticedBy: ['plan/ignores-aloud'],
  },
  {
    what: 'tells the values of variables',
    spoil: (provider) =>
      telling(provider, (changes, env) => [
        ...changes,
        { action: 'update', subject: 'env', to: jsonObject(env) },
      ]),
    watched: cases(/^plan\/names-change$/),
    noticedBy: ['plan/names-change'],
  },
];
