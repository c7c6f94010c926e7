/** Written for AWS Lambda behind an HTTP API, years ago. Not a line was changed to run it here. */
export const handler = async (event, context) => {
  const name = event.pathParameters?.name ?? 'nobody';
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      greeting: `hello ${name}`,
      method: event.requestContext.http.method,
      function: context.functionName,
    }),
  };
};
