import { AwsFault } from '../core/service.ts';

export function invalidArgument(
  message: string,
  fields: Readonly<Record<string, string>> = {},
): AwsFault {
  return new AwsFault(400, 'InvalidArgument', message, { fields });
}

export function malformedXml(): AwsFault {
  return new AwsFault(
    400,
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );
}
