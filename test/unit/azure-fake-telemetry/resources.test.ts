import { describe, expect, it } from 'vitest';
import { COMPONENT, GROUP, makeMonitor, read, WORKSPACE } from './setup.ts';

const WEB = { location: 'westeurope', kind: 'web' };

describe('workspaces', () => {
  it('are made, changed, found again and deleted', async () => {
    const { arm, clock, telemetry } = makeMonitor();
    const made = await arm('PUT', WORKSPACE, {
      location: 'West Europe',
      tags: { a: '1' },
      properties: { sku: { name: 'pergb2018' }, retentionInDays: 60 },
    });
    expect(made).toMatchObject({
      status: 201,
      body: { properties: { provisioningState: 'Creating' } },
    });
    await clock.advance(10_000);
    expect((await arm('GET', WORKSPACE)).body).toMatchObject({
      name: 'shop-logs',
      location: 'westeurope',
      tags: { a: '1' },
      properties: {
        provisioningState: 'Succeeded',
        sku: { name: 'PerGB2018' },
        retentionInDays: 60,
      },
    });
    expect((await arm('PUT', WORKSPACE, { location: 'westeurope' })).status).toBe(200);
    expect(telemetry.providers.flatMap((each) => each.resourcesIn('SHOP'))).toEqual([WORKSPACE]);
    expect(telemetry.providers.flatMap((each) => each.inventory())).toEqual([
      'logs workspace shop-logs',
    ]);
    expect((await arm('DELETE', WORKSPACE)).status).toBe(200);
    expect((await arm('DELETE', WORKSPACE)).status).toBe(204);
    expect(read(await arm('GET', WORKSPACE), 'error.code')).toBe('ResourceNotFound');
  });

  it('that were deleted come back with all that they held, unless by force', async () => {
    const { arm, clock } = makeMonitor();
    const customerId = async (): Promise<string> => {
      await arm('PUT', WORKSPACE, { location: 'westeurope' });
      await clock.advance(10_000);
      return String(read(await arm('GET', WORKSPACE), 'properties.customerId'));
    };
    const first = await customerId();
    await arm('DELETE', WORKSPACE);
    expect(await customerId()).toBe(first);
    await arm('DELETE', `${WORKSPACE}?force=true`);
    expect(await customerId()).not.toBe(first);
  });

  it('are refused with what Azure does not take', async () => {
    const { arm } = makeMonitor();
    const code = async (path: string, body: object, version?: string): Promise<string> =>
      String(read(await arm('PUT', path, body, version), 'error.code'));
    expect(await code(WORKSPACE, {})).toBe('LocationRequired');
    expect(await code(WORKSPACE.replace('shop-logs', 'abc'), WEB)).toBe('InvalidResourceName');
    expect(await code(WORKSPACE, { ...WEB, properties: { retentionInDays: 5 } })).toBe(
      'InvalidParameter',
    );
    expect(await code(WORKSPACE, { ...WEB, properties: { sku: { name: 'Best' } } })).toBe(
      'InvalidParameter',
    );
    expect(await code(WORKSPACE, WEB, '2019-01-01')).toBe('NoRegisteredProviderFound');
    await arm('PUT', WORKSPACE, WEB);
    expect(await code(WORKSPACE, { location: 'northeurope' })).toBe('InvalidResourceLocation');
  });
});

describe('components', () => {
  it('need a workspace that is there', async () => {
    const { arm, clock } = makeMonitor();
    const put = (properties: object): ReturnType<typeof arm> =>
      arm('PUT', COMPONENT, { ...WEB, properties: { Application_Type: 'web', ...properties } });
    expect(read(await put({}), 'error.message')).toMatch(/WorkspaceResourceId is required/);
    expect((await put({ WorkspaceResourceId: WORKSPACE })).status).toBe(400);
    await arm('PUT', WORKSPACE, { location: 'westeurope' });
    expect((await put({ WorkspaceResourceId: WORKSPACE })).status).toBe(400);
    await clock.advance(10_000);
    const made = await put({ WorkspaceResourceId: WORKSPACE.toUpperCase() });
    expect(made.status).toBe(200);
    const key = read(made, 'properties.InstrumentationKey');
    expect(read(made, 'properties')).toMatchObject({
      WorkspaceResourceId: WORKSPACE,
      provisioningState: 'Succeeded',
    });
    expect(read(made, 'properties.ConnectionString')).toMatch(
      `InstrumentationKey=${String(key)};IngestionEndpoint=https://`,
    );
    const again = await put({ WorkspaceResourceId: WORKSPACE });
    expect(read(again, 'properties.InstrumentationKey')).toBe(key);
    const listed = await arm('GET', `${GROUP}/providers/Microsoft.Insights/components`);
    expect(read(listed, 'value')).toHaveLength(1);
    expect((await arm('DELETE', COMPONENT)).status).toBe(200);
    expect((await arm('GET', COMPONENT)).status).toBe(404);
  });

  it('have tags of their own', async () => {
    const monitor = makeMonitor();
    await monitor.connect();
    const [components] = monitor.telemetry.providers;
    components?.setTags(COMPONENT.toLowerCase(), { owner: 'me' });
    expect(components?.tags(COMPONENT)).toEqual({ owner: 'me' });
    expect(read(await monitor.arm('GET', COMPONENT), 'tags')).toEqual({ owner: 'me' });
    components?.deleteGroup('shop');
    expect(components?.tags(COMPONENT)).toBeUndefined();
  });
});
