import {
  CommandLine,
  GitChangeset,
  HostPath,
  RelativePath,
  RunitService,
  type Service,
  SystemdService,
  Version,
} from '@vesemir/contract'
import type { RemoteSession } from '@vesemir/core'
import fc from 'fast-check'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServiceManagers } from '../service-manager/index.ts'
import { assignments } from './release-folder/assignments.ts'
import { releaseId } from './release-folder/release-id.ts'

// Every value that reaches a shell or a path on a host. What the schemas turn down is tried all the same where it is quoted.

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vesemir-hostile-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const pieces = [
  'a',
  'b.c',
  '/',
  '//',
  '.',
  '..',
  '../',
  '-rf',
  '-',
  '~',
  '*',
  '?',
  '{host}',
  '{version}',
  '$(touch hacked)',
  '`touch hacked`',
  ';touch hacked;',
  '&touch hacked&',
  '|touch hacked',
  '\ntouch hacked\n',
  "'",
  '"',
  '\\',
  '$IFS',
  ' ',
  '\t',
  '\r',
  'é',
  '%2e%2e',
  '@',
  '+',
]
const hostile = fc.oneof(
  { arbitrary: fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((some) => some.join('')), weight: 3 },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !text.includes('\0')), weight: 1 },
)
const wasHacked = () => existsSync(join(folder, 'hacked'))

describe('a path of a definition', () => {
  test('on a host is turned down, or is itself, and no host’s name leads out of it', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,12}$/)
    fc.assert(
      fc.property(hostile, name, (path, name) => {
        const onHost = path.replaceAll('{host}', name)
        const isItself = resolve(onHost) === onHost.replace(/\/$/, '')
        expect(isItself || !HostPath.safeParse(path).success).toBe(true)
      }),
      {
        examples: [
          ['/srv/{host}', 'a'],
          ['/srv/a..b/', 'a'],
        ],
      },
    )
  })

  test('below a release is turned down, or stays below it', () => {
    fc.assert(
      fc.property(hostile, (path) => {
        const isBelow = /^\/release\/./.test(resolve('/release', path))
        expect(isBelow || !RelativePath.safeParse(path).success).toBe(true)
      }),
      { examples: [['log/'], ['a/..b']] },
    )
  })

  test('of a release is one name, whatever the version is', () => {
    fc.assert(
      fc.property(hostile, (version) => {
        const id = releaseId(version, { content: '0'.repeat(64), made: [] })
        expect(/^[A-Za-z0-9][A-Za-z0-9._+~-]*$/.test(id) || !Version.safeParse(version).success).toBe(true)
      }),
      { examples: [['1.4.2'], ['a..b'], ['a/b'], ['a/../b']] },
    )
  })
})

describe('a value in a script that sh runs', () => {
  const sharedPaths = readFileSync(join(import.meta.dirname, 'release-folder/scripts/shared-paths.sh'), 'utf8')

  test('is in its variable as it was', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        const script = `${assignments({ value, other: 7 })}printf '%s|%s' "$value" "$other"`

        expect(execFileSync('sh', ['-c', script], { cwd: folder }).toString()).toBe(`${value}|7`)
        expect(wasHacked()).toBe(false)
      }),
      { numRuns: 25 },
    )
  })

  test('of shared paths makes links from below the release to below shared/, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 3 }), (paths) => {
        const good = paths.filter((path) => RelativePath.safeParse(path).success)
        // In folders of their own, and those that the schema turns down only where quoting alone keeps them out.
        const place = mkdtempSync(join(folder, 'release-'))
        for (const name of ['shared', 'work/release']) mkdirSync(join(place, name), { recursive: true })
        const values = assignments({ directory: '.', work: 'work', shared: good.join('\n') })
        const script = `${values}fail() { exit 0; }\n${sharedPaths}provide_shared\nlink_shared`

        const { status } = spawnSync('sh', ['-c', script], { cwd: place })

        expect(status).toBe(0)
        expect(readdirSync(place).toSorted()).toEqual(['shared', 'work'])
        expect(wasHacked()).toBe(false)
      }),
      { numRuns: 15, examples: [[['log/', 'a/b/c/']]] },
    )
  })

  test('of shared paths is a word even where no schema has seen it', () => {
    fc.assert(
      fc.property(hostile, (path) => {
        const values = assignments({ directory: '.', work: 'work', shared: path })
        const script = `${values}${sharedPaths}\nmkdir() { :; }; fail() { :; }; put_link() { :; }\nprovide_shared; link_shared`

        execFileSync('sh', ['-c', script], { cwd: folder })

        expect(wasHacked()).toBe(false)
      }),
      { numRuns: 25 },
    )
  })
})

