import { expect, test } from 'vitest'
// @ts-expect-error set-up is plain JavaScript: it runs before TypeScript is there
import { missingPackages, planInstallation } from './debian-packages.mjs'

const machine = { hasApt: true, isRoot: false, hasSudo: false }

test('finds the packages of which a command is missing', () => {
  const missing = missingPackages((command: string) => command !== 'sshd' && command !== 'ssh-keygen', 'tests')

  expect(missing.map(({ name }: { name: string }) => name)).toEqual(['openssh-server', 'openssh-client'])
})

test('finds nothing missing when every command is there', () => {
  expect(missingPackages(() => true, 'tests')).toEqual([])
})

test('asks for a browser only where tests are to run, and for peers only where they are measured', () => {
  const missing = (purpose?: string) =>
    missingPackages((command: string) => !['chromium', 'fab'].includes(command), purpose).map(
      ({ name }: { name: string }) => name,
    )

  expect(missing()).toEqual([])
  expect(missing('tests')).toEqual(['chromium'])
  expect(missing('bench')).toEqual(['fabric'])
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
