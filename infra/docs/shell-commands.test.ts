import { expect, test } from 'vitest'
import { commandsOf } from './shell-commands.ts'

test.each([
  ['vesemir logs d-42 --host web-3 -f  # one host', [['vesemir', 'logs', 'd-42', '--host', 'web-3', '-f']]],
  ["vesemir deploy \\\n  --set 'a.b=[{c: d}]' # more", [['vesemir', 'deploy', '--set', 'a.b=[{c: d}]']]],
  ['a --b "c d" && e; f > g.txt 2>&1', [['a', '--b', 'c d'], ['e'], ['f']]],
  [
    'TOKEN=$(openssl rand -hex 32)\nprintf %s "$TOKEN" | sha256sum',
    [['printf', '%s', '$TOKEN'], ['sha256sum'], ['openssl', 'rand', '-hex', '32']],
  ],
  [
    'source <(vesemir completion bash)',
    [
      ['source', 'SUBSTITUTED'],
      ['vesemir', 'completion', 'bash'],
    ],
  ],
  ["tee a.yml <<'EOF'\nkey: value\nEOF\nb", [['tee', 'a.yml'], ['b']]],
  [
    'curl -H \'a: b\' --data-raw={"x":1} https://a.example/#f',
    [['curl', '-H', 'a: b', '--data-raw={x:1}', 'https://a.example/#f']],
  ],
])('%j has its commands', (text, commands) => {
  expect(commandsOf(text)).toEqual(commands)
})