describe('a service', () => {
  const fake = (name: string, body: string) => {
    mkdirSync(join(folder, 'bin'), { recursive: true })
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\nprintf '%s\\n' "$@" >> arguments\n${body}\n`, { mode: 0o755 })
  }

  test.each([
    ['systemd', 'systemctl', '{host}', (unit: string) => ({ kind: 'systemd', unit }), SystemdService],
    ['runit', 'sv', 'web-1', (service: string) => ({ kind: 'runit', service }), RunitService],
  ] as const)('of %s is one argument of its manager', (_, program, host, definition, schema) => {
    fake(program, 'exit 1')
    const session = {
      target: { name: 'web-1' },
      run: async (script: string, { env }: { env: Record<string, string> }) => {
        spawnSync('sh', ['-c', script], {
          cwd: folder,
          env: { PATH: `${folder}/bin:/usr/bin:/bin`, ...env },
          timeout: 2000,
        })
        return { stdout: '' }
      },
    } as unknown as RemoteSession
    const context = { session, env: {}, onLine: () => {}, signal: new AbortController().signal }

    return fc.assert(
      fc.asyncProperty(hostile, async (name) => {
        const seen = join(folder, 'arguments')
        rmSync(seen, { force: true })
        const parsed = schema.safeParse(definition(name))
        // One without a name ends its script at once.
        fc.pre(name !== '' && !name.includes('\n'))
        // What the schema turns down reaches the script as a value of its environment all the same.
        const given = parsed.success ? parsed.data : { ...definition(name), user: false, sudo: false, timeout: '1s' }
        await createServiceManagers()(given as Service).restart(given as Service, context)

        const told = existsSync(seen) ? readFileSync(seen, 'utf8').split('\n') : []
        expect(told).toContain(name.replaceAll('{host}', host))
        expect(wasHacked()).toBe(false)
        expect(parsed.success && name.startsWith('-')).toBe(false)
      }),
      { numRuns: 15 },
    )
  })
})

test('a repository and its revision are never taken for an option of git, nor lead out of their server', () => {
  const parts = fc.constantFrom(
    'https://',
    'ssh://',
    'file://',
    'git@',
    'h',
    '-',
    '--upload-pack=x',
    '/',
    '..',
    '/p',
    ' ',
    ';',
    '{version}',
    'ext::sh',
  )
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 6 }), fc.array(parts, { maxLength: 4 }), (repository, revision) => {
      const parsed = GitChangeset.safeParse({
        strategy: 'git',
        repository: repository.join(''),
        revision: revision.join('') || 'main',
        directory: '/srv/a',
      })
      const { repository: address, revision: wanted } = parsed.data ?? { repository: 'https://h/p', revision: 'main' }

      expect(address).toMatch(/^(?:https|ssh|file):\/\/[^-\s][^\s]*$/)
      expect(new URL(address).href).toBe(address)
      expect(wanted).toMatch(/^[^-\s][^\s]*$/)
    }),
    { examples: [[['https://', 'h', '/p'], []]] },
  )
})

test('a command is one line: what runs is what is seen', () => {
  fc.assert(
    fc.property(hostile, (command) => {
      expect(!CommandLine.safeParse(command).success || !/[\n\r\t]/.test(command)).toBe(true)
    }),
  )
})
