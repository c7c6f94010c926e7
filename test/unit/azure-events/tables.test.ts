import type { Binding } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { planEvents } from '../../../providers/azure/events/plan.ts';
import type { BindingPlan } from '../../../providers/azure/events/types.ts';
import { record, table, wish } from './bindings.ts';

describe('tables', () => {
  const sinceOf = (plan: BindingPlan): Readonly<Record<string, unknown>> =>
    Object.fromEntries(Object.entries(plan.settings).filter(([name]) => name.endsWith('_SINCE')));
  const leasesOf = (bindings: readonly Binding[]): readonly string[] =>
    planEvents(wish(bindings)).made.flatMap(({ kind, id }) => (kind === 'leases' ? [id] : []));

  it('are read from when their binding was made, or from their beginning', () => {
    const latest = planEvents(wish([table('d')]));
    const [[setting, value] = []] = Object.entries(sinceOf(latest));
    expect(value).toEqual({ $from: `event-addresses.${setting}` });
    expect(latest.triggers[0]?.options).toMatchObject({ startFromTime: `%${setting}%` });
    expect(latest.triggers[0]?.options).not.toHaveProperty('startFromBeginning');
    const oldest = planEvents(wish([table('d', { from: 'oldest' })]));
    expect(sinceOf(oldest)).toEqual({});
    expect(oldest.triggers[0]?.options).toMatchObject({ startFromBeginning: true });
    expect(oldest.triggers[0]?.options).not.toHaveProperty('startFromTime');
    expect(sinceOf(planEvents(wish([table('d', { enabled: false })])))).toEqual({});
  });

  it('have leases for each binding, and others when it reads another table', () => {
    expect(new Set(leasesOf([table('d'), table('e', { table: 'other' })])).size).toBe(2);
    const [own] = leasesOf([table('d')]);
    expect(leasesOf([table('d', { table: 'other' })])).not.toContain(own);
    const bindings = [table('d')];
    const { kept } = planEvents(wish(bindings));
    const moved = planEvents(
      wish([table('d', { table: 'other' })], { record: record({ bindings, made: kept }) }),
    );
    expect(JSON.stringify(moved.retire)).toContain(own);
  });
});
