import { accessSync, constants, existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { runCommand, tail } from './run-command.mjs'
import { SetupProblem, say } from './say.mjs'

/**
 * The Debian packages that the fleet stands on, by the commands, or files, that show one is there; those marked so are for one purpose alone.
 * @type {{ name: string, commands: string[], for?: 'tests' | 'bench' }[]}
 */
export const packages = [
  { name: 'redis-server', commands: ['redis-server'] },
  { name: 'haproxy', commands: ['haproxy'] },
  { name: 'openssh-server', commands: ['sshd'] },
  { name: 'openssh-client', commands: ['ssh', 'ssh-keygen'] },
  { name: 'goiardi', commands: ['goiardi'] },
  { name: 'runit', commands: ['runsv', 'sv'] },
  { name: 'socat', commands: ['socat'] },
  { name: 'util-linux', commands: ['setpriv'] },
  { name: 'bsdutils', commands: ['script'], for: 'tests' },
  { name: 'git', commands: ['git'], for: 'tests' },
  { name: 'git-lfs', commands: ['git-lfs'], for: 'tests' },
  { name: 'curl', commands: ['curl'], for: 'tests' },
  { name: 'wget', commands: ['wget'], for: 'tests' },
  { name: 'openssl', commands: ['openssl'], for: 'tests' },
  { name: 'zstd', commands: ['zstd'], for: 'tests' },
  { name: 'zip', commands: ['zip'], for: 'tests' },
  { name: 'unzip', commands: ['unzip', 'zipinfo'], for: 'tests' },
  { name: 'sudo', commands: ['sudo'], for: 'tests' },
  { name: 'faketime', commands: ['faketime'], for: 'tests' },
  { name: 'iproute2', commands: ['ip'], for: 'tests' },
  { name: 'zsh', commands: ['zsh'], for: 'tests' },
  { name: 'fish', commands: ['fish'], for: 'tests' },
  { name: 'tcsh', commands: ['tcsh'], for: 'tests' },
  { name: 'ksh93u+m', commands: ['ksh93'], for: 'tests' },
  { name: 'mksh', commands: ['mksh'], for: 'tests' },
  { name: 'busybox', commands: ['busybox'], for: 'tests' },
  { name: 'chromium', commands: ['chromium'], for: 'tests' },
  { name: 'shellcheck', commands: ['shellcheck'], for: 'tests' },
  { name: 'lua-check', commands: ['luacheck'], for: 'tests' },
  { name: 'prometheus', commands: ['prometheus', 'promtool'], for: 'tests' },
  { name: 'buildah', commands: ['buildah'], for: 'tests' },
  { name: 'docker-compose', commands: ['docker-compose'], for: 'tests' },
  { name: 'nginx', commands: ['nginx'], for: 'tests' },
  { name: 'caddy', commands: ['caddy'], for: 'tests' },
  { name: 'minisign', commands: ['minisign'], for: 'tests' },
  { name: 'ansible-core', commands: ['ansible-inventory'], for: 'tests' },
  { name: 'fabric', commands: ['fab'], for: 'bench' },
  { name: 'rsync', commands: ['rsync'], for: 'bench' },
  { name: 'gcc', commands: ['cc'], for: 'bench' },
  { name: 'libc6-dev', commands: ['/usr/include/stdio.h'], for: 'bench' },
  { name: 'ansible', commands: ['/usr/lib/python3/dist-packages/ansible_collections/community/general'], for: 'bench' },
  { name: 'ansible-mitogen', commands: ['/usr/lib/python3/dist-packages/ansible_mitogen/process.py'], for: 'bench' },
  { name: 'cpulimit', commands: ['cpulimit'], for: 'bench' },
  { name: 'strace', commands: ['strace'], for: 'bench' },
]

/**
 * Decides which packages are missing: those of which at least one command is not found.
 * @param {(command: string) => boolean} hasCommand
 * @param {'tests' | 'bench' | undefined} purpose what the machine is set up for, besides running a fleet
 */
export function missingPackages(hasCommand, purpose) {
  const isWanted = (/** @type {string | undefined} */ only) => only === undefined || only === purpose
  return packages.filter((one) => isWanted(one.for) && !one.commands.every(hasCommand))
}

/**
 * Decides how to install packages here, or says in words what a person must do.
 * @param {string[]} names
 * @param {{ hasApt: boolean, isRoot: boolean, hasSudo: boolean }} machine
 * @returns {{ prefix: string[] } | { problem: string }}
 */
export function planInstallation(names, { hasApt, isRoot, hasSudo }) {
  if (!hasApt) {
    const wanted = packages.filter(({ name }) => names.includes(name)).flatMap(({ commands }) => commands)
    return {
      problem: `these programs are needed and missing: ${wanted.join(', ')}\nThere is no apt-get here to install them with: install them in your system's way, then run this again.`,
    }
  }
  if (isRoot) return { prefix: [] }
  if (hasSudo) return { prefix: ['sudo', '-n'] }
  return {
    problem: `these packages are missing, and installing them needs root. Run this, then try again:\n  sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends ${names.join(' ')}'`,
  }
}

/**
 * Installs the packages that are missing; says which. Does nothing when all are there.
 * @param {'tests' | 'bench' | undefined} purpose what the machine is set up for, besides running a fleet
 */
export async function installPackages(purpose) {
  const names = missingPackages(hasCommand, purpose).map(({ name }) => name)
  if (names.length === 0) return
  const isRoot = process.getuid?.() === 0
  const plan = planInstallation(names, {
    hasApt: hasCommand('apt-get'),
    isRoot,
    hasSudo: !isRoot && hasCommand('sudo') && (await runCommand('sudo', ['-n', 'true'])).ok,
  })
  if ('problem' in plan) throw new SetupProblem(plan.problem)
  say(`installs Debian packages: ${names.join(' ')}`)
  await withoutStartingServices(plan.prefix, async () => {
    await apt(plan.prefix, ['update'])
    await apt(plan.prefix, ['install', '-y', '--no-install-recommends', ...names])
  })
  const still = missingPackages(hasCommand, purpose).map(({ name }) => name)
  if (still.length > 0)
    throw new SetupProblem(`apt-get installed ${still.join(', ')}, but their programs are not found`)
}

/** Looks a command up on PATH and where Debian keeps daemons, which an ordinary user's PATH leaves out. */
export function hasCommand(/** @type {string} */ command) {
  if (command.startsWith('/')) return existsSync(command)
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'].some((folder) => {
    try {
      const path = join(folder, command)
      accessSync(path, constants.X_OK)
      return folder !== '' && statSync(path).isFile()
    } catch {
      return false
    }
  })
}

