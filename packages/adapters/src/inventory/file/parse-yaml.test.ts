import { expect, test } from 'vitest'
import { parseYamlInventory } from './parse-yaml.ts'

const inventory = `
all:
  vars:
    team: core
  hosts:
    mail.example.com:
  children:
    web:
      hosts:
        web[1:2].example.com:
          tags: [eu]
        10.0.0.9:2222:
      vars: { application: payments }
    production:
      children: { web: }
production:
  vars:
    environment: production
    password: !vault |
      $ANSIBLE_VAULT;1.1;AES256
      6132
`

test('reads groups, hosts, variables and children, in as many places as they stand', () => {
  const groups = parseYamlInventory(inventory)

  expect([...groups.keys()]).toEqual(['all', 'web', 'production'])
  expect(groups.get('web')).toEqual({
    hosts: new Map([
      ['web1.example.com', { tags: ['eu'] }],
      ['web2.example.com', { tags: ['eu'] }],
      ['10.0.0.9', { ansible_port: 2222 }],
    ]),
    children: new Set(),
    variables: { application: 'payments' },
  })
  expect(groups.get('production')).toMatchObject({
    children: new Set(['web']),
    variables: { environment: 'production' },
  })
})

test.each([
  ['plugin: google.cloud.gcp_compute\nprojects: [x]', 'write what the plugin finds to a file'],
  ['- web1\n- web2', 'it is not an Ansible inventory'],
  ['web: [web1]', 'it is not an Ansible inventory'],
  ['web:\n  host:\n    web1:', 'Unrecognized key: "host"'],
  ['web: { hosts: { "web[3:1]": } }', '[3:1] in web[3:1] is not a range'],
])('refuses %j', (text, words) => {
  expect(() => parseYamlInventory(text)).toThrow(words)
})

test('says where the YAML is wrong, and not what stands there', () => {
  const text = 'all:\n  vars: { ansible_password: hunter2, ]\n'

  expect(() => parseYamlInventory(text)).toThrow(/^it is not valid YAML at line 2, column \d+ \([A-Z_]+\)$/)
})
