#!/usr/bin/env python3
"""Holds bodies of requests to EC2, one a line of stdin, against the service's model in botocore.

Prints what EC2 would refuse: actions and parameters that it does not know, values of a wrong kind, and what is missing.
Exit code 0: nothing; 1: something; 3: botocore is not installed.
"""
import re
import sys
import urllib.parse

try:
    import botocore.session
except ImportError:
    sys.exit(3)

MODEL = botocore.session.get_session().get_service_model("ec2")
DEPTH = 8  # Some shapes hold themselves.


def query_name(name, shape):
    given = shape.serialization.get("queryName")
    if given:
        return given
    name = shape.serialization.get("name", name)
    return name[:1].upper() + name[1:]


def find(shape, words):
    """The shape that "NetworkInterface.1.SubnetId" leads to; None when there is none."""
    if not words:
        return shape
    if shape.type_name == "list":
        return find(shape.member, words[1:]) if words[0].isdigit() else None
    if shape.type_name == "structure" and len(words) < DEPTH:
        for name, member in shape.members.items():
            if query_name(name, member) == words[0]:
                return find(member, words[1:])
    return None


def wrong_value(shape, value):
    if shape.type_name == "boolean" and value not in ("true", "false"):
        return "is not true or false"
    if shape.type_name in ("integer", "long") and not re.fullmatch(r"-?\d+", value):
        return "is not a whole number"
    if getattr(shape, "enum", None) and value not in shape.enum:
        return "is not one of " + ", ".join(shape.enum[:8])
    if shape.type_name in ("structure", "list"):
        return "is a part that has parts"
    return ""


def problems(body):
    pairs = urllib.parse.parse_qsl(body, keep_blank_values=True, strict_parsing=True)
    given = dict(pairs)
    action = given.pop("Action", "")
    if action not in MODEL.operation_names:
        return [f"no action {action}"]
    if given.pop("Version", "") != MODEL.api_version:
        return [f"{action}: another version than {MODEL.api_version}"]
    shape = MODEL.operation_model(action).input_shape
    found = []
    for name, value in given.items():
        leaf = find(shape, name.split("."))
        why = "is not known" if leaf is None else wrong_value(leaf, value)
        if why:
            found.append(f"{action}: {name}={value[:40]} {why}")
    for name in shape.required_members if shape else []:
        word = query_name(name, shape.members[name])
        if not any(one.split(".")[0] == word for one in given):
            found.append(f"{action}: {word} is missing")
    if len(given) + 2 != len(pairs):
        found.append(f"{action}: a parameter is given twice")
    return found


def main():
    found = sorted({one for line in sys.stdin if line.strip() for one in problems(line.strip())})
    print("\n".join(found))
    sys.exit(1 if found else 0)


main()
