import fc from 'fast-check'
import { stringify } from 'yaml'

const groups = ['web', 'db', 'eu', 'production', 'canary']
const group = fc.constantFrom(...groups)
const host = fc.constantFrom('web1', 'web2', 'db1.example', '10.0.0.9', 'lb_1')
const pattern = fc.oneof(
  { weight: 4, arbitrary: host },
  fc.constantFrom(
    'web[1:3]',
    'web[01:03].eu',
    'db-[a:c]',
    'n[1:9:4]',
    'p[:2]',
    'q[08:10]',
    'r[001:002]-[a:b].x',
    '[1:2].web',
    'web1:2222',
    's[1:2]:2222',
    '10.0.0.9:2200',
    '2001:db8::1',
    '[2001:db8::2]:2222',
    'web[a:C]',
    'x[3:3]',
  ),
)
const variable = fc.constantFrom('environment', 'application', 'tags', 'ansible_port', 'ansible_host', 'a', 'b')

const iniValue = fc.constantFrom(
  'x',
  '5',
  '0x10',
  '0o17',
  '010',
  '1.50',
  '-3',
  '1e3',
  'True',
  'true',
  'None',
  '"a b"',
  "'quoted'",
  `"['web','eu']"`,
  "['web','eu']",
  '"{\'a\': 1}"',
  '"(1, 2)"',
  '1,2',
  'a=b',
  'a#b',
  '"a # b"',
  String.raw`a\ b`,
  String.raw`"a\"b"`,
  '""',
  '[',
  "'a' 'b'",
  "\"'a' 'b'\"",
  '1_000',
  '{{ a }}',
  'yes',
  String.raw`"'\x41\n'"`,
  '[1, [2, {"a": None}]]',
  '5 # five',
)
const pair = fc.tuple(variable, iniValue).map(([name, value]) => `${name}=${value}`)
const priority = fc.constantFrom('ansible_group_priority=10', 'ansible_group_priority=0')
const comment = fc.constantFrom('', '', '', ' # said', '# said')

const hostLine = fc
  .tuple(pattern, fc.array(pair, { maxLength: 2 }), comment)
  .map(([name, pairs, said]) => [name, ...pairs].join(' ') + said)
const header = (kind: string) => fc.tuple(group, comment).map(([name, said]) => `[${name}${kind}]${said}`)
const section = (head: fc.Arbitrary<string>, line: fc.Arbitrary<string>) =>
  fc.tuple(head, fc.array(line, { maxLength: 3 })).map(([first, lines]) => [first, ...lines].join('\n'))

/** An Ansible inventory in INI, as people write them and with what they get wrong. */
export const iniInventory = fc
  .tuple(
    // Most groups are declared, so that most inventories are not refused for one that is not.
    fc.subarray(groups, { minLength: 4 }),
    fc.array(
      fc.oneof(
        { weight: 3, arbitrary: section(header(''), hostLine) },
        section(header(':vars'), fc.oneof({ weight: 4, arbitrary: pair }, priority)),
        section(header(':children'), group),
        section(fc.constantFrom('[all:vars]', '; nothing'), pair),
      ),
      { maxLength: 6 },
    ),
  )
  .map(([declared, sections]) => [...declared.map((name) => `[${name}]`), ...sections].join('\n'))

const yamlValue = fc.constantFrom<unknown>(
  'x',
  5,
  1.5,
  true,
  null,
  ['web', 'eu'],
  { a: 1 },
  'yes',
  '010',
  '1:30',
  '{{ a }}',
)
const variables = fc.dictionary(variable, yamlValue, { maxKeys: 3, noNullPrototype: true })
const hosts = fc.oneof(
  { weight: 4, arbitrary: fc.dictionary(pattern, fc.option(variables), { maxKeys: 3, noNullPrototype: true }) },
  pattern,
  fc.constant(null),
)
const yamlGroup = (depth: number): fc.Arbitrary<object | null> =>
  fc.option(
    fc.record(
      {
        hosts,
        vars: fc.oneof(variables, fc.constant({ ansible_group_priority: 5, a: 'of priority 5' })),
        ...(depth > 0 && {
          children: fc.oneof(fc.dictionary(group, yamlGroup(depth - 1), { maxKeys: 2, noNullPrototype: true }), group),
        }),
      },
      { requiredKeys: [], noNullPrototype: true },
    ),
  )

/** What Ansible reads as YAML 1.1 and others as 1.2, and merge keys. */
const yamlSpecial = fc.constantFrom(
  '',
  'special: { vars: { a: yes, b: 0o17, environment: 017, tags: [on, 1:30, 0x1F, 1_000, 2026-11-28] } }\n',
  'base: { vars: &base { a: merged, b: merged } }\nweb: { hosts: { web1: { <<: *base, b: own } } }\n',
  'x: { vars: &x { a: x }, hosts: { h1: &h { b: h } } }\ndb: { hosts: { db1: { <<: [*x, *h], environment: e } } }\n',
)

/** An Ansible inventory in YAML. */
export const yamlInventory = fc
  .tuple(
    fc.dictionary(fc.oneof(group, fc.constant('all')), yamlGroup(2), { maxKeys: 4, noNullPrototype: true }),
    yamlSpecial,
  )
  .map(
    ([content, special]) => special + (Object.keys(content).length > 0 ? stringify(content, { version: '1.1' }) : ''),
  )

const place = fc.oneof(
  fc.oneof(group, fc.constant('all')).map((name) => `group_vars/${name}`),
  host.map((name) => `host_vars/${name}`),
)
const suffix = fc.constantFrom(
  '',
  '.yml',
  '.yaml',
  '.json',
  '/main.yml',
  '/b',
  '/.hidden.yml',
  '/backup.yml~',
  '/x.txt',
)

/** Files in the folders group_vars and host_vars, by path: no folder beside a file of the same name. */
export const variableFiles = fc
  .uniqueArray(fc.tuple(place, suffix, variables), { maxLength: 3, selector: ([where]) => where })
  .map((files) => Object.fromEntries(files.map(([where, end, content]) => [where + end, JSON.stringify(content)])))
