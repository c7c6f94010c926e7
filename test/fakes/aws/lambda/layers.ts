/** Layers: their versions are published, read and deleted, and never changed. */
import { integer, object, optionalText, optionalTexts } from '../core/operation.ts';
import type { RestInput, RestRoute } from '../core/rest.ts';
import { checkRequestSize, readZipCode } from './code.ts';
import { invalidParameter, notFound } from './faults.ts';
import { timestamp } from './names.ts';
import { page } from './page.ts';
import type { LambdaState, LayerState, LayerVersionState } from './state.ts';

const NAME = /^(?:arn:aws:lambda:[a-z0-9-]+:\d{12}:layer:)?([a-zA-Z0-9-_]{1,140})$/;
const VERSION_ARN = /^arn:aws:lambda:[a-z0-9-]+:\d{12}:layer:([a-zA-Z0-9-_]+):(\d+)$/;

export function findLayerVersion(state: LambdaState, arn: string): LayerVersionState | undefined {
  const { region, account } = state.world;
  const isOurs = arn.startsWith(`arn:aws:lambda:${region}:${account}:`);
  const match = isOurs ? VERSION_ARN.exec(arn) : null;
  return state.layers.get(match?.[1] ?? '')?.versions.get(Number(match?.[2]));
}

export function layerRoutes(state: LambdaState): readonly RestRoute[] {
  const layerArn = (name: string): string =>
    `arn:aws:lambda:${state.world.region}:${state.world.account}:layer:${name}`;

  function nameOf(input: RestInput): string {
    const text = input.params['layer'] ?? '';
    const name = NAME.exec(text)?.[1];
    if (name === undefined) throw invalidParameter(`Invalid Layer name: ${text}`);
    return name;
  }

  function summary(name: string, layer: LayerVersionState): object {
    return {
      LayerVersionArn: `${layerArn(name)}:${layer.version}`,
      Version: layer.version,
      Description: layer.description,
      CreatedDate: timestamp(layer.createdAt),
      ...(layer.runtimes.length > 0 && { CompatibleRuntimes: layer.runtimes }),
      ...(layer.architectures.length > 0 && { CompatibleArchitectures: layer.architectures }),
      ...(layer.licenseInfo !== undefined && { LicenseInfo: layer.licenseInfo }),
    };
  }

  function describe(name: string, layer: LayerVersionState): object {
    return {
      ...summary(name, layer),
      LayerArn: layerArn(name),
      Content: {
        Location: `https://awslambda-${state.world.region}-layers.s3.${state.world.region}.amazonaws.com/snapshots/${state.world.account}/${name}-${layer.version}`,
        CodeSha256: layer.code.sha256,
        CodeSize: layer.code.size,
      },
    };
  }

  function newest(layer: LayerState): LayerVersionState | undefined {
    return [...layer.versions.values()].at(-1);
  }

  return [
    {
      method: 'POST',
      path: '/2018-10-31/layers/{layer}/versions',
      operation: 'PublishLayerVersion',
      run(input) {
        checkRequestSize(input.raw, 'PublishLayerVersion');
        const name = nameOf(input);
        const code = readZipCode(state, object(input.body, 'Content'));
        const layer = state.layers.get(name) ?? { lastVersion: 0, versions: new Map() };
        const licenseInfo = optionalText(input.body, 'LicenseInfo', { max: 512 });
        const version: LayerVersionState = {
          version: layer.lastVersion + 1,
          description: optionalText(input.body, 'Description', { max: 256 }) ?? '',
          code,
          createdAt: state.now(),
          runtimes: optionalTexts(input.body, 'CompatibleRuntimes', { max: 15 }) ?? [],
          architectures: optionalTexts(input.body, 'CompatibleArchitectures', { max: 2 }) ?? [],
          ...(licenseInfo !== undefined && { licenseInfo }),
        };
        layer.lastVersion = version.version;
        layer.versions.set(version.version, version);
        state.layers.set(name, layer);
        return { status: 201, body: describe(name, version) };
      },
    },
    {
      method: 'GET',
      path: '/2018-10-31/layers/{layer}/versions',
      operation: 'ListLayerVersions',
      run(input) {
        const name = nameOf(input);
        const layer = state.layers.get(name);
        if (!layer) throw notFound('The resource you requested does not exist.');
        const { items, next } = page([...layer.versions.values()].toReversed(), input.query, 50);
        return {
          body: { LayerVersions: items.map((item) => summary(name, item)), ...next },
        };
      },
    },
    {
      method: 'GET',
      path: '/2018-10-31/layers/{layer}/versions/{version}',
      operation: 'GetLayerVersion',
      run(input) {
        const name = nameOf(input);
        const version = integer({ v: Number(input.params['version']) }, 'v');
        const layer = state.layers.get(name)?.versions.get(version);
        if (!layer) throw notFound('The resource you requested does not exist.');
        return { body: describe(name, layer) };
      },
    },
    {
      method: 'DELETE',
      path: '/2018-10-31/layers/{layer}/versions/{version}',
      operation: 'DeleteLayerVersion',
      run(input) {
        state.layers.get(nameOf(input))?.versions.delete(Number(input.params['version']));
        return { status: 204 };
      },
    },
    {
      // `?find=LayerVersion&Arn=` is GetLayerVersionByArn; without it, this is ListLayers.
      method: 'GET',
      path: '/2018-10-31/layers',
      operation: 'ListLayers',
      action: (input) =>
        input.query.get('find') === 'LayerVersion' ? 'lambda:GetLayerVersion' : 'lambda:ListLayers',
      run(input) {
        if (input.query.get('find') === 'LayerVersion') {
          const arn = input.query.get('Arn') ?? '';
          const layer = findLayerVersion(state, arn);
          if (!layer) throw notFound('The resource you requested does not exist.');
          return { body: describe(VERSION_ARN.exec(arn)?.[1] ?? '', layer) };
        }
        const { items, next } = page([...state.layers], input.query, 50);
        const layers = items.flatMap(([name, layer]) => {
          const latest = newest(layer);
          return latest
            ? [
                {
                  LayerName: name,
                  LayerArn: layerArn(name),
                  LatestMatchingVersion: summary(name, latest),
                },
              ]
            : [];
        });
        return { body: { Layers: layers, ...next } };
      },
    },
  ];
}
