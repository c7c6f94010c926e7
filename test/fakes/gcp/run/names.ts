import { randomInt } from 'node:crypto';
import { GoogleFault } from '../core/fault.ts';

/** What a path is about. */
export interface RunPath {
  readonly parent: string;
  readonly location: string;
  readonly projectId: string;
  /** The service's short name; empty for the collection of them. */
  readonly service: string;
  /** Undefined: about the service; empty for the collection. */
  readonly revision: string | undefined;
  /** After the colon: `getIamPolicy`. Empty without one. */
  readonly verb: string;
}

const PATH =
  /^\/v2\/(projects\/([^/]+)\/locations\/([^/]+))\/services(?:\/([^/:]+)(?:\/revisions(?:\/([^/:]+))?)?)?(?::(\w+))?$/;

export function readPath(path: string): RunPath | undefined {
  const match = PATH.exec(path);
  if (!match) return undefined;
  const [, parent = '', projectId = '', location = '', service = '', revision, verb = ''] = match;
  const isCollection = path.endsWith('/revisions');
  return {
    parent,
    projectId,
    location,
    service,
    revision: isCollection ? '' : revision,
    verb,
  };
}

/** `orders-00001-abc` */
export function revisionName(service: string, number: number): string {
  const letters = Array.from({ length: 3 }, () => String.fromCodePoint(97 + randomInt(26)));
  return `${service}-${String(number).padStart(5, '0')}-${letters.join('')}`;
}

export function notFound(
  kind: 'SERVICE' | 'REVISION',
  name: string,
  { location, projectId }: Pick<RunPath, 'location' | 'projectId'>,
): GoogleFault {
  return new GoogleFault(
    'NOT_FOUND',
    `Resource '${name}' of kind '${kind}' in region '${location}' in project '${projectId}' does not exist.`,
  );
}

/** What the API says of an argument that breaks a rule. */
export function violation(field: string, description: string): GoogleFault {
  return new GoogleFault('INVALID_ARGUMENT', `${field}: ${description}`, {
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.BadRequest',
        fieldViolations: [{ field, description }],
      },
    ],
  });
}