/**
 * @param {string[]} prefix
 * @param {string[]} args
 */
async function apt(prefix, args) {
  // `env` after sudo, which would drop the variables. A fresh machine may be running its own apt: wait for its lock.
  const environment = ['env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1']
  const [program = '', ...rest] = [...prefix, ...environment, 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120', ...args]
  const { ok, output } = await runCommand(program, rest)
  if (!ok) throw new SetupProblem(`apt-get ${args.join(' ')} failed:\n${tail(output)}`)
}

const policy = '/usr/sbin/policy-rc.d'

/**
 * Debian starts a service as soon as it is installed; ours run from the fleet, on ports of its own.
 * A policy that is there already is the machine's owner's: it stays as it is.
 * @param {string[]} prefix
 * @param {() => Promise<void>} install
 */
async function withoutStartingServices(prefix, install) {
  if (existsSync(policy)) return install()
  const [program, ...rest] = prefix
  try {
    if (program)
      await runCommand(program, [
        ...rest,
        'sh',
        '-c',
        `printf '#!/bin/sh\\nexit 101\\n' >${policy} && chmod 755 ${policy}`,
      ])
    else writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' })
    await install()
  } finally {
    if (program) await runCommand(program, [...rest, 'rm', '-f', policy])
    else rmSync(policy, { force: true })
  }
}
