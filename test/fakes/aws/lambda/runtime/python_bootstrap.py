"""Runs a handler as the Python runtime of Lambda does: reads calls from descriptor 4, answers on descriptor 3."""
import importlib
import io
import json
import os
import resource
import sys
import time
import traceback

calls = os.fdopen(4, 'r', encoding='utf-8')
answers = os.fdopen(3, 'w', encoding='utf-8')


def post(*message):
    answers.write(json.dumps(message) + '\n')
    answers.flush()


class Output(io.TextIOBase):
    def writable(self):
        return True

    def write(self, text):
        if text:
            post('output', text)
        return len(text)


class Context:
    def __init__(self, headers):
        self.aws_request_id = headers['lambda-runtime-aws-request-id']
        self.invoked_function_arn = headers['lambda-runtime-invoked-function-arn']
        self.function_name = os.environ['AWS_LAMBDA_FUNCTION_NAME']
        self.function_version = os.environ['AWS_LAMBDA_FUNCTION_VERSION']
        self.memory_limit_in_mb = os.environ['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']
        self.log_group_name = os.environ['AWS_LAMBDA_LOG_GROUP_NAME']
        self.log_stream_name = os.environ['AWS_LAMBDA_LOG_STREAM_NAME']
        self.identity = None
        client = headers.get('lambda-runtime-client-context')
        self.client_context = json.loads(client) if client else None
        self._deadline = int(headers['lambda-runtime-deadline-ms'])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))


def describe(error, kind=None, message=None):
    return json.dumps({
        'errorMessage': message or str(error),
        'errorType': kind or type(error).__name__,
        'stackTrace': traceback.format_tb(error.__traceback__),
    })


def memory():
    return {'total': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, 'heap': 0}


def load():
    module_name, _, handler_name = os.environ['_HANDLER'].rpartition('.')
    sys.path.insert(0, os.environ['LAMBDA_TASK_ROOT'])
    try:
        module = importlib.import_module(module_name.replace('/', '.'))
    except ImportError as error:
        message = "Unable to import module '%s': %s" % (module_name, error)
        post('init-error', describe(error, 'Runtime.ImportModuleError', message))
        sys.exit(1)
    except BaseException as error:
        post('init-error', describe(error))
        sys.exit(1)
    if not hasattr(module, handler_name):
        message = "Handler '%s' missing on module '%s'" % (handler_name, module_name)
        post('init-error', describe(AttributeError(message), 'Runtime.HandlerNotFound'))
        sys.exit(1)
    return getattr(module, handler_name)


sys.stdout = Output()
sys.stderr = Output()
handler = load()
while True:
    post('next')
    line = calls.readline()
    if not line:
        break
    call = json.loads(line)
    context = Context(call['headers'])
    trace = call['headers'].get('lambda-runtime-trace-id')
    if trace:
        os.environ['_X_AMZN_TRACE_ID'] = trace
    try:
        post('done', context.aws_request_id, json.dumps(handler(json.loads(call['bodyJson']), context)), memory())
    except Exception as error:
        print('[ERROR] %s: %s' % (type(error).__name__, error))
        post('error', context.aws_request_id, describe(error), memory())
