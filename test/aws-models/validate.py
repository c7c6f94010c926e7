"""Checks recorded requests against the models that AWS publishes with botocore.

Reads JSON lines `{"service": "Lambda", "operation": "CreateFunction", "input": {...}}` from the file that is named,
and prints one line for every member that the model does not have, that is missing, or whose type, length, range,
pattern or enumeration is violated. Exits with 1 when there is any.
"""

import gzip
import json
import os
import re
import sys

import botocore
import regex

# The name a client gives itself, and the folder of its model.
FOLDERS = {
    "API Gateway": "apigateway",
    "ApiGatewayV2": "apigatewayv2",
    "Application Auto Scaling": "application-autoscaling",
    "CloudWatch": "cloudwatch",
    "CloudWatch Logs": "logs",
    "DynamoDB": "dynamodb",
    "EventBridge": "events",
    "IAM": "iam",
    "Kinesis": "kinesis",
    "Lambda": "lambda",
    "S3": "s3",
    "SNS": "sns",
    "SQS": "sqs",
    "STS": "sts",
    "Scheduler": "scheduler",
    "Secrets Manager": "secretsmanager",
}

def load(folder):
    base = os.path.join(os.path.dirname(botocore.__file__), "data", folder)
    newest = sorted(os.listdir(base))[-1]
    for name, opener in (("service-2.json.gz", gzip.open), ("service-2.json", open)):
        path = os.path.join(base, newest, name)
        if os.path.exists(path):
            with opener(path, "rt", encoding="utf-8") as file:
                return json.load(file)
    raise SystemExit(f"botocore has no model of {folder}")


class Checker:
    def __init__(self, model):
        self.shapes = model["shapes"]
        self.operations = model["operations"]

    def check(self, operation, value):
        known = self.operations.get(operation)
        if known is None:
            return [f"the model has no operation {operation}"]
        if "input" not in known:
            return [] if not value else ["the operation takes no input"]
        return list(self.walk(known["input"]["shape"], value, ""))

    def walk(self, name, value, path):
        shape = self.shapes[name]
        kind = shape["type"]
        where = path or "input"
        method = getattr(self, f"check_{kind}", None)
        if method is None:
            return
        yield from method(shape, value, path, where)

    def check_structure(self, shape, value, path, where):
        if shape.get("document"):
            return
        if not isinstance(value, dict):
            yield f"{where}: a structure is expected"
            return
        members = shape.get("members", {})
        for key in shape.get("required", []):
            if key not in value:
                yield f"{where}: {key} is required"
        for key, inner in value.items():
            if key not in members:
                yield f"{where}: there is no member {key}"
                continue
            yield from self.walk(members[key]["shape"], inner, f"{path}.{key}" if path else key)

    def check_list(self, shape, value, path, where):
        if not isinstance(value, list):
            yield f"{where}: a list is expected"
            return
        yield from self.bounds(shape, len(value), where, "has the length")
        for index, inner in enumerate(value):
            yield from self.walk(shape["member"]["shape"], inner, f"{path}[{index}]")

    def check_map(self, shape, value, path, where):
        if not isinstance(value, dict):
            yield f"{where}: a map is expected"
            return
        yield from self.bounds(shape, len(value), where, "has the length")
        for key, inner in value.items():
            yield from self.walk(shape["key"]["shape"], key, f"{path} (key {key})")
            yield from self.walk(shape["value"]["shape"], inner, f"{path}.{key}")

    def check_string(self, shape, value, path, where):
        if not isinstance(value, str):
            yield f"{where}: a text is expected, not {value!r}"
            return
        yield from self.bounds(shape, len(value), where, "has the length")
        if "enum" in shape and value not in shape["enum"]:
            yield f"{where}: {value!r} is not one of {', '.join(shape['enum'][:40])}"
        pattern = shape.get("pattern")
        if pattern and not self.matches(pattern, value):
            yield f"{where}: {value[:120]!r} does not match {pattern}"

    def check_integer(self, shape, value, path, where):
        if isinstance(value, bool) or not isinstance(value, int):
            yield f"{where}: a whole number is expected, not {value!r}"
            return
        yield from self.bounds(shape, value, where, "is")

    check_long = check_integer

    def check_double(self, shape, value, path, where):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            yield f"{where}: a number is expected, not {value!r}"
            return
        yield from self.bounds(shape, value, where, "is")

    check_float = check_double

    def check_boolean(self, shape, value, path, where):
        if not isinstance(value, bool):
            yield f"{where}: true or false is expected, not {value!r}"

    def check_blob(self, shape, value, path, where):
        if isinstance(value, dict) and "$bytes" in value:
            yield from self.bounds(shape, value["$bytes"], where, "has the size")
        elif isinstance(value, str):
            yield from self.bounds(shape, len(value.encode()), where, "has the size")
        else:
            yield f"{where}: bytes are expected"

    def check_timestamp(self, shape, value, path, where):
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return
        if not (isinstance(value, str) and re.match(r"^\d{4}-\d\d-\d\dT", value)):
            yield f"{where}: a time is expected, not {value!r}"

    @staticmethod
    def bounds(shape, size, where, verb):
        if "min" in shape and size < shape["min"]:
            yield f"{where} {verb} {size}; at least {shape['min']}"
        if "max" in shape and size > shape["max"]:
            yield f"{where} {verb} {size}; at most {shape['max']}"

    @staticmethod
    def matches(pattern, value):
        # The module `regex` knows the classes of characters (such as letters of any script) that Python's own does not.
        # Java writes what lies beyond the basic plane as pairs of surrogates.
        pattern = pattern.replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")
        try:
            return regex.fullmatch(pattern, value, regex.DOTALL) is not None
        except regex.error as error:
            raise SystemExit(f"the pattern {pattern} cannot be read: {error}") from error


def main(path):
    checkers = {}
    seen = {}
    problems = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            request = json.loads(line)
            service, operation = request["service"], request["operation"]
            if service not in FOLDERS:
                problems.append(f"{service}: no model is known")
                continue
            if service not in checkers:
                checkers[service] = Checker(load(FOLDERS[service]))
            name = f"{service}.{operation}"
            seen[name] = seen.get(name, 0) + 1
            for problem in checkers[service].check(operation, request["input"]):
                problems.append(f"{name}: {problem}")
    for name in sorted(seen):
        print(f"{seen[name]:6}  {name}")
    for problem in sorted(set(problems)):
        print(f"VIOLATION {problem}")
    total = sum(seen.values())
    print(f"botocore {botocore.__version__}: {total} requests of {len(seen)} operations, {len(set(problems))} violations")
    if total == 0:
        print("VIOLATION no request was recorded")
    return 1 if problems or total == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
