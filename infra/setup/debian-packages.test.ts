import { expect, test } from 'vitest'
// @ts-expect-error set-up is plain JavaScript: it runs before TypeScript is there
import { missingPackages, planInstallation } from './debian-packages.mjs'

const machine = { hasApt: true, isRoot: false, hasSudo: false }

test('finds the packages of which a command is missing', () => {
  const present = new Set(['redis-server', 'haproxy', 'ssh', 'goiardi', 'runsv', 'sv', 'socat'])

  const missing = missingPackages((command: string) => present.has(command), { withTests: false })

  expect(missing.map(({ name }: { name: string }) => name)).toEqual(['openssh-server', 'openssh-client'])
})

test('finds nothing missing when every command is there', () => {
  expect(missingPackages(() => true, { withTests: true })).toEqual([])
})

test('asks for a browser only where tests are to run', () => {
  const names = (withTests: boolean) =>
    missingPackages((command: string) => command !== 'chromium', { withTests }).map(
      ({ name }: { name: string }) => name,
    )

  expect(names(false)).toEqual([])
  expect(names(true)).toEqual(['chromium'])
})

test('installs as root, or through sudo when it asks no password', () => {
  expect(planInstallation(['runit'], { ...machine, isRoot: true })).toEqual({ prefix: [] })
  expect(planInstallation(['runit'], { ...machine, hasSudo: true })).toEqual({ prefix: ['sudo', '-n'] })
})

test('without root names the exact command for a person', () => {
  expect(planInstallation(['haproxy', 'runit'], machine).problem).toContain(
    'apt-get update && apt-get install -y --no-install-recommends haproxy runit',
  )
})

test('without apt-get names the programs and no packages', () => {
  const { problem } = planInstallation(['openssh-server', 'runit'], { ...machine, hasApt: false })

  expect(problem).toContain('sshd, runsv, sv')
  expect(problem).not.toContain('openssh-server')
})
