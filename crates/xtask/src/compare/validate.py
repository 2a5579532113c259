"""Says what is wrong with a document, by the validators that those who define its form publish; SARIF has none,
and is judged by a model of its schema.

    validate.py cyclonedx|sarif|spdx|spdx3 FILE

Nothing is printed, and the exit code is 0, where nothing is wrong.
"""

import sys


def cyclonedx(path):
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    with open(path, encoding="utf-8") as file:
        error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(file.read())
    return [] if error is None else [error]


def sarif(path):
    from pydantic import ValidationError
    from sarif_pydantic import Sarif

    try:
        with open(path, encoding="utf-8") as file:
            Sarif.model_validate_json(file.read())
    except ValidationError as error:
        return [error]
    return []


def spdx(path):
    from spdx_tools.spdx.parser.json.json_parser import parse_from_file
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

    return validate_full_spdx_document(parse_from_file(path), "SPDX-2.3")


def spdx3(path):
    from spdx_python_model import v3_0_1 as model

    objects = model.SHACLObjectSet()
    with open(path, "rb") as file:
        # Refuses what the model's shapes do not allow.
        model.JSONLDDeserializer().read(file, objects)
    return sorted(objects.missing_ids)


if __name__ == "__main__":
    judges = {"cyclonedx": cyclonedx, "sarif": sarif, "spdx": spdx, "spdx3": spdx3}
    wrong = judges[sys.argv[1]](sys.argv[2])
    for message in wrong:
        print(message)
    sys.exit(1 if wrong else 0)
