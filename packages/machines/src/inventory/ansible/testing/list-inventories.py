"""Runs `ansible-inventory --list` for each inventory that is named, and prints a line of JSON for each: the listing, or why
Ansible refuses it. Ansible is loaded once, and each run is a process of its own, since it keeps its arguments."""
import contextlib
import io
import json
import os
import sys

os.environ['ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED'] = 'true'

from ansible.cli.inventory import InventoryCLI


def answer(path):
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            InventoryCLI(['ansible-inventory', '-i', path, '--list']).run()
    except SystemExit:
        return {'listing': json.loads(out.getvalue())}
    except Exception as error:
        return {'refused': str(error)}


for path in sys.argv[1:]:
    sys.stdout.flush()
    if os.fork() == 0:
        print(json.dumps(answer(path)), flush=True)
        os._exit(0)
    os.wait()
