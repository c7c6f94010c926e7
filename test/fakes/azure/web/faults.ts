/** Errors of App Service: `{"Code","Message","Target","Details","Innererror"}`, without the `error` of Resource Manager. */
import type { WireReply } from '../core/ports.ts';
import { ArmFault } from '../core/service.ts';

const CODES: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
};

export class WebFault extends ArmFault {
  readonly #entity: Readonly<Record<string, unknown>>;

  constructor(status: number, template: string, parameters: readonly string[], extended: string) {
    const message = template.replaceAll(
      /\{(\d)\}/g,
      (_, at: string) => parameters[Number(at)] ?? '',
    );
    const code = CODES[status] ?? 'InternalServerError';
    super(status, code, message);
    this.#entity = {
      ...(extended !== '' && { ExtendedCode: extended }),
      MessageTemplate: template,
      Parameters: parameters,
      Code: code,
      Message: message,
    };
  }

  /** As it goes over the wire. */
  reply(): WireReply {
    const { code: Code, message: Message } = this;
    return {
      status: this.status,
      body: {
        Code,
        Message,
        Target: null,
        Details: [{ Message }, { Code }, { ErrorEntity: this.#entity }],
        Innererror: null,
      },
    };
  }
}

export function badRequest(template: string, ...parameters: readonly string[]): WebFault {
  return new WebFault(400, template, parameters, '51021');
}

export function notFound(template: string, ...parameters: readonly string[]): WebFault {
  return new WebFault(404, template, parameters, '51004');
}

export function conflict(template: string, ...parameters: readonly string[]): WebFault {
  return new WebFault(409, template, parameters, '59203');
}

export function nameTaken(name: string): WebFault {
  return new WebFault(409, 'Website with given name {0} already exists.', [name], '54001');
}

export function invalidParameter(name: string): WebFault {
  return new WebFault(400, 'The parameter {0} has an invalid value.', [name], '01007');
}

/** Something that is under way on a site or a plan. */
export interface Operation {
  readonly id: string;
  readonly name: string;
  readonly startedAt: number;
}

export function siteBusy(operation: Operation): WebFault {
  return busy('site', '59203', operation, 3);
}

export function planBusy(operation: Operation): WebFault {
  return busy('web hosting plan', '59205', operation, 9);
}

function busy(what: string, extended: string, operation: Operation, entity: number): WebFault {
  const since = new Date(operation.startedAt).toLocaleString('en-US', { timeZone: 'UTC' });
  return new WebFault(
    409,
    `Cannot modify this ${what} because another operation is in progress. Details: {0}`,
    [
      `Id: ${operation.id}, OperationName: ${operation.name}, CreatedTime: ${since}, RequestId: ${operation.id}, EntityType: ${entity}`,
    ],
    extended,
  );
}

/** There is no such resource: Resource Manager itself says so. */
export function noResource(type: string, name: string, group: string): ArmFault {
  return new ArmFault(
    404,
    'ResourceNotFound',
    `The Resource 'Microsoft.Web/${type}/${name}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}
