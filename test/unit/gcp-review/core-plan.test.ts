/** What plans check first, what they note, and what they refuse before anything is sent. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Plan } from 'polyfaas/spi';
import {
  grantCommand,
  numbered,
  pubsubAgent,
  ROLE,
  type GrantNeed,
} from '../../../providers/gcp/events/grants/need.ts';
import { accountProject } from '../../../providers/gcp/events/plan-sources.ts';
import { MOST_DELIVERIES, MOST_POLICY_ATTEMPTS } from '../../../providers/gcp/events/retry.ts';
import type { EventSpec } from '../../../src/spec/types.ts';
import { GIVEN_ACCOUNT } from '../../plan/gcp-platform.ts';
import { gcpWorld, type Wish } from '../../plan/gcp-world.ts';

const kinds = ({ steps }: Plan): readonly string[] => steps.map(({ kind }) => kind);
const refused = (work: () => unknown): unknown => {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
};

const plain: Wish = { code: 'a' };
const DB = { DB: { $secret: 'orders/database' } };
const own: Wish = { ...plain, gcp: { serviceAccount: GIVEN_ACCOUNT } };

describe('a service account of the user’s', () => {
  it('is looked for before anything is written, and again with each build', () => {
    const world = gcpWorld();
    const plan = world.apply(world.deploy(own));
    expect(kinds(plan)[0]).toBe('check-service-accounts');
    expect(plan.steps[0]?.input).toEqual({
      accounts: [
        {
          field: 'providerOptions.gcp.serviceAccount',
          project: 'shop-project',
          email: GIVEN_ACCOUNT,
        },
      ],
    });
    expect(world.deploy(own).steps).toEqual([]);
    expect(kinds(world.deploy({ ...own, minInstances: 1 }))).not.toContain(
      'check-service-accounts',
    );
    expect(kinds(world.deploy({ ...own, code: 'b' }))[0]).toBe('check-service-accounts');
  });

  it('that builds is looked for too, and one that is made is not', () => {
    const world = gcpWorld();
    expect(kinds(world.deploy(plain))).not.toContain('check-service-accounts');
    const builder = 'builder@other-project.iam.gserviceaccount.com';
    const [step] = world.deploy({ ...plain, gcp: { buildServiceAccount: builder } }).steps;
    expect(step?.input).toEqual({
      accounts: [
        {
          field: 'providerOptions.gcp.buildServiceAccount',
          project: 'other-project',
          email: builder,
        },
      ],
    });
  });
});

describe('secrets of the user’s', () => {
  it('are looked for before anything is written, when they are new to the function', () => {
    const world = gcpWorld();
    const wish = { ...plain, env: DB };
    const plan = world.apply(world.deploy(wish));
    expect(kinds(plan)[0]).toBe('check-secrets');
    expect(plan.steps[0]?.input).toEqual({
      secrets: ['projects/shop-project/secrets/orders-database'],
    });
    expect(kinds(world.deploy({ ...wish, code: 'b' }))).not.toContain('check-secrets');
    const more = { ...wish, env: { ...DB, KEY: { $secret: 'key' } } };
    const check = world.deploy(more).steps.find(({ kind }) => kind === 'check-secrets');
    expect(check?.input).toEqual({ secrets: ['projects/shop-project/secrets/key'] });
  });

  it('are looked for with a service account of the user’s, and nothing is granted on them', () => {
    const world = gcpWorld();
    const wish = { ...own, env: DB };
    const plan = world.apply(world.deploy(wish));
    expect(kinds(plan)).toContain('check-secrets');
    const grant = plan.steps.find(({ kind }) => kind === 'secret-access');
    expect(JSON.stringify(grant?.input)).not.toContain('orders-database');
    expect(world.observed().record.made.filter(({ kind }) => kind === 'secret')).toEqual([]);
    expect(world.deploy(wish).steps).toEqual([]);
    const again = world.deploy({ ...wish, code: 'b' });
    expect(kinds(again)).not.toContain('check-secrets');
  });

  it('are given back when the function is removed, whatever became of the deploy', () => {
    const world = gcpWorld();
    const first = world.deploy({ ...plain, env: DB });
    world.apply(first, kinds(first).indexOf('secret-access') + 1);
    const revoked = (): readonly string[] => {
      const { steps } = world.remove();
      const at = steps.findIndex(({ kind }) => kind === 'revoke-grants');
      const account = steps.findIndex(({ kind }) => kind === 'delete-service-account');
      expect(at).toBeGreaterThan(0);
      expect(at).toBeLessThan(account);
      return [...JSON.stringify(steps[at]?.input).matchAll(/secrets\/([\w-]+)","role/g)].map(
        ([, name = '']) => name,
      );
    };
    expect(revoked()).toEqual(['orders-database']);
    world.apply(world.deploy({ ...plain, env: DB }));
    world.apply(world.deploy({ ...plain, env: { KEY: { $secret: 'key' } } }));
    expect(revoked()).toEqual(['key', 'orders-database']);
    // What the account of before was given, it has until the function is removed.
    world.apply(world.deploy(own));
    expect(revoked()).toEqual(['key', 'orders-database']);
    const event = { type: 'schedule', id: 'nightly', cron: '0 3 * * *' } as const;
    world.apply(world.configureEvent(event));
    world.apply(world.removeEvent('nightly'));
    expect(revoked()).toEqual(['key', 'orders-database']);
    const removal = world.remove();
    world.apply(removal, 1);
    expect(revoked()).toEqual(['key', 'orders-database']);
  });
});

describe('what Secret Manager has no room for', () => {
  const routes = (count: number): readonly EventSpec[] =>
    Array.from({ length: count }, (_, index) => ({
      type: 'http',
      id: `route-${index}`,
      method: 'GET',
      path: `/${noise(index)}`,
    }));

  it('is refused before anything is sent: settings', () => {
    const world = gcpWorld();
    const events = Array.from(
      { length: 60 },
      (_, index) =>
        ({
          type: 'schedule',
          id: `job-${index}`,
          cron: '0 3 * * *',
          input: 'x'.repeat(1500),
        }) as const,
    );
    expect(refused(() => world.deploy({ ...plain, events }))).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      message: expect.stringMatching(/settings of "orders".*64 KiB/),
    });
    world.apply(world.deploy({ ...plain, events: events.slice(0, 30) }));
    const big = {
      type: 'schedule',
      id: 'big',
      cron: '0 3 * * *',
      input: 'x'.repeat(20_000),
    } as const;
    expect(refused(() => world.configureEvent(big))).toMatchObject({ code: 'QUOTA_EXCEEDED' });
  });

  it('is refused before anything is sent: the record, also while old and new events are in it', () => {
    const world = gcpWorld();
    expect(refused(() => world.deploy({ ...plain, events: routes(150) }))).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      message: expect.stringContaining('16 KiB'),
    });
    world.apply(world.deploy({ ...plain, events: routes(90) }));
    const others = routes(180).slice(90);
    expect(refused(() => world.deploy({ ...plain, code: 'b', events: others }))).toMatchObject({
      code: 'QUOTA_EXCEEDED',
    });
    // What is there can be taken away in any case.
    expect(() => world.remove()).not.toThrow();
  });
});

/** Text that hardly becomes shorter when it is packed. */
function noise(seed: number): string {
  return createHash('sha512').update(String(seed)).digest('base64url');
}

describe('the net of Pub/Sub', () => {
  it('is as far away as Pub/Sub has it, and one attempt beyond the most that may be asked for', () => {
    expect(MOST_DELIVERIES).toBe(100);
    expect(MOST_POLICY_ATTEMPTS).toBe(99);
  });
});

describe('a deploy that was broken off', () => {
  it('leaves nothing that the next one does not see: instances that are kept ready', () => {
    const wish: Wish = { ...plain, minInstances: 1 };
    const steps = gcpWorld();
    steps.apply(steps.deploy(wish));
    const count = steps.deploy({ ...wish, code: 'b' }).steps.length;
    for (let done = 1; done < count; done += 1) {
      const world = gcpWorld();
      world.apply(world.deploy(wish));
      world.apply(world.deploy({ ...wish, code: 'b' }), done);
      world.apply(world.deploy({ ...wish, code: 'b' }));
      expect(world.state().service?.minInstances).toBe(1);
      expect(world.deploy({ ...wish, code: 'b' }).steps).toEqual([]);
    }
  });
});

describe('the service account that was made for a function', () => {
  it('is looked for before a build, since a build would wait for it', () => {
    const world = gcpWorld();
    world.apply(world.deploy(plain));
    const [step] = world.deploy({ ...plain, code: 'b' }).steps;
    expect(step).toMatchObject({
      kind: 'check-service-accounts',
      input: { accounts: [{ field: null, email: expect.stringMatching(/^shop-dev-orders-/) }] },
    });
  });
});

describe('the number of a project that nothing was read of yet', () => {
  const target = { projectId: 'shop-project', projectNumber: '' };
  const need: GrantNeed = {
    resource: 'projects/other/topics/t',
    role: ROLE.publisher,
    member: pubsubAgent(target),
  };

  it('is asked for by the step that needs it', async () => {
    const { signal } = new AbortController();
    const gcp = { projectNumber: () => Promise.resolve('123') };
    expect(await numbered(gcp, need, signal)).toEqual({
      ...need,
      member: pubsubAgent({ ...target, projectNumber: '123' }),
    });
  });

  it('is asked for by the command that grants by hand', () => {
    expect(grantCommand(need)).toContain(
      `service-$(gcloud projects describe shop-project --format='value(projectNumber)')@`,
    );
  });
});

describe('the project of a service account', () => {
  it.each([
    ['a@p-1.iam.gserviceaccount.com', 'p-1'],
    ['a@p-1.example.iam.gserviceaccount.com', 'example:p-1'],
    ['p-2@appspot.gserviceaccount.com', 'p-2'],
    ['1-compute@developer.gserviceaccount.com', 'here'],
  ])('%s is in %s', (serviceAccount, project) => {
    expect(accountProject({ serviceAccount, projectId: 'here' })).toBe(project);
  });
});
